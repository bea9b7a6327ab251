//! Going again: retries of phases and scenarios, flaky ones, repetitions.

use super::{Project, run};
use insta::assert_snapshot;

#[test]
fn c29_retries_stop_at_the_first_pass_and_keep_every_try() {
    let script = r#"
scenario("Checkout", #{ retries: 3 }, || {
    log("on my way");
    assert http.get("/flaky?key=checkout&fail=2").status == 200;
});
"#;
    let project = Project::script(script);
    let ran = project.run(&["run", "a.rhai"]).passes();
    assert_snapshot!(ran.story(), @r#"
    exit 0

    FLAKY  a.rhai  Checkout  [time]  passed on try 3

      a.rhai::Checkout  (try 1 of 4)
      failure: assertion failed: `http.get("/flaky?key=checkout&fail=2").status == 200`
        --> a.rhai:4:12
         |
       4 |     assert http.get("/flaky?key=checkout&fail=2").status == 200;
         |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ is 503
        last exchange:
          GET http://127.0.0.1:[port]/flaky?key=checkout&fail=2
          < 503 Service Unavailable in [time], 66 bytes
          < content-type: application/json
          < content-length: 66
          < date: [date]
          < {"error":"flaky","message":"attempt 1 of 2 that fail","attempt":1}
          again: curl 'http://127.0.0.1:[port]/flaky?key=checkout&fail=2'
        log:
     [time] on my way

      a.rhai::Checkout  (try 2 of 4)
      again, as in try 1: assertion failed: `http.get("/flaky?key=checkout&fail=2").status == 200`

    flaky  a.rhai::Checkout

    1 scenario: 1 passed (1 flaky), 3 assertions, [time]
    "#);
    let replay = project
        .run(&["report", "latest", "--reporter", "json"])
        .passes();
    let tries: Vec<_> = replay
        .events()
        .iter()
        .filter(|event| event["event"] == "try_ended")
        .map(|event| {
            (
                event["try"].as_u64().unwrap(),
                event["outcome"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    assert_eq!(
        tries,
        [
            (1, "failed".into()),
            (2, "failed".into()),
            (3, "passed".into())
        ]
    );
    let logged = replay
        .events()
        .iter()
        .filter(|event| event["text"] == "on my way")
        .count();
    assert_eq!(logged, 3, "the log of every try is kept");
}

#[test]
fn c29_flaky_may_fail_the_run() {
    let script =
        "scenario(\"a\", #{ retries: 1 }, || { assert http.get(\"/flaky?key=a&fail=1\").ok; });";
    Project::script(script)
        .run(&["run", "--flaky", "fail", "a.rhai"])
        .exits(1)
        .says("1 flaky");
}

#[test]
fn c29_only_the_phase_with_retries_is_repeated() {
    let script = r#"
scenario("Checkout");
phase("buy", |state| { state.order = http.get("/health").status; log("buying"); });
phase("pay", #{ retries: 2 }, |state| {
    state.left = "over";
    assert http.get("/flaky?key=pay&fail=1").ok;
    assert state.order == 200;
});
"#;
    let ran = Project::script(script)
        .run(&["run", "--json", "a.rhai"])
        .passes();
    let events = ran.events();
    let attempts = |phase: &str| {
        events
            .iter()
            .filter(|e| e["event"] == "attempt_started" && e["phase"] == phase)
            .count()
    };
    assert_eq!((attempts("buy"), attempts("pay")), (1, 2));
    assert!(
        events
            .iter()
            .any(|e| e["event"] == "scenario_ended" && e["flaky"] == true)
    );
}

#[test]
fn a_retry_sees_nothing_of_the_failed_attempt() {
    let script = r#"
phase("pay", #{ retries: 1 }, |state| {
    assert state.get("left") == ();
    state.left = "over";
    assert http.get("/flaky?key=b&fail=1").ok;
});
"#;
    run(script).passes().says("1 flaky");
}

#[test]
fn retries_of_the_command_line_are_for_scenarios_that_set_none() {
    let project = Project::script(
        "scenario(\"none\", #{ retries: 0 }, || { assert http.get(\"/flaky?key=c&fail=1\").ok; });\nscenario(\"some\", || { assert http.get(\"/flaky?key=d&fail=1\").ok; });",
    );
    project
        .run(&["run", "--retries", "1", "a.rhai"])
        .exits(1)
        .says("2 scenarios: 1 passed (1 flaky), 1 failed");
}

#[test]
fn a_usage_error_is_not_tried_again() {
    let ran = Project::script("assert http.get(\"/health\").json.nope == 1;")
        .run(&["run", "--retries", "3", "--json", "a.rhai"])
        .exits(2);
    assert_eq!(super::named(&ran, "try_started", "scenario").len(), 1);
}

#[test]
fn repetitions_are_scenarios_of_their_own() {
    let script = "assert http.get(\"/health\").ok;";
    let ran = Project::script(script)
        .run(&["run", "--repeat", "3", "-j", "1", "a.rhai"])
        .passes();
    assert_snapshot!(ran.story(), @r"
    exit 0

    PASS   a.rhai  a (1/3)  [time]
    PASS   a.rhai  a (2/3)  [time]
    PASS   a.rhai  a (3/3)  [time]

    3 scenarios: 3 passed, 3 assertions, [time]
    ");
}

#[test]
fn c30_one_passed_try_is_enough_unless_flaky_fails_and_a_typo_has_a_neighbour() {
    let project = Project::script(
        "scenario(\"a\", #{ retries: 2 }, || { assert http.get(\"/flaky?key=a&fail=1\").ok; });",
    );
    project.run(&["run", "--flaky", "pass", "a.rhai"]).passes();
    project.run(&["run", "--flaky", "fail", "a.rhai"]).exits(1);
    let project = project.file("scenario.toml", "base_url = \"demo:\"\nflaky = \"pas\"\n");
    assert_snapshot!(project.run(&["run", "a.rhai"]).exits(2).whole(), @r#"
    exit 2
    --- stderr
    error: `flaky`: `pas` is not one of "pass", "fail"
      --> scenario.toml:2:9
       |
     2 | flaky = "pas"
       |         ^^^^^
      hint: did you mean `pass`?
    "#);
}
