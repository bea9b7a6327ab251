//! What is the same for every attempt of a run. Whoever resolves settings builds it once.

use super::browsing::Browsing;
use super::extensions::Extensions;
use super::mask::Masker;
use super::scope::Scopes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The run as a script may see it.
#[derive(Debug)]
pub struct World {
    /// Constant through every phase and process of a run (`run.id`).
    pub run_id: String,
    /// Seeds all randomness of the run; printed, and settable.
    pub seed: u64,
    /// Directory that script paths are relative to.
    pub project: PathBuf,
    /// Where this run keeps attachments and private directories.
    pub run_dir: PathBuf,
    /// Where the guard notes what it has started, for the next run to end it if this one cannot; `None`: nowhere.
    pub ledgers: Option<PathBuf>,
    /// The environment as layered by the configuration; scripts see no other.
    pub env: BTreeMap<String, String>,
    /// `--var key=value` and the profile's variables (`vars.key`).
    pub vars: BTreeMap<String, Value>,
    /// Name of the profile in force, such as "staging".
    pub profile: String,
    /// What relative URLs are resolved against.
    pub base_url: Option<String>,
    /// Headers sent with every request.
    pub http_headers: BTreeMap<String, String>,
    /// Default time limit of `wait_until` and retrying expectations. Phases wait for their `ready` by `within`.
    pub wait_timeout: Duration,
    /// Default time limit of one HTTP request.
    pub http_timeout: Duration,
    /// How browsers are run.
    pub browsing: Browsing,
    /// Multiplies every time limit, for slow machines (`--time-scale`).
    pub time_scale: f64,
    /// Whether somebody looks on, so that what services write is told as it comes (`-v`).
    pub live_output: bool,
    /// Whether requests and services are told which trace they belong to.
    pub traceparent: bool,
    /// What is done with the directories of stacks when nobody says: kept on failure, always (`--keep`), never.
    pub keep_dirs: Keeping,
    /// What must not be shown anywhere.
    pub masker: Masker,
    /// Where a primitive keeps what all attempts of this process share, such as connection pools and fixtures.
    pub shared: Extensions,
    /// What outlives a phase, by whose it is.
    pub scopes: Scopes,
}

/// Whether private directories are left for whoever looks into them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    #[default]
    OnFailure,
    Always,
    Never,
}

impl Keeping {
    /// Whether to keep what belongs to something that failed, or did not.
    pub fn keeps(self, failed: bool) -> bool {
        match self {
            Self::OnFailure => failed,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

impl World {
    /// A time limit as it is on this machine.
    pub fn scaled(&self, limit: Duration) -> Duration {
        limit.mul_f64(self.time_scale)
    }
}

impl Default for World {
    /// A world for tests and the REPL: nothing configured.
    fn default() -> Self {
        Self {
            run_id: "r-test".into(),
            seed: 1,
            project: PathBuf::from("."),
            run_dir: std::env::temp_dir(),
            ledgers: None,
            env: BTreeMap::new(),
            vars: BTreeMap::new(),
            profile: "default".into(),
            base_url: None,
            http_headers: BTreeMap::new(),
            wait_timeout: Duration::from_secs(30),
            http_timeout: Duration::from_secs(30),
            browsing: Browsing::default(),
            time_scale: 1.0,
            live_output: false,
            traceparent: false,
            keep_dirs: Keeping::default(),
            masker: Masker::default(),
            shared: Extensions::default(),
            scopes: Scopes::default(),
        }
    }
}
