//! What runs only under a condition, or does not gate: told loudly, never silently.

use super::{Project, run};
use insta::assert_snapshot;

#[test]
fn a_skipped_scenario_gives_its_reason() {
    let script = "scenario(\"a\", #{ skip: \"the new shop is not there yet\" }, || { assert false; });\nscenario(\"b\", || { if http.get(\"/health\").ok { skip(\"only while it is down\") } assert false; });";
    assert_snapshot!(Project::script(script).run(&["run", "-j", "1", "a.rhai"]).passes().story(), @r"
    exit 0

    SKIP   a.rhai  a           the new shop is not there yet
    SKIP   a.rhai  b  [time]  only while it is down

    skipped  1 × only while it is down
             1 × the new shop is not there yet

    2 scenarios: 2 skipped, 0 assertions, [time]
    ");
}

#[test]
fn o14_a_scenario_is_left_out_in_one_environment_and_runs_in_another() {
    let project =
        Project::script("scenario(\"pay\", #{ skip_in: [\"staging\"] }, || { assert true; });")
            .file(
                "scenario.toml",
                "base_url = \"demo:\"\n[profile.staging]\n[profile.production]\n",
            );
    assert_snapshot!(project.run(&["run", "-p", "staging", "a.rhai"]).passes().story(), @r"
    exit 0
    1 scenario, profile staging, base URL http://127.0.0.1:[port], seed [seed], 8 jobs

    SKIP   a.rhai  pay           not run in profile `staging`

    skipped  1 × not run in profile `staging`

    1 scenario: 1 skipped, 0 assertions, [time]
    ");
    project
        .run(&["run", "-p", "production", "a.rhai"])
        .passes()
        .says("1 passed");
}

#[test]
fn o13_a_switched_off_scenario_is_listed_but_not_run() {
    let project =
        Project::script("scenario(\"pay\", #{ skip: \"broken\" }, || { assert false; });");
    assert_snapshot!(project.run(&["list", "a.rhai"]).whole(), @r"
    exit 0
    --- stdout
    a.rhai:1  pay  (skipped: broken)
    ");
}

fn quarantined(expires: &str) -> String {
    format!(
        "scenario(\"pay\", #{{ quarantine: #{{ expires: \"{expires}\", owner: \"ada\", ticket: \"SHOP-7\" }} }}, || {{ assert false; }});\nscenario(\"buy\", || {{ assert true; }});"
    )
}

#[test]
fn a_quarantined_failure_is_told_and_does_not_gate() {
    let ran = Project::script(&quarantined("2999-12-31")).run(&["run", "-j", "1", "a.rhai"]);
    assert_snapshot!(ran.passes().story(), @r#"
    exit 0

    FAIL   a.rhai  pay  [time]  in quarantine until 2999-12-31, ada, SHOP-7

      a.rhai::pay
      failure: assertion failed: `false`
        --> a.rhai:1:106
         |
       1 | scenario("pay", #{ quarantine: #{ expires: "2999-12-31", owner: "ada", ticket: "SHOP-7" } }, || { assert false; });
         |                                                                                                          ^^^^^ is false

    PASS   a.rhai  buy  [time]

    in quarantine  a.rhai::pay until 2999-12-31, ada, SHOP-7

    2 scenarios: 1 passed, 1 failed, 1 in quarantine, 2 assertions, [time]
    "#);
}

#[test]
fn an_expired_quarantine_is_red() {
    let ran = Project::script(&quarantined("2020-01-31")).run(&["run", "-j", "1", "a.rhai"]);
    assert_snapshot!(ran.exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  pay  [time]  its quarantine expired on 2020-01-31; owner ada, ticket SHOP-7

      a.rhai::pay
      failure: assertion failed: `false`
        --> a.rhai:1:106
         |
       1 | scenario("pay", #{ quarantine: #{ expires: "2020-01-31", owner: "ada", ticket: "SHOP-7" } }, || { assert false; });
         |                                                                                                          ^^^^^ is false

    PASS   a.rhai  buy  [time]

    ────────────────────────────────────────────────────────────────────────────────
    FAIL   pay
           its quarantine expired on 2020-01-31; owner ada, ticket SHOP-7: is false
           a.rhai:1:106
           scenario run a.rhai::pay

    2 scenarios: 1 passed, 1 failed, 2 assertions, [time]
    "#);
}

const REQUIRES: &str = "scenario(\"a\", #{ requires: [\"mainframe\"] }, || { assert true; });";
const MAINFRAME: &str = "base_url = \"demo:\"\n[requires]\nmainframe = [\"$MAINFRAME\"]\n";

#[test]
fn what_the_machine_lacks_is_skipped_loudly_on_a_persons_machine() {
    let project = Project::script(REQUIRES).file("scenario.toml", MAINFRAME);
    assert_snapshot!(project.run(&["run", "a.rhai"]).story(), @"
    exit 0

    SKIP   a.rhai  a           requires `mainframe`: the variable MAINFRAME is missing

    skipped  1 × requires `mainframe`: the variable MAINFRAME is missing

    1 scenario: 1 skipped, 0 assertions, [time]
    ");
    project
        .run(&["run", "--env", "MAINFRAME=here", "a.rhai"])
        .passes()
        .says("1 passed");
}

#[test]
fn what_the_machine_lacks_is_an_error_where_nobody_looks() {
    let project = Project::script(REQUIRES).file("scenario.toml", MAINFRAME);
    assert_snapshot!(project.run(&["run", "--strict", "a.rhai"]).exits(3).story(), @"
    exit 3

    ERROR  a.rhai  a  [time]  requires `mainframe`: the variable MAINFRAME is missing

    1 scenario: 1 errored, 0 assertions, [time]
    ");
    Project::script(REQUIRES)
        .file("scenario.toml", MAINFRAME)
        .env("CI", "true")
        .run(&["run", "a.rhai"])
        .exits(3);
}

#[test]
fn an_unknown_requirement_has_a_neighbour() {
    let ran = run("scenario(\"a\", #{ requires: [\"browsr\"] }, || { assert true; });");
    assert_snapshot!(ran.exits(2).whole(), @r#"
    exit 2
    --- stderr
    error: scenario `a.rhai::a` requires `browsr`, which nothing is known about
      --> a.rhai:1:29
       |
     1 | scenario("a", #{ requires: ["browsr"] }, || { assert true; });
       |                             ^^^^^^^^
      hint: did you mean `browser`?
    "#);
}
