//! What can be typed, as a plain value. Parses single words only; what they mean together is decided by `load`.

use super::settings::Flaky;
use super::value;
use clap::{ArgAction, Args, ValueEnum};
use scenario_stdlib::host::duration::{self, DurationError};
use serde_json::Value as Json;
use std::time::Duration;

/// All flags of `run`; other commands take some of its groups.
#[derive(Args, Clone, Debug, Default, PartialEq)]
pub struct Flags {
    #[command(flatten)]
    pub select: SelectFlags,
    #[command(flatten)]
    pub run: RunFlags,
    #[command(flatten)]
    pub settings: SettingFlags,
    #[command(flatten)]
    pub output: OutputFlags,
}

/// Which scenarios: `run`, `list`, `plan`, `check`.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "Which scenarios")]
pub struct SelectFlags {
    /// Files, folders, patterns, FILE:LINE or FILE::NAME; all scripts of the project if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,

    /// Only scenarios whose tags match: "smoke and not slow", or "a,b" for either
    #[arg(short = 'g', long = "tags", value_name = "EXPR")]
    pub tags: Vec<String>,

    /// Only scenarios whose file::name contains TEXT or matches /REGEX/
    #[arg(short = 'k', long = "grep", value_name = "TEXT")]
    pub grep: Option<String>,

    /// Only scenarios that did not pass in the last run
    #[arg(long)]
    pub last_failed: bool,

    /// Only the Kth of N parts of the selection
    #[arg(long, value_name = "K/N", value_parser = shard)]
    pub shard: Option<(u32, u32)>,

    /// Balance the parts by the seconds in FILE, which the reporter `times` wrote; the same file gives the same parts
    #[arg(long, value_name = "FILE", requires = "shard")]
    pub times: Option<String>,
}

/// How they are run: `run`.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "How they are run")]
pub struct RunFlags {
    /// How many phases execute at once: a number or "natural"
    #[arg(short = 'j', long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<Jobs>,

    /// Further tries after a failed one, for scenarios that set none themselves
    #[arg(long, value_name = "N")]
    pub retries: Option<u32>,

    /// Start nothing more after the first failure
    #[arg(long, conflicts_with = "max_fail")]
    pub fail_fast: bool,

    /// Start nothing more after N failures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_fail: Option<u32>,

    /// Run every scenario N times
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub repeat: Option<u32>,

    /// Do every scenario N rounds that sets none itself: each begins with an empty state when the one before has passed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rounds: Option<u32>,

    /// Stop behind the phase of this name; `scenario resume` goes on
    #[arg(long, value_name = "NAME")]
    pub phase: Option<String>,

    /// Park scenarios that wait for longer; `scenario resume` goes on
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub max_wait: Option<Duration>,

    /// Start in a random order; the same SEED gives the same order
    #[arg(long, value_name = "SEED", num_args = 0..=1)]
    pub shuffle: Option<Option<String>>,

    /// Seed of all randomness of the run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=value::HIGHEST))]
    pub seed: Option<u64>,

    /// Multiply every time limit, for slow machines
    #[arg(long, value_name = "FACTOR", value_parser = scale)]
    pub time_scale: Option<f64>,

    /// Time limit of the whole run
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub timeout: Option<Duration>,

    /// Executing time of a phase that sets none itself
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub phase_timeout: Option<Duration>,

    /// Time limit of waits and retrying expectations that set none themselves
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub wait_timeout: Option<Duration>,

    /// What the machine lacks is an error instead of a reason to skip
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub strict: Option<bool>,

    /// Whether passing only after a failed try passes or fails the run
    #[arg(long, value_name = "HOW")]
    pub flaky: Option<Flaky>,

    /// What to do when a scenario fails: go on and report it, or open a prompt in its midst
    #[arg(long, value_name = "HOW")]
    pub on_failure: Option<OnFailure>,

    /// Keep the private directories of all scenarios
    #[arg(long, conflicts_with = "keep_on_failure")]
    pub keep: bool,

    /// Keep the private directories of scenarios that did not pass, which is the default
    #[arg(long)]
    pub keep_on_failure: bool,
}

/// Where and with what: every command that loads scripts.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "Where and with what")]
pub struct SettingFlags {
    /// Profile of scenario.toml
    #[arg(short = 'p', long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Set a variable of the environment that scripts see
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = env)]
    pub env: Vec<(String, String)>,

    /// Set `vars.NAME` for scripts; VALUE is JSON if it can be, else text
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = var)]
    pub var: Vec<(String, Json)>,

    /// What relative URLs are resolved against
    #[arg(short = 'u', long, value_name = "URL", value_parser = base_url)]
    pub base_url: Option<String>,

    /// Show the windows of browsers
    #[arg(long)]
    pub headed: bool,

    /// Wait before each action in a page, for people who look on
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub slow_mo: Option<Duration>,

    /// Keep each action in a page with a picture of before and after
    #[arg(long, value_name = "WHEN")]
    pub trace: Option<Trace>,

    /// Size of pages: WIDTHxHEIGHT, DESKTOP, LAPTOP, TABLET or MOBILE
    #[arg(long, value_name = "SIZE")]
    pub viewport: Option<String>,

    /// Use the browsers of a WebDriver, such as a Selenium Grid
    #[arg(long, value_name = "URL", value_parser = base_url)]
    pub browser_url: Option<String>,

    /// Folder of runs and their artifacts
    #[arg(long, value_name = "DIR")]
    pub store: Option<String>,
}

/// What is shown: every command.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = "What is shown")]
pub struct OutputFlags {
    /// Write a report, to PATH or to standard output; may be given more than once
    #[arg(long, value_name = "NAME[=PATH]", value_parser = reporter)]
    pub reporter: Vec<(String, Option<String>)>,

    /// The event stream as JSON lines on standard output
    #[arg(long)]
    pub json: bool,

    /// Show more; twice for even more
    #[arg(short = 'v', long, action = ArgAction::Count)]
    pub verbose: u8,

    /// Show only failures and the sum
    #[arg(short = 'q', long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Whether to write in colour
    #[arg(long, value_name = "WHEN")]
    pub color: Option<Color>,
}

/// What to do when a scenario fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    #[default]
    Report,
    Repl,
}

/// Whether to write in colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// Which pictures of actions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Trace {
    On,
    /// Of phases that did not pass
    RetainOnFailure,
    Off,
}

/// `--jobs`: `None` is natural. A type of its own, because an `Option` would tell clap that the value is optional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jobs(pub Option<usize>);

/// The SEED of `--shuffle` is optional, so that clap gives it the path in `--shuffle scenarios/a.rhai`; here it is
/// handed back.
impl Flags {
    /// The paths that were meant.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = self.select.paths.clone();
        if let Some(Some(word)) = &self.run.shuffle
            && word.parse::<u64>().is_err()
        {
            paths.push(word.clone());
        }
        paths
    }

    /// Whether to shuffle, and with which seed.
    pub fn shuffle(&self) -> Option<Option<u64>> {
        let word = self.run.shuffle.as_ref()?;
        Some(word.as_ref().and_then(|word| word.parse().ok()))
    }
}

fn time(text: &str) -> Result<Duration, String> {
    duration::parse(text).map_err(|error| format!("{error}; {}", DurationError::HINT))
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor > 0.0 && factor.is_finite() => Ok(factor),
        _ => Err("expected a number above 0".into()),
    }
}

fn jobs(text: &str) -> Result<Jobs, String> {
    match text.parse::<usize>() {
        Ok(number @ 1..) => Ok(Jobs(Some(number))),
        _ if text == "natural" => Ok(Jobs(None)),
        _ => Err("expected \"natural\" or a whole number, at least 1".into()),
    }
}

fn shard(text: &str) -> Result<(u32, u32), String> {
    let parts = text.split_once('/');
    let numbers = parts.and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
    match numbers {
        Some((k, n)) if 1 <= k && k <= n => Ok((k, n)),
        Some((k, n)) => Err(format!("there is no part {k} of {n}; the first is 1/{n}")),
        None => Err("expected K/N, such as 1/4".into()),
    }
}

fn pair<'a>(text: &'a str, flag: &str) -> Result<(&'a str, &'a str), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim(), value)),
        _ => Err(format!("expected NAME=VALUE, as in {flag} NAME=VALUE")),
    }
}

fn env(text: &str) -> Result<(String, String), String> {
    let (name, value) = pair(text, "--env")
        .map_err(|error| format!("{error}; an environment of scenario.toml is --profile {text}"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn var(text: &str) -> Result<(String, Json), String> {
    let (name, value) = pair(text, "--var")?;
    let json = serde_json::from_str(value).unwrap_or_else(|_| Json::String(value.to_owned()));
    Ok((name.to_owned(), json))
}

fn base_url(text: &str) -> Result<String, String> {
    value::url(text).map_err(|wrong| match wrong {
        value::Wrong::Value { why, hint } => match hint {
            Some(hint) => format!("{why}; {hint}"),
            None => why,
        },
        value::Wrong::Type(got) => got,
    })
}

fn reporter(text: &str) -> Result<(String, Option<String>), String> {
    match text.split_once('=') {
        Some((_, "")) => Err("a path is missing behind `=`".into()),
        Some((name, path)) => Ok((name.to_owned(), Some(path.to_owned()))),
        None => Ok((text.to_owned(), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Parser, Debug)]
    struct Typed {
        #[command(flatten)]
        flags: Flags,
    }

    fn typed(args: &[&str]) -> Flags {
        let args = ["scenario"].into_iter().chain(args.iter().copied());
        Typed::try_parse_from(args).unwrap().flags
    }

    fn refused(args: &[&str]) -> String {
        let args = ["scenario"].into_iter().chain(args.iter().copied());
        Typed::try_parse_from(args).unwrap_err().to_string()
    }

    #[test]
    fn the_flags_are_well_formed() {
        Typed::command().debug_assert();
        assert_eq!(typed(&[]), Flags::default());
    }

    #[test]
    fn o12_variables_are_json_if_they_can_be() {
        let flags = typed(&[
            "--var",
            "n=3",
            "--var",
            "who=Ada",
            "--var",
            r#"o={"a":[1]}"#,
        ]);
        let expected = [
            ("n".to_owned(), serde_json::json!(3)),
            ("who".to_owned(), serde_json::json!("Ada")),
            ("o".to_owned(), serde_json::json!({"a": [1]})),
        ];
        assert_eq!(flags.settings.var, expected);
    }

    #[test]
    fn o12_an_environment_name_is_a_profile() {
        assert!(refused(&["--env", "staging"]).contains("is --profile staging"));
        let flags = typed(&["--env", "A=b=c"]);
        assert_eq!(flags.settings.env, [("A".to_owned(), "b=c".to_owned())]);
    }

    #[test]
    fn c39_shuffle_takes_a_seed_but_no_path() {
        assert_eq!(typed(&["--shuffle", "42"]).shuffle(), Some(Some(42)));
        let flags = typed(&["--shuffle", "a.rhai"]);
        assert_eq!(flags.shuffle(), Some(None));
        assert_eq!(flags.paths(), ["a.rhai"]);
        assert_eq!(typed(&["a.rhai", "--shuffle"]).shuffle(), Some(None));
    }

    #[test]
    fn wrong_words_say_what_is_accepted() {
        assert!(refused(&["--shard", "3/2"]).contains("there is no part 3 of 2"));
        assert!(refused(&["--shard", "x"]).contains("expected K/N"));
        assert!(refused(&["--timeout", "5 hourglasses"]).contains("no unit of time"));
        assert!(refused(&["--jobs", "0"]).contains("at least 1"));
        assert!(refused(&["-u", "localhost"]).contains("did you mean `http://localhost`?"));
        assert!(refused(&["--repeat", "0"]).contains("--repeat"));
        assert!(refused(&["--fail-fast", "--max-fail", "2"]).contains("cannot be used with"));
    }

    #[test]
    fn strict_can_be_switched_off() {
        assert_eq!(typed(&["--strict", "a.rhai"]).run.strict, Some(true));
        assert_eq!(typed(&["--strict=false"]).run.strict, Some(false));
    }

    #[test]
    fn a14_time_is_stretched() {
        assert_eq!(typed(&["--time-scale", "3"]).run.time_scale, Some(3.0));
        assert!(refused(&["--time-scale", "0"]).contains("above 0"));
    }
}
