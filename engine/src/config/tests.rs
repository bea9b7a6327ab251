//! Whole configurations in a directory, from typed flags to settings.

use super::{Color, Flags, Invocation, Keep, Origin, Settings, load};
use clap::Parser;
use scenario_stdlib::host::failure::Kind;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

#[derive(Parser)]
struct Typed {
    #[command(flatten)]
    flags: Flags,
}

/// A project on disk and what is typed in it.
struct Case {
    dir: tempfile::TempDir,
    environment: BTreeMap<String, String>,
    args: Vec<String>,
    cwd: String,
}

impl Case {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            environment: BTreeMap::new(),
            args: vec!["scenario".into()],
            cwd: String::new(),
        }
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.args.extend(args.map(str::to_owned));
        self
    }

    fn cwd(mut self, cwd: &str) -> Self {
        self.cwd = cwd.into();
        self
    }

    fn root(&self) -> &Path {
        self.dir.path()
    }

    fn load(&self) -> Result<Settings, Vec<String>> {
        let flags = Typed::try_parse_from(&self.args).unwrap().flags;
        let call = Invocation {
            cwd: self.dir.path().join(&self.cwd),
            environment: self.environment.clone(),
            flags: &flags,
            cores: 2,
            fresh_seed: 99,
            reporters: &["terminal", "junit", "json", "tap"],
        };
        load(&call).map_err(|failures| {
            assert!(failures.iter().all(|failure| failure.kind == Kind::Usage));
            failures.iter().map(|failure| failure.render()).collect()
        })
    }

    fn good(&self) -> Settings {
        self.load().unwrap()
    }

    fn bad(&self) -> Vec<String> {
        self.load().unwrap_err()
    }
}

fn explained(settings: &Settings, name: &str) -> String {
    let row = settings.explained.iter().find(|row| row.name == name);
    row.unwrap_or_else(|| panic!("{name} is not explained"))
        .to_string()
}

#[test]
fn without_any_file_there_are_defaults() {
    let case = Case::new();
    let settings = case.good();
    assert_eq!(settings.project.root, case.root());
    assert_eq!(settings.project.profile, "default");
    assert_eq!(settings.project.scripts, ["scenarios/**/*.rhai"]);
    assert_eq!(settings.project.store, case.root().join(".scenario"));
    assert_eq!(settings.run.jobs, 8);
    assert_eq!(settings.run.seed, 99);
    assert_eq!(settings.run.repeat, 1);
    assert_eq!(settings.time.phase, Duration::from_secs(180));
    assert_eq!(settings.time.cleanup, Duration::from_secs(30));
    assert_eq!(settings.keep, Keep::OnFailure);
    assert_eq!(settings.output.reporters.len(), 1);
    assert_eq!(settings.tags, None);
    assert_eq!(
        explained(&settings, "jobs"),
        "jobs = 8  [natural for 2 cores]"
    );
    assert_eq!(
        explained(&settings, "strict"),
        "strict = false  [CI is not set]"
    );
    assert_eq!(
        explained(&settings, "base_url"),
        "base_url = (not set)  [default]"
    );
}

#[test]
fn o20_the_wait_default_is_30_seconds_and_settable() {
    assert_eq!(Case::new().good().time.wait, Duration::from_secs(30));
    let case = Case::new().file("scenario.toml", "wait_timeout = \"1m\"");
    assert_eq!(case.good().time.wait, Duration::from_secs(60));
    let case = case.args(["--wait-timeout", "5s"]);
    assert_eq!(case.good().time.wait, Duration::from_secs(5));
}

#[test]
fn the_project_is_the_nearest_folder_upwards_with_a_configuration() {
    let case = Case::new()
        .file("scenario.toml", "store = \"runs\"")
        .file("a/b/x.txt", "")
        .cwd("a/b");
    let settings = case.good();
    assert_eq!(settings.project.root, case.root());
    assert_eq!(settings.project.store, case.root().join("runs"));
    let case = case.args(["--store", "here"]);
    assert_eq!(case.good().project.store, case.root().join("a/b/here"));
}

#[test]
fn p25_env_files_are_layered_and_each_value_knows_its_origin() {
    let case = Case::new()
        .file("scenario.toml", "[env]\nA = 0\nZ = \"toml\"")
        .file(".env", "A=1\nB=1\nC=1\nD=1\nDB_PASSWORD=hush")
        .file("scenarios/.env", "\nB=2\nC=2\nD=2")
        .env("C", "3")
        .env("D", "3")
        .env("HOME", "/h")
        .args(["--env", "D=4"]);
    let settings = case.good();
    let value = |name| settings.variables.get(name).map(String::as_str);
    let values = ["A", "B", "C", "D", "Z"].map(value);
    assert_eq!(values.map(Option::unwrap), ["1", "2", "3", "4", "toml"]);
    assert_eq!(
        explained(&settings, "env.A"),
        "env.A = 1  [.env:1, over scenario.toml:2]"
    );
    assert_eq!(
        explained(&settings, "env.D"),
        "env.D = 4  [--env, over environment, over scenarios/.env:4, over .env:4]"
    );
    assert_eq!(
        explained(&settings, "env.DB_PASSWORD"),
        "env.DB_PASSWORD = [masked:DB_PASSWORD]  [.env:5]"
    );
    assert!(!settings.explained.iter().any(|row| row.name == "env.HOME"));
}

#[test]
fn p25_the_environment_of_a_profile_is_above_the_general_one() {
    let case = Case::new()
        .file(
            "scenario.toml",
            "[profile.staging.env]\nHOST = \"toml\"\nX = \"toml\"",
        )
        .file(".env", "HOST=local\nX=local\nY=local")
        .file(".env.staging", "HOST=staging")
        .file("scenarios/.env", "Y=near")
        .file("scenarios/.env.staging", "Y=near-staging");
    let host = |settings: &Settings, name| settings.variables.get(name).unwrap().clone();
    let settings = case.good();
    assert_eq!(host(&settings, "HOST"), "local");
    assert_eq!(host(&settings, "Y"), "near");
    let settings = case.args(["-p", "staging"]).good();
    assert_eq!(host(&settings, "HOST"), "staging");
    assert_eq!(host(&settings, "X"), "toml");
    assert_eq!(host(&settings, "Y"), "near-staging");
}

#[test]
fn p25_folders_beside_each_other_must_agree() {
    let case = Case::new()
        .file("scenario.toml", "scripts = [\"a/*.rhai\", \"b/*.rhai\"]")
        .file("a/.env", "X=1\nSAME=1")
        .file("b/.env", "SAME=1\nX=2");
    assert_eq!(
        case.bad(),
        [
            "`X` has different values in a/.env:1 and b/.env:2\n  hint: a run has one environment: choose with --env X=…, or run the folders one by one"
        ]
    );
    assert!(case.args(["--env", "X=3"]).load().is_ok());
}

#[test]
fn o17_variables_of_a_profile_fall_back_to_the_default() {
    let case = Case::new().file(
        "scenario.toml",
        "[vars]\nuser = \"ada\"\nrows = 5\n[profile.default.vars]\nrows = 6\n\
         [profile.base]\nretries = 1\n[profile.staging]\nextends = \"base\"\nvars = { user = \"bob\" }",
    );
    let settings = case
        .args(["--profile", "staging", "--var", "rows=7"])
        .good();
    assert_eq!(settings.vars["user"], "bob");
    assert_eq!(settings.vars["rows"], 7);
    assert_eq!(settings.run.retries, 1);
    assert_eq!(
        explained(&settings, "vars.rows"),
        "vars.rows = 7  [--var, over scenario.toml:5, over scenario.toml:3]"
    );
}

#[test]
fn o17_the_seed_is_new_unless_it_is_given() {
    let settings = Case::new().args(["--shuffle"]).good();
    assert_eq!((settings.run.seed, settings.run.shuffle), (99, Some(99)));
    assert_eq!(
        explained(&settings, "seed"),
        "seed = 99  [new for this run]"
    );
    let settings = Case::new().args(["--seed", "5", "--shuffle", "6"]).good();
    assert_eq!((settings.run.seed, settings.run.shuffle), (5, Some(6)));
}

#[test]
fn o12_flags_are_above_variables_and_these_above_the_file() {
    let case = Case::new()
        .file("scenario.toml", "base_url = \"http://toml\"\njobs = 3")
        .file(".env", "SCENARIO_JOBS=4")
        .env("SCENARIO_BASE_URL", "http://variable");
    let settings = case.good();
    assert_eq!(settings.http.base_url.as_deref(), Some("http://variable"));
    assert_eq!(
        explained(&settings, "jobs"),
        "jobs = 4  [SCENARIO_JOBS (.env:1), over scenario.toml:2]"
    );
    let settings = case.args(["-u", "http://flag", "-j", "1"]).good();
    assert_eq!(settings.http.base_url.as_deref(), Some("http://flag"));
    assert_eq!(settings.run.jobs, 1);
    assert!(
        explained(&settings, "base_url")
            .ends_with("[--base-url, over SCENARIO_BASE_URL (environment), over scenario.toml:1]")
    );
}

#[test]
fn a_bad_variable_names_itself() {
    let case = Case::new()
        .env("SCENARIO_JOBS", "many")
        .file(".env", "SCENARIO_PHASE_TIMEOUT=5 hourglasses");
    assert_eq!(
        case.bad().len(),
        1,
        "an unquoted value with spaces stops first"
    );
    let case = case.file(".env", "SCENARIO_PHASE_TIMEOUT='5 hourglasses'");
    let messages = case.bad();
    assert!(messages[0].starts_with(
        "`phase_timeout` from SCENARIO_PHASE_TIMEOUT: `5 hourglasses` is not a duration"
    ));
    assert_eq!(
        messages[1],
        "`jobs` from SCENARIO_JOBS: `many` is not \"natural\" or a whole number, at least 1"
    );
}

#[test]
fn a_slip_in_a_variable_is_a_warning() {
    let settings = Case::new()
        .env("SCENARIO_JOSB", "3")
        .env("SCENARIO_X", "1")
        .good();
    assert_eq!(
        settings.warnings,
        ["the variable SCENARIO_JOSB (environment) is no setting: did you mean SCENARIO_JOBS?"]
    );
}

#[test]
fn the_profile_comes_from_the_flag_the_environment_or_the_top_env_file() {
    let toml = "[profile.a]\n[profile.b]\n[profile.c]";
    let case = Case::new()
        .file("scenario.toml", toml)
        .file(".env", "SCENARIO_PROFILE=a");
    assert_eq!(case.good().project.profile, "a");
    let case = case.env("SCENARIO_PROFILE", "b");
    assert_eq!(case.good().project.profile, "b");
    let case = case.args(["-p", "c"]);
    assert_eq!(case.good().project.profile, "c");
}

#[test]
fn an_unknown_profile_says_who_chose_it() {
    let case = Case::new()
        .file("scenario.toml", "[profile.staging]")
        .env("SCENARIO_PROFILE", "stagin");
    assert_eq!(
        case.bad(),
        [
            "there is no profile `stagin` (chosen by SCENARIO_PROFILE (environment))\n  hint: did you mean `staging`?"
        ]
    );
}

#[test]
fn a_profile_cannot_be_chosen_by_a_file_that_depends_on_it() {
    let case = Case::new()
        .file("scenario.toml", "[profile.a]")
        .file("scenarios/.env", "X=1\nSCENARIO_PROFILE=a");
    assert!(case.bad()[0].starts_with(
        "scenarios/.env chooses the profile `a`, but is only read because the profile is `default`\n  --> scenarios/.env:2:1"
    ));
}

#[test]
fn strictness_follows_ci_unless_set() {
    let settings = Case::new().env("CI", "true").good();
    assert!(settings.run.strict && settings.run.ci);
    assert_eq!(explained(&settings, "strict"), "strict = true  [CI is set]");
    let settings = Case::new()
        .env("CI", "true")
        .args(["--strict=false"])
        .good();
    assert!(!settings.run.strict && settings.run.ci);
    assert!(!Case::new().env("CI", "false").good().run.strict);
    assert!(Case::new().args(["--strict"]).good().run.strict);
}

#[test]
fn o12_json_takes_standard_output_and_other_reports_leave_it_to_the_terminal() {
    let names = |case: &Case| -> Vec<String> {
        let reporters = case.good().output.reporters;
        reporters
            .into_iter()
            .map(|reporter| reporter.name)
            .collect()
    };
    assert_eq!(names(&Case::new().args(["--json"])), ["json"]);
    let case = Case::new().args(["--reporter", "junit=out.xml"]);
    assert_eq!(names(&case), ["terminal", "junit"]);
    let path = case.good().output.reporters[1].path.clone();
    assert_eq!(path, Some(case.root().join("out.xml")));
    let case = Case::new()
        .file(
            "scenario.toml",
            "reporters = [{ name = \"tap\", path = \"t\" }]",
        )
        .args(["--reporter", "terminal"]);
    assert_eq!(names(&case), ["terminal"]);
}

#[test]
fn two_reports_cannot_share_a_place() {
    let messages = Case::new().args(["--json", "--reporter", "tap"]).bad();
    assert_eq!(
        messages,
        [
            "reporters `tap` and `json` both write to standard output\n  hint: give one of them a file: --reporter tap=FILE"
        ]
    );
    let messages = Case::new().args(["--reporter", "juint"]).bad();
    assert_eq!(
        messages,
        ["there is no reporter `juint`\n  hint: did you mean `junit`?"]
    );
}

#[test]
fn a14_time_scale_multiplies_every_limit() {
    let time = Case::new().args(["--time-scale", "3"]).good().time;
    assert_eq!(time.scaled(time.phase), Duration::from_secs(540));
    assert_eq!(time.scaled(time.wait), Duration::from_secs(90));
    assert_eq!(time.scaled(Duration::MAX), Duration::MAX);
}

#[test]
fn a18_limits_of_a_phase_and_of_the_whole_run() {
    let case = Case::new().file("scenario.toml", "timeout = \"1h\"").args([
        "--timeout",
        "5m",
        "--phase-timeout",
        "60s",
    ]);
    let time = case.good().time;
    assert_eq!(time.run, Some(Duration::from_secs(300)));
    assert_eq!(time.phase, Duration::from_secs(60));
}

#[test]
fn c37_what_is_kept() {
    let keep = |case: Case| case.good().keep;
    assert_eq!(keep(Case::new().args(["--keep"])), Keep::Always);
    let never = || Case::new().file("scenario.toml", "artifacts.keep = \"never\"");
    assert_eq!(keep(never()), Keep::Never);
    assert_eq!(keep(never().args(["--keep-on-failure"])), Keep::OnFailure);
}

#[test]
fn no_color_is_heard_unless_something_else_is_said() {
    let color = |case: Case| case.good().output.color;
    assert_eq!(color(Case::new().env("NO_COLOR", "1")), Color::Never);
    assert_eq!(color(Case::new().env("NO_COLOR", "")), Color::Auto);
    let case = Case::new().env("NO_COLOR", "1").args(["--color", "always"]);
    assert_eq!(color(case), Color::Always);
}

#[test]
fn secrets_are_named_for_the_masker() {
    let case = Case::new()
        .file(
            "scenario.toml",
            "secrets = [\"DSN\", \"UNSET\"]\nbase_url = \"http://ada:love@host\"\n\
             [http.headers]\nAuthorization = \"Bearer abc\"\nAccept = \"text/html\"",
        )
        .env("DSN", "postgres://x");
    let settings = case.good();
    let secrets: Vec<_> = settings.secret_values().collect();
    assert_eq!(
        secrets,
        [
            ("DSN", "postgres://x"),
            ("authorization", "Bearer abc"),
            ("authorization", "abc"),
            ("base_url", "love"),
        ]
    );
}

#[test]
fn a_configuration_that_is_no_text_is_said_so() {
    let case = Case::new();
    std::fs::write(case.root().join("scenario.toml"), [0xff, 0xfe]).unwrap();
    assert_eq!(case.bad(), ["scenario.toml is not UTF-8 text"]);
}

#[test]
fn origins_can_be_asked_for() {
    let settings = Case::new().env("A", "1").good();
    assert_eq!(
        settings.variables.entries["A"].set.origin,
        Origin::Environment
    );
}
