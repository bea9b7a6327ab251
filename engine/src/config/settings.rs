//! The resolved configuration of one process: what the rest of the engine reads instead of files, flags and
//! variables. Values only.

use super::environment::Variables;
use super::explain::Explained;
use super::flags::Color;
use super::requirements::Requirements;
use super::secrets;
use scenario_stdlib::host::browsing::Browsing;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that was decided before a run.
#[derive(Clone, Debug)]
pub struct Settings {
    pub project: Project,
    pub select: Select,
    pub run: Run,
    pub time: Time,
    pub http: Http,
    pub browser: Browsing,
    pub output: Output,
    pub telemetry: Telemetry,
    pub retention: Retention,
    /// When the private directory of a scenario is kept.
    pub keep: Keep,
    /// The tags there are; `None` when the project declares none and any will do.
    pub tags: Option<Vec<String>>,
    pub requirements: Requirements,
    /// The environment as scripts see it, each variable with its origin.
    pub variables: Variables,
    /// `vars.name` in scripts.
    pub vars: BTreeMap<String, Json>,
    /// Variables whose values are masked everywhere.
    pub secrets: Vec<String>,
    /// What should be said but stops nothing.
    pub warnings: Vec<String>,
    /// Every value with its origin, for `config --explain`; secrets are masked.
    pub explained: Vec<Explained>,
}

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The nearest folder upwards with a scenario.toml, else the current one.
    pub root: PathBuf,
    /// Where the command was typed; paths of flags are relative to it.
    pub cwd: PathBuf,
    /// The configuration that was read.
    pub file: Option<PathBuf>,
    /// `default` unless another was chosen.
    pub profile: String,
    /// The profiles there are, `default` among them.
    pub profiles: Vec<String>,
    /// What to run when no path is given, relative to the root.
    pub scripts: Vec<String>,
    /// Where `import` looks, absolute.
    pub modules: Vec<PathBuf>,
    /// Folder of runs, absolute.
    pub store: PathBuf,
}

/// Which scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Select {
    /// As typed, relative to the current folder; empty for all of the project.
    pub paths: Vec<String>,
    /// A tag expression.
    pub tags: Option<String>,
    /// A text or `/regex/`.
    pub grep: Option<String>,
    pub last_failed: bool,
    /// `(k, n)`: the kth of n parts.
    pub shard: Option<(u32, u32)>,
    /// File of what scenarios took, relative to the current folder.
    pub times: Option<String>,
}

/// How scenarios are run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub jobs: usize,
    /// For scenarios that set none themselves.
    pub retries: u32,
    pub flaky: Flaky,
    /// Start nothing more after this many failures.
    pub max_fail: Option<u32>,
    /// How often each scenario runs, at least once.
    pub repeat: u32,
    /// How many rounds scenarios do that say nothing themselves.
    pub rounds: u32,
    /// Stop behind the phase of this name.
    pub until: Option<String>,
    /// Park what waits for longer.
    pub max_wait: Option<Duration>,
    pub seed: u64,
    /// The seed of the order, if it is random.
    pub shuffle: Option<u64>,
    /// Scenarios known to take long start first.
    pub longest_first: bool,
    /// Whether what the machine lacks is an error.
    pub strict: bool,
    /// Whether `CI` is set.
    pub ci: bool,
    /// Whether a failure opens a prompt.
    pub stops_on_failure: bool,
}

/// Whether passing only after a failed try counts as passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Flaky {
    Pass,
    Fail,
}

/// When something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    Always,
    OnFailure,
    Never,
}

/// Time limits as configured; [`Time::scaled`] gives them as they are on this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Time {
    pub wait: Duration,
    pub phase: Duration,
    pub cleanup: Duration,
    /// Of the whole run.
    pub run: Option<Duration>,
    /// Multiplies every limit.
    pub scale: f64,
}

impl Time {
    /// A time limit as it is on this machine.
    pub fn scaled(&self, limit: Duration) -> Duration {
        Duration::try_from_secs_f64(limit.as_secs_f64() * self.scale).unwrap_or(Duration::MAX)
    }
}

/// How requests are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    pub base_url: Option<String>,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub timeout: Duration,
}

/// What is shown, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub reporters: Vec<Reporter>,
    pub verbose: u8,
    pub quiet: bool,
    pub color: Color,
}

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporter {
    pub name: String,
    /// The file it is written to, absolute; standard output if there is none.
    pub path: Option<PathBuf>,
}

/// Who is told of a run besides people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Telemetry {
    /// Requests and services are told which trace they belong to.
    pub traceparent: bool,
    /// Where traces are sent, without the path.
    pub otlp: Option<String>,
    /// Where the outcome of a run is posted.
    pub notify: Option<String>,
    /// Every run, not only bad ones.
    pub notify_always: bool,
}

/// How much the store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub runs: u64,
    pub bytes: u64,
}

impl Settings {
    /// What the configuration itself says must not be shown, by name: the variables of [`Settings::secrets`] that are
    /// set, headers that sign requests, and the password in the base URL.
    pub fn secret_values(&self) -> impl Iterator<Item = (&str, &str)> {
        let listed = self.secrets.iter().filter_map(|name| {
            let value = self.variables.get(name)?;
            Some((name.as_str(), value.as_str()))
        });
        let headers = self
            .http
            .headers
            .iter()
            .filter(|(name, _)| secrets::looks_secret(name))
            // What stands behind `Bearer` may turn up alone.
            .flat_map(|(name, value)| {
                let credential = value.split_whitespace().next_back();
                [Some(value.as_str()), credential]
                    .into_iter()
                    .flatten()
                    .map(move |value| (name.as_str(), value))
            });
        let password = self.http.base_url.as_deref().and_then(secrets::password_of);
        let password = password.map(|password| ("base_url", password));
        // Whoever knows the address of a chat can write there.
        let notify = self
            .telemetry
            .notify
            .as_deref()
            .map(|url| ("notify.url", url));
        listed.chain(headers).chain(password).chain(notify)
    }
}
