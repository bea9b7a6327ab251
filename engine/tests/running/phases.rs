//! Phases in order, and what crosses from one to the next.

use super::{Project, named, run};
use insta::assert_snapshot;

#[test]
fn phases_run_in_order_and_carry_state() {
    let script = r#"
scenario("An export");
phase("prepare", |state| {
    let res = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.05, rows: 3 } });
    assert res.status == 202;
    state.task = res.json.id;
});
phase("wait", |state| { wait_until(|| http.get(`/tasks/${state.task}`).json.state == "SUCCESS"); });
phase("validate", |state| {
    let task = http.get(`/tasks/${state.task}`).json;
    assert task.state == "SUCCESS" && task.result.rows == 3;
});
"#;
    assert_snapshot!(run(script).passes().story(), @r"
    exit 0

    PASS   a.rhai  An export  [time]
           prepare [time]
           wait [time]
           validate [time]

    1 scenario: 1 passed, 3 assertions, [time]
    ");
}

#[test]
fn a_phase_that_waits_to_be_ready_follows_its_own_task() {
    let script = r#"
scenario("An export");
phase("prepare", |state| {
    state.task = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.1 } }).json.id;
});
phase("validate", #{
    ready: |state| http.get(`/tasks/${state.task}`).json.state == "SUCCESS",
    every: "20ms", within: "20s",
}, |state| { assert http.get(`/tasks/${state.task}`).json.state == "SUCCESS"; });
"#;
    let ran = Project::script(script)
        .run(&["run", "--json", "a.rhai"])
        .passes();
    let states: Vec<String> = ran
        .events()
        .iter()
        .filter(|event| event["event"] == "phase_changed")
        .map(|event| {
            format!(
                "{} {}",
                event["phase"].as_str().unwrap(),
                event["to"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            "prepare executing",
            "prepare passed",
            "validate waiting",
            "validate executing",
            "validate passed",
        ]
    );
}

#[test]
fn a_failed_phase_skips_those_that_need_it_and_says_so() {
    let script = r#"
scenario("Checkout");
phase("buy", || { assert http.get("/status/500").ok; });
phase("pay", || { assert true; });
phase("ship", || { assert true; });
"#;
    assert_snapshot!(run(script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  Checkout  [time]
           buy [time]  failed
           pay         -  skipped: `buy` failed
           ship        -  skipped: `pay` skipped

      a.rhai::Checkout › buy
      failure: assertion failed: `http.get("/status/500").ok`
        --> a.rhai:3:26
         |
       3 | phase("buy", || { assert http.get("/status/500").ok; });
         |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^ is false
        last exchange:
          GET http://127.0.0.1:[port]/status/500
          < 500 Internal Server Error in [time], 47 bytes
          < content-type: application/json
          < content-length: 47
          < date: [date]
          < {"status":500,"reason":"Internal Server Error"}
          again: curl http://127.0.0.1:[port]/status/500

    1 scenario: 1 failed, 1 assertion, [time]
    "#);
}

#[test]
fn phases_side_by_side_need_what_they_name() {
    let script = r#"
scenario("Trial", [
    phase("compile", |state| { state.version = 7; }),
    phase("left", #{ needs: ["compile"] }, |state| { assert state.version == 7; state.left = 1; }),
    phase("right", #{ needs: ["compile"] }, |state| { assert state.version == 7; state.right = 2; }),
    phase("sum", #{ needs: ["left", "right"] }, |state| { assert state.left + state.right == 3; }),
]);
"#;
    let ran = Project::script(script)
        .run(&["run", "--json", "a.rhai"])
        .passes();
    let started = named(&ran, "attempt_started", "phase");
    assert_eq!(
        (started[0].as_str(), started[3].as_str()),
        ("compile", "sum")
    );
}

#[test]
fn a_map_given_back_is_state() {
    let script = r#"
phase("prepare", || #{ id: 7 });
phase("validate", |state| { assert state.id == 7; });
"#;
    run(script).passes();
}

#[test]
fn files_without_declarations_folders_and_modules() {
    let project = Project::new()
        .file("scenarios/health.rhai", "assert http.get(\"/health\").status == 200;")
        .file("scenarios/deep/login.rhai", "import \"../../lib/users\" as users;\nassert users::ada().ok;")
        .file("lib/users.rhai", "fn ada() { http.post(\"/api/login\", #{ form: #{ email: \"ada@example.com\", password: \"lovelace\" } }) }");
    let ran = project.run(&["run", "--json"]).passes();
    let mut names = named(&ran, "scenario_ended", "scenario");
    names.sort();
    assert_eq!(
        names,
        [
            "scenarios/deep/login.rhai::login",
            "scenarios/health.rhai::health"
        ]
    );
}

#[test]
fn a_phase_behind_an_ignored_failure_says_what_it_needs() {
    let script = r#"
scenario("Ignored", [
    phase("try it", #{ ignore_outcome: true }, || { assert 1 == 2; }),
    phase("go on", || { assert true; }),
]);
"#;
    let ran = run(script).passes();
    ran.says("needs phase `try it`, which failed");
}
