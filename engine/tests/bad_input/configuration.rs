//! scenario.toml, env files and what scripts read of them.

use super::{Project, run};
use insta::assert_snapshot;

/// All that `run` says in a project with this scenario.toml.
fn configured(toml: &str) -> String {
    let project = Project::bare()
        .file("scenario.toml", toml)
        .file("a.rhai", "assert true;");
    project.run(&["run", "a.rhai"]).whole()
}

#[test]
fn toml_that_cannot_be_read_is_drawn() {
    assert_snapshot!(configured("base_url = demo:\n"), @r"
    exit 2
    --- stderr
    error: scenario.toml is not valid TOML: string values must be quoted, expected literal string
      --> scenario.toml:1:12
       |
     1 | base_url = demo:
       |            ^^^^^
    ");
}

#[test]
fn an_unknown_key_has_a_neighbour() {
    assert_snapshot!(configured("[http]\ntimout = \"3s\"\n"), @r#"
    exit 2
    --- stderr
    error: [http] has no key `timout`
      --> scenario.toml:2:1
       |
     2 | timout = "3s"
       | ^^^^^^
      hint: did you mean `timeout`?
    "#);
}

#[test]
fn a_value_of_the_wrong_type() {
    assert_snapshot!(configured("retries = \"two\"\n"), @r#"
    exit 2
    --- stderr
    error: `retries` must be a whole number
      --> scenario.toml:1:11
       |
     1 | retries = "two"
       |           ^^^^^ is a text
    "#);
}

#[test]
fn c14_a_wrong_duration_in_the_configuration() {
    assert_snapshot!(configured("wait_timeout = \"5 hourglasses\"\n"), @r#"
    exit 2
    --- stderr
    error: `wait_timeout`: `5 hourglasses` is not a duration: `hourglasses` is no unit of time
      --> scenario.toml:1:16
       |
     1 | wait_timeout = "5 hourglasses"
       |                ^^^^^^^^^^^^^^^
      hint: write it like "500ms", "30s", "1m30s", "2.5 minutes" or "1 hour and 5 seconds"
    "#);
}

#[test]
fn a_profile_nobody_wrote_has_a_neighbour() {
    let project = Project::bare()
        .file(
            "scenario.toml",
            "[profile.staging]\nbase_url = \"http://127.0.0.1:1\"\n",
        )
        .file("a.rhai", "assert true;");
    assert_snapshot!(project.run(&["run", "-p", "stagin", "a.rhai"]).whole(), @r"
    exit 2
    --- stderr
    error: there is no profile `stagin` (chosen by --profile)
      hint: did you mean `staging`?
    ");
}

#[test]
fn a16_a_tag_nobody_declared_has_a_neighbour() {
    let project = Project::new()
        .file(
            "scenario.toml",
            "base_url = \"demo:\"\ntags = [\"smoke\", \"slow\"]\n",
        )
        .file(
            "a.rhai",
            "scenario(\"a\", #{ tags: [\"smok\"] }, || { assert true; });",
        );
    assert_snapshot!(project.run(&["run", "a.rhai"]).whole(), @r#"
    exit 2
    --- stderr
    error: scenario `a.rhai::a` has the tag `smok`, which is not declared
      --> a.rhai:1:25
       |
     1 | scenario("a", #{ tags: ["smok"] }, || { assert true; });
       |                         ^^^^^^
      hint: did you mean `smoke`?
    "#);
    assert_snapshot!(project.run(&["run", "--tags", "slwo", "a.rhai"]).whole(), @r#"
    exit 2
    --- stderr
    error: scenario `a.rhai::a` has the tag `smok`, which is not declared
      --> a.rhai:1:25
       |
     1 | scenario("a", #{ tags: ["smok"] }, || { assert true; });
       |                         ^^^^^^
      hint: did you mean `smoke`?

    error: the tag `slwo` is not declared
      --> --tags:1:1
       |
     1 | slwo
       | ^^^^
      hint: did you mean `slow`?

    2 errors
    "#);
}

#[test]
fn a_variable_nobody_set() {
    assert_snapshot!(run("log(env(\"API_TOKEN\"));").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: environment variable `API_TOKEN` is not set
        --> a.rhai:1:5
         |
       1 | log(env("API_TOKEN"));
         |     ^^^
        hint: set it: --env API_TOKEN=…, an env file or the shell; or give a default: env("API_TOKEN", "…")

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn a_secret_nobody_set() {
    assert_snapshot!(run("http.get(\"/api/me\", #{ auth: #{ bearer: secret(\"API_TOKEN\") } });").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: secret `API_TOKEN` is not set
        --> a.rhai:1:41
         |
       1 | http.get("/api/me", #{ auth: #{ bearer: secret("API_TOKEN") } });
         |                                         ^^^^^^
        looked in: the environment variables `API_TOKEN` and `API_TOKEN_FILE`, both not set
        hint: set API_TOKEN in the environment, or API_TOKEN_FILE to a file that holds it

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn a_variable_of_the_run_nobody_gave() {
    assert_snapshot!(run("assert vars.rows > 3;").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: there is no variable `rows`
        --> a.rhai:1:12
         |
       1 | assert vars.rows > 3;
         |            ^
        hint: set it: --var rows=…; or use vars.get("rows") if it may be missing

    1 scenario: 1 errored, 1 assertion, [time]
    "#);
}

#[test]
fn a_relative_url_without_a_base() {
    let project = Project::bare().file("a.rhai", "http.get(\"/health\");");
    assert_snapshot!(project.run(&["run", "a.rhai"]).exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a › GET /health
      usage: GET /health: bad URL `/health`: a relative URL needs a base URL, and none is configured
        --> a.rhai:1:6
         |
       1 | http.get("/health");
         |      ^^^
        hint: did you forget `base_url`? set it in scenario.toml, with --base-url, or on http.client(#{ base_url: … })

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn an_env_file_that_cannot_be_read_is_drawn() {
    let project = Project::script("assert true;").file(".env", "USER=ada\nno equals sign\n");
    assert_snapshot!(project.run(&["run", "a.rhai"]).whole(), @r#"
    exit 2
    --- stderr
    error: line 2 of .env is no NAME=value
      --> .env:2:1
       |
     2 | …
       | ^
      hint: a value with spaces needs quotes: NAME="a b"
    "#);
}

#[test]
fn a_variable_of_the_program_of_the_wrong_type() {
    let project = Project::script("assert true;").env("SCENARIO_JOBS", "lots");
    assert_snapshot!(project.run(&["run", "a.rhai"]).whole(), @r#"
    exit 2
    --- stderr
    error: `jobs` from SCENARIO_JOBS: `lots` is not "natural" or a whole number, at least 1
    "#);
}
