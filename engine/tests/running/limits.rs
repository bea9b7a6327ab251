//! Time runs out: of phases, scenarios, waits, requests and runs. Nothing ever hangs.

use super::Project;
use insta::assert_snapshot;

/// What would go on for a minute or for ever, each in its own way.
const ENDLESS: [(&str, &str); 5] = [
    ("loop.rhai", "let n = 0;\nloop { n += 1; }"),
    ("sleep.rhai", "sleep(\"60s\");"),
    ("http.rhai", "http.get(\"/delay/60000\");"),
    ("wait.rhai", "wait_until(\"60s\", || false);"),
    (
        "parallel.rhai",
        "parallel([|| sleep(\"60s\"), || { loop { } }]);",
    ),
];

#[test]
fn c13_whatever_takes_too_long_is_ended_and_defective_and_its_siblings_are_not() {
    let mut project = Project::new().file(
        "quick.rhai",
        "sleep(\"10ms\");\nassert http.get(\"/health\").ok;",
    );
    for (name, text) in ENDLESS {
        project = project.file(name, text);
    }
    let ran = project
        .run(&["run", "--phase-timeout", "400ms", "--json", "."])
        .exits(3);
    let mut ends: Vec<String> = ran
        .events()
        .iter()
        .filter(|event| event["event"] == "attempt_ended")
        .map(|event| {
            format!(
                "{} {}",
                event["scenario"].as_str().unwrap(),
                event["state"].as_str().unwrap()
            )
        })
        .collect();
    ends.sort();
    assert_eq!(
        ends,
        [
            "http.rhai::http defective",
            "loop.rhai::loop defective",
            "parallel.rhai::parallel defective",
            "quick.rhai::quick passed",
            "sleep.rhai::sleep defective",
            "wait.rhai::wait defective",
        ]
    );
    let shown = project.run(&["show"]);
    assert_eq!(
        shown.times("took longer than its timeout of 400ms"),
        10,
        "{}",
        shown.stdout
    );
}

#[test]
fn c13_a_timeout_names_its_value_and_the_step_it_caught() {
    let ran = Project::script("scenario(\"a\");\nphase(\"fetch\", #{ timeout: \"200ms\" }, || {\n    step(\"the slow part\", || http.get(\"/delay/60000\"));\n});").run(&["run", "a.rhai"]);
    assert_snapshot!(ran.exits(3).story(), @r#"
    exit 3

    ERROR  a.rhai  a  [time]

      a.rhai::a
      fault: phase "fetch" took longer than its timeout of [time]
        --> a.rhai:3:5
         |
       3 |     step("the slow part", || http.get("/delay/60000"));
         |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        was in: GET /delay/60000
        hint: raise it with the option `timeout`, or find out what it waits for
        steps:
          FAIL [time]  the slow part  a.rhai:3
          FAIL [time]    GET /delay/60000  a.rhai:3

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn c13_a_timeout_in_a_wait_tells_what_it_saw_and_where_it_is() {
    let script = r#"
fn look() {
    wait_until(#{ timeout: "60s", every: "10ms" }, || http.get("/health").status == 503)
}
scenario("a", #{ timeout: "3s" }, || { step("see", || look()); });
"#;
    let ran = super::run(script).exits(3);
    assert!(ran.stdout.contains("polls:"), "{}", ran.whole());
    let story = ran.story();
    let differs = |line: &&str| line.contains("polls:") || line.contains("unchanged for:");
    let story: Vec<&str> = story.lines().filter(|line| !differs(line)).collect();
    assert_snapshot!(story.join("\n"), @r#"
    exit 3

    ERROR  a.rhai  a  [time]

      a.rhai::a
      fault: scenario "a" took longer than its timeout of 3s
        --> a.rhai:3:5
         |
       3 |     wait_until(#{ timeout: "60s", every: "10ms" }, || http.get("/health").status == 503)
         |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        was in:        wait until http.get("/health").status == 503
        last seen:     false
        hint: raise it with the option `timeout`, or find out what it waits for
        steps:
          FAIL [time]  see  a.rhai:5
          FAIL [time]    wait until http.get("/health").status == 503  a.rhai:3

    1 scenario: 1 errored, 1 assertion, [time]
    "#);
}

#[test]
fn c13_three_minutes_are_the_default() {
    Project::new()
        .run(&["config", "--explain"])
        .passes()
        .says("phase_timeout              3m 00s  (default)");
}

#[test]
fn c13_padding_with_nothing_does_not_hang() {
    assert_snapshot!(super::run("let text = \"x\";\ntext.pad(10, \"\");").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: `pad` with nothing would never end
        --> a.rhai:2:6
         |
       2 | text.pad(10, "");
         |      ^^^
        hint: give it a character or some text: text.pad(10, " ")

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn a18_a_scenario_has_a_time_limit_and_is_cleaned_up_after() {
    let script = r#"
scenario("Slow", #{ timeout: "300ms" });
phase("work", || { defer("put it back", || log("put back")); sleep("60s"); });
phase("tidy", #{ always: true }, || log("tidied"));
"#;
    let project = Project::script(script);
    let ran = project.run(&["run", "-v", "a.rhai"]).exits(3);
    let ran = ran.says("put back").says("tidied");
    ran.says("timeout of 300ms");
}

#[test]
fn a18_the_whole_run_has_a_time_limit() {
    let script = "scenario(\"Slow\");\nphase(\"work\", || { sleep(\"60s\"); });\nphase(\"tidy\", #{ always: true }, || log(\"tidied\"));";
    let ran = Project::script(script)
        .run(&["run", "-v", "--timeout", "300ms", "a.rhai"])
        .exits(130);
    ran.says("tidied").says("the run took longer than 300ms");
}

#[test]
fn a14_a_time_scale_multiplies_every_limit() {
    let script = r#"
scenario("waits", || { wait_until("100ms", || false); });
scenario("phase", #{ timeout: "100ms" }, || { sleep("60s"); });
scenario("request", || { http.get("/delay/60000", #{ timeout: "100ms" }); });
"#;
    let project = Project::script(script);
    let ran = project
        .run(&["run", "--time-scale", "3", "a.rhai"])
        .exits(3);
    let ran = ran.says("did not come true within 300ms");
    let ran = ran.says("took longer than its timeout of 300ms");
    ran.says("timed out after 300ms");
}

#[test]
fn o20_the_wait_default_is_30_seconds_by_run_and_by_call() {
    Project::new()
        .run(&["config", "--explain"])
        .passes()
        .says("wait_timeout               30s  (default)");
    let project = Project::script(
        "scenario(\"run\", || { wait_until(|| false); });\nscenario(\"call\", || { wait_until(\"50ms\", || false); });",
    );
    let ran = project
        .run(&["run", "--wait-timeout", "150ms", "a.rhai"])
        .exits(1);
    let ran = ran.says("150ms");
    ran.says("50ms");
}

#[test]
fn o20_a_step_that_waits_for_an_answer_has_a_limit_too() {
    Project::new()
        .run(&["config", "--explain"])
        .passes()
        .says("http.timeout               30s  (default)");
    let project = Project::new()
        .file(
            "scenario.toml",
            "base_url = \"demo:\"\nhttp.timeout = \"100ms\"\n",
        )
        .file("a.rhai", "http.get(\"/delay/60000\");");
    project
        .run(&["run", "a.rhai"])
        .exits(1)
        .says("timed out after 100ms");
}
