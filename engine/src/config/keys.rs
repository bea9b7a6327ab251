//! Every plain setting as a row: name, kind, default, variable and meaning. Strict reading, did-you-mean,
//! `config --explain` and the reference page all come from this table.

use super::value::Kind;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As in scenario.toml, dotted.
    pub name: &'static str,
    pub kind: Kind,
    /// As text; `None` if it is unset or depends on the machine.
    pub default: Option<&'static str>,
    /// The variable that overrides it.
    pub variable: Option<&'static str>,
    pub help: &'static str,
}

const fn key(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    variable: Option<&'static str>,
    help: &'static str,
) -> Key {
    Key {
        name,
        kind,
        default,
        variable,
        help,
    }
}

/// The plain settings, in the order people read about them.
pub const KEYS: &[Key] = &[
    key(
        "scripts",
        Kind::Texts,
        Some("scenarios/**/*.rhai"),
        None,
        "What `scenario run` runs when it is given no path: files, folders or patterns.",
    ),
    key(
        "modules",
        Kind::Texts,
        Some(""),
        None,
        "Folders that `import` looks in, after the folder of the importing file.",
    ),
    key(
        "base_url",
        Kind::Url,
        None,
        Some("SCENARIO_BASE_URL"),
        "What relative URLs are resolved against.",
    ),
    key(
        "http.timeout",
        Kind::Duration,
        Some("30s"),
        Some("SCENARIO_HTTP_TIMEOUT"),
        "Time limit of one HTTP request.",
    ),
    key(
        "browser.headed",
        Kind::Flag,
        Some("false"),
        Some("HEADED"),
        "Whether the windows of browsers are shown.",
    ),
    key(
        "browser.slow_mo",
        Kind::Duration,
        Some("0s"),
        Some("SCENARIO_SLOW_MO"),
        "How long each action in a page waits before it acts, for people who look on.",
    ),
    key(
        "browser.trace",
        Kind::Choice(&["on", "retain-on-failure", "off"]),
        Some("off"),
        Some("SCENARIO_TRACE"),
        "Whether each action in a page is kept with a picture of before and after.",
    ),
    key(
        "browser.viewport",
        Kind::Text,
        Some("1280x720"),
        Some("SCENARIO_VIEWPORT"),
        "The size of pages: 1280x720, or DESKTOP (1920x1080), LAPTOP, TABLET (1024x768), MOBILE (320x480).",
    ),
    key(
        "browser.test_id_attribute",
        Kind::Text,
        Some("data-testid"),
        None,
        "The attribute that `get_by_test_id` looks at.",
    ),
    key(
        "browser.url",
        Kind::Url,
        None,
        Some("WEBDRIVER_URL"),
        "Where somebody else's WebDriver answers, such as a Selenium Grid; a browser is started here if unset.",
    ),
    key(
        "browser.processes",
        Kind::Count(1),
        None,
        Some("SCENARIO_BROWSERS"),
        "How many browsers share the work; one for each core, at most four, if unset.",
    ),
    key(
        "browser.program",
        Kind::Text,
        None,
        None,
        "The browser to start; the variable CHROME, or the usual places, if unset.",
    ),
    key(
        "browser.driver",
        Kind::Text,
        None,
        None,
        "The chromedriver to start; the variable CHROMEDRIVER, or the usual places, if unset.",
    ),
    key(
        "browser.args",
        Kind::Texts,
        Some(""),
        None,
        "More arguments for browsers that are started here.",
    ),
    key(
        "wait_timeout",
        Kind::Duration,
        Some("30s"),
        Some("SCENARIO_WAIT_TIMEOUT"),
        "Time limit of `wait_until` and retrying expectations. How long a phase waits for its `ready` is its option `within`, 10m unless set.",
    ),
    key(
        "phase_timeout",
        Kind::Duration,
        Some("3m"),
        Some("SCENARIO_PHASE_TIMEOUT"),
        "Executing time of one phase.",
    ),
    key(
        "cleanup_timeout",
        Kind::Duration,
        Some("30s"),
        Some("SCENARIO_CLEANUP_TIMEOUT"),
        "Time for ending what a scenario started.",
    ),
    key(
        "timeout",
        Kind::Duration,
        None,
        Some("SCENARIO_TIMEOUT"),
        "Time limit of the whole run.",
    ),
    key(
        "time_scale",
        Kind::Scale,
        Some("1"),
        Some("SCENARIO_TIME_SCALE"),
        "Multiplies every time limit, for slow machines.",
    ),
    key(
        "jobs",
        Kind::Jobs,
        Some("natural"),
        Some("SCENARIO_JOBS"),
        "How many phases execute at once; natural is four for each core, at least eight.",
    ),
    key(
        "retries",
        Kind::Count(0),
        Some("0"),
        Some("SCENARIO_RETRIES"),
        "Further tries after a failed one, for scenarios that set none themselves.",
    ),
    key(
        "flaky",
        Kind::Choice(&["pass", "fail"]),
        Some("pass"),
        Some("SCENARIO_FLAKY"),
        "Whether passing only after a failed try passes or fails the run.",
    ),
    key(
        "max_fail",
        Kind::Count(1),
        None,
        Some("SCENARIO_MAX_FAIL"),
        "Start nothing more after this many failed scenarios.",
    ),
    key(
        "strict",
        Kind::Flag,
        None,
        Some("SCENARIO_STRICT"),
        "Whether what the machine lacks is an error instead of a reason to skip; on where CI is set.",
    ),
    key(
        "order",
        Kind::Choice(&["declared", "longest-first"]),
        Some("declared"),
        Some("SCENARIO_ORDER"),
        "In which order scenarios start, within their tier.",
    ),
    key(
        "shuffle",
        Kind::Shuffle,
        Some("false"),
        Some("SCENARIO_SHUFFLE"),
        "Start scenarios in a random order: true, or the seed of the order.",
    ),
    key(
        "seed",
        Kind::Count(0),
        None,
        Some("SCENARIO_SEED"),
        "Seed of all randomness of a run; another one each run unless it is set.",
    ),
    key(
        "tags",
        Kind::Texts,
        None,
        None,
        "The tags there are; when given, any other tag is an error.",
    ),
    key(
        "secrets",
        Kind::Texts,
        Some(""),
        None,
        "Variables whose values are masked everywhere, besides those read with `secret`.",
    ),
    key(
        "store",
        Kind::Text,
        Some(".scenario"),
        Some("SCENARIO_STORE"),
        "Folder of runs and their artifacts.",
    ),
    key(
        "retention.runs",
        Kind::Count(1),
        Some("50"),
        None,
        "How many runs the store keeps.",
    ),
    key(
        "retention.bytes",
        Kind::Size,
        Some("2GiB"),
        None,
        "How large the store may grow.",
    ),
    key(
        "artifacts.keep",
        Kind::Choice(&["always", "on-failure", "never"]),
        Some("on-failure"),
        Some("SCENARIO_KEEP"),
        "When the private directory of a scenario is kept.",
    ),
    key(
        "telemetry.traceparent",
        Kind::Flag,
        Some("true"),
        Some("SCENARIO_TRACEPARENT"),
        "Whether requests carry a `traceparent` header and services a `TRACEPARENT` variable.",
    ),
    key(
        "telemetry.otlp",
        Kind::Url,
        None,
        Some("OTEL_EXPORTER_OTLP_ENDPOINT"),
        "Where traces are sent at the end of a run: OpenTelemetry over HTTP, `/v1/traces` below this URL.",
    ),
    key(
        "notify.url",
        Kind::Url,
        None,
        Some("SCENARIO_NOTIFY_URL"),
        "Where the outcome of a run is posted, as JSON that chats understand.",
    ),
    key(
        "notify.when",
        Kind::Choice(&["always", "bad"]),
        Some("bad"),
        None,
        "Whether every run is told there, or only one that somebody has to look at.",
    ),
    key(
        "color",
        Kind::Choice(&["auto", "always", "never"]),
        Some("auto"),
        Some("SCENARIO_COLOR"),
        "Whether the terminal is written to in colour.",
    ),
];

/// Tables whose keys are the user's own.
pub const OPEN_TABLES: &[(&str, &str)] = &[
    ("http.headers", "Headers sent with every request."),
    (
        "browser.capabilities",
        "What is asked of somebody else's WebDriver.",
    ),
    ("env", "Variables, below those of env files."),
    ("vars", "Values for scripts, as `vars.name`."),
    (
        "requires",
        "What a name in `requires: […]` asks of the machine.",
    ),
];

/// The list of reporters: names, or tables of `name` and `path`.
pub const REPORTERS: &str = "reporters";

/// The setting called `name`.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether `name` is a table with settings in it.
pub fn is_group(name: &str) -> bool {
    let names = KEYS.iter().map(|key| key.name);
    names
        .chain(OPEN_TABLES.iter().map(|(name, _)| *name))
        .any(|known| {
            known
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('.'))
        })
}

/// What may stand directly inside the table `group`; the empty one is the file itself.
pub fn names_in(group: &str) -> Vec<&'static str> {
    let names = KEYS.iter().map(|key| key.name);
    let mut found: Vec<&str> = names
        .chain(OPEN_TABLES.iter().map(|(name, _)| *name))
        .chain([REPORTERS])
        .filter_map(|name| match group {
            "" => Some(name),
            group => name.strip_prefix(group)?.strip_prefix('.'),
        })
        .filter_map(|rest| rest.split('.').next())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_kind() {
        for key in KEYS {
            if let Some(default) = key.default {
                assert!(key.kind.read_text(default).is_ok(), "{}", key.name);
            }
        }
    }

    #[test]
    fn names_of_a_table() {
        assert_eq!(names_in("http"), ["headers", "timeout"]);
        assert_eq!(names_in("retention"), ["bytes", "runs"]);
        assert!(names_in("").contains(&"http"));
        assert!(is_group("http") && !is_group("jobs") && !is_group("htt"));
    }
}
