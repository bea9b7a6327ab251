//! Waiting for long work of the system under test.

use super::common::Closed;
use super::run;
use insta::assert_snapshot;

#[test]
fn o5_a_wait_goes_over_an_empty_list_and_accepts_several_ends() {
    let script = r#"
defer(|| ());
let kind = unique("export");
let seen = [];
let begun = false;
let task = wait_until(#{ timeout: "30s", every: "20ms" }, || {
    let tasks = http.get("/tasks", #{ query: #{ kind: kind } }).json;
    let state = if tasks.is_empty() { "none" } else { tasks[0].state };
    if seen.is_empty() || seen[-1] != state { seen.push(state); }
    if !begun { begun = true; http.post("/tasks", #{ json: #{ kind: kind, seconds: 0.4 } }); }
    if state in ["SUCCESS", "FAILURE"] { tasks[0] }
});
assert task.state == "SUCCESS";
assert seen[0] == "none" && seen[-1] == "SUCCESS";
assert "STARTED" in seen;
"#;
    run(script).passes();
}

#[test]
fn o6_a_wait_shows_changes_and_its_failure_the_last_value() {
    let script = r#"
let id = http.post("/tasks", #{ json: #{ kind: "slow", seconds: 60 } }).json.id;
wait_until(#{ timeout: "600ms", every: "20ms" }, || {
    let state = http.get(`/tasks/${id}`).json.state;
    expect(state).to_equal("SUCCESS")
});
"#;
    let ran = super::Project::script(script)
        .run(&["run", "--json", "a.rhai"])
        .exits(1);
    let observed = ran
        .events()
        .iter()
        .filter(|e| e["record"] == "observed")
        .count();
    assert!(
        observed < 10,
        "a line for each change, not for each poll: {observed}"
    );
    let story = run(script).exits(1).story();
    assert!(story.contains("STARTED"), "{story}");
}

#[test]
fn o7_a_task_that_failed_ends_the_wait_at_once() {
    let script = r#"
let id = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.05, fail: true } }).json.id;
wait_until("60s", || {
    let task = http.get(`/tasks/${id}`).json;
    if task.state == "FAILURE" { give_up(`task ended in ${task.state}: ${task.error}`) }
    task.state == "SUCCESS"
});
"#;
    let ran = run(script).exits(1);
    ran.says("failure: gave up: task ended in FAILURE: export broke down at row 66 of 100: the connection to the warehouse was lost");
}

#[test]
fn o7_a_closed_port_ends_at_the_timeout_and_is_named() {
    let closed = Closed::new();
    let script = format!(
        "wait_until(#{{ timeout: \"200ms\", every: \"20ms\" }}, || http.get(\"{}/tasks\").ok);",
        closed.url()
    );
    let ran = run(&script).exits(1).says("refused");
    let ran = ran.says("polls");
    ran.says("200ms");
}

#[test]
fn o7_readiness_that_can_never_come_true_fails_its_phase() {
    let script = r#"
scenario("Export");
phase("prepare", |state| {
    state.task = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.05, fail: true } }).json.id;
});
phase("validate", #{
    ready: |state| {
        let task = http.get(`/tasks/${state.task}`).json;
        if task.state == "FAILURE" { give_up(`task ended in ${task.state}: ${task.error}`) }
        task.state == "SUCCESS"
    },
    every: "20ms", within: "60s",
}, |state| { assert true; });
"#;
    let ran = run(script).exits(1).says("a.rhai::Export › validate");
    let ran = ran.says_nothing_of("called from").says("last exchange:");
    ran.says("failure: gave up: task ended in FAILURE: export broke down at row 66 of 100: the connection to the warehouse was lost");
}

#[test]
fn o8_scenarios_side_by_side_follow_their_own_tasks() {
    let script = r#"
for n in 1..5 {
    scenario(`task ${n}`, || {
        let rows = n * 100;
        let id = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.2, rows: rows } }).json.id;
        let task = wait_until(#{ timeout: "30s", every: "20ms" }, || {
            let task = http.get(`/tasks/${id}`).json;
            if task.state == "SUCCESS" { task }
        });
        assert task.id == id && task.result.rows == rows;
    });
}
"#;
    run(script).passes().says("4 passed");
}

#[test]
fn a1_a_wait_in_vain_tells_all() {
    assert_snapshot!(run("wait_until(#{ timeout: \"100ms\", every: \"30s\", message: \"the export to finish\" }, || http.get(\"/tasks\").json.len() > 3);").exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › wait until the export to finish
      failure: "the export to finish" did not come true within [time]
        --> a.rhai:1:1
         |
       1 | wait_until(#{ timeout: "100ms", every: "30s", message: "the export to finish" }, || http.get("/tasks").json.len() > 3);
         | ^^^^^^^^^^
        last seen:     false
        unchanged for: [time]
        polls:         2
        last exchange:
          GET http://127.0.0.1:[port]/tasks
          < 200 OK in [time], 2 bytes
          < content-type: application/json
          < link: </tasks?page=1&per_page=20>; rel="first", </tasks?page=1&per_page=20>; rel="last"
          < x-total-count: 0
          < content-length: 2
          < date: [date]
          < []
          again: curl http://127.0.0.1:[port]/tasks

    1 scenario: 1 failed, 1 assertion, [time]
    "#);
}

#[test]
fn a2_a_slip_of_the_script_is_not_waited_out() {
    assert_snapshot!(run("wait_until(\"60s\", || http.get(\"/health\").json.sttus == \"up\");").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a › wait until http.get("/health").json.sttus == "up"
      usage: there is no property `sttus`
        --> a.rhai:1:47
         |
       1 | wait_until("60s", || http.get("/health").json.sttus == "up");
         |                                               ^^^^^
        called from a.rhai:1:1
        hint: use .get("sttus") if it may be missing

    1 scenario: 1 errored, 1 assertion, [time]
    "#);
}

#[test]
fn a3_a_wrong_option_is_not_waited_out() {
    assert_snapshot!(run("wait_until(#{ timeout: \"60s\", evry: \"1s\" }, || false);").exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: `wait_until` has no option `evry`
        --> a.rhai:1:1
         |
       1 | wait_until(#{ timeout: "60s", evry: "1s" }, || false);
         | ^^^^^^^^^^
        hint: did you mean `every`?

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn a4_another_end_than_the_wanted_one_shows_expected_actual_and_the_error() {
    let script = r#"
fn wait_for_state(id, wanted) {
    wait_until("60s", || {
        let task = http.get(`/tasks/${id}`).json;
        if task.state in wanted { return task; }
        if task.state in ["SUCCESS", "FAILURE", "REVOKED"] {
            give_up(`expected ${wanted}, but the task ended in ${task.state}: ${task.error}`)
        }
        false
    })
}
let id = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.05, fail: true } }).json.id;
wait_for_state(id, ["SUCCESS"]);
"#;
    run(script).exits(1).says("but the task ended in FAILURE");
}

#[test]
fn a5_which_states_are_final_is_the_scripts_choice() {
    let script = r#"
let FINAL = ["REVOKED"];
let id = http.post("/tasks", #{ json: #{ kind: "export", seconds: 60 } }).json.id;
http.delete(`/tasks/${id}`);
let task = wait_until("30s", || {
    let task = http.get(`/tasks/${id}`).json;
    if task.state in FINAL { task }
});
assert task.state == "REVOKED";
"#;
    run(script).passes();
}

#[test]
fn a6_a_wait_for_a_number_of_things_gives_them_back() {
    let script = r#"
let kind = unique("batch");
for n in 0..3 { http.post("/tasks", #{ json: #{ kind: kind, seconds: 0.05 } }); }
let done = wait_until("30s", || {
    let tasks = http.get("/tasks", #{ query: #{ kind: kind, state: "SUCCESS" } }).json;
    if tasks.len() >= 3 { tasks }
});
assert done.len() == 3;
assert done.all(|task| task.kind == kind);
"#;
    run(script).passes();
}

#[test]
fn a7_exactly_one_and_never_two() {
    let script = r#"
let kind = unique("once");
http.post("/tasks", #{ json: #{ kind: kind, seconds: 60 } });
parallel([
    || wait_until(#{ timeout: "30s", hold_for: "400ms", every: "20ms" }, || http.get("/tasks", #{ query: #{ kind: kind } }).json.len() == 1),
    || { sleep("150ms"); http.post("/tasks", #{ json: #{ kind: kind, seconds: 60 } }); },
]);
"#;
    let story = run(script).exits(1).story();
    assert!(
        story.contains("failure: the condition held for [time] only, not [time]"),
        "{story}"
    );
}

#[test]
fn a8_what_must_never_happen_fails_as_soon_as_it_does() {
    let script = "let kind = unique(\"none\");\nhttp.post(\"/tasks\", #{ json: #{ kind: kind, seconds: 60 } });\nnever(\"60s\", || http.get(\"/tasks\", #{ query: #{ kind: kind } }).json.len() > 0);";
    run(script).exits(1);
    run("never(\"100ms\", || http.get(\"/tasks\", #{ query: #{ kind: unique(\"none\") } }).json.len() > 0);").passes();
}

#[test]
fn c39_a_wait_in_vain_shows_the_line_of_the_script() {
    let script = "wait_until(#{ timeout: \"150ms\", every: \"30s\" }, || {\n    http.get(\"/health\").json.status == \"SUCCESS\"\n});";
    assert_snapshot!(run(script).exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  a  [time]

      a.rhai::a › wait until http.get("/health").json.status == "SUCCESS"
      failure: the condition did not come true within [time]
        --> a.rhai:1:1
         |
       1 | wait_until(#{ timeout: "150ms", every: "30s" }, || {
         | ^^^^^^^^^^
        last seen:     false
        unchanged for: [time]
        polls:         2
        last exchange:
          GET http://127.0.0.1:[port]/health
          < 200 OK in [time], 49 bytes
          < content-type: application/json
          < content-length: 49
          < date: [date]
          < {"status":"ok","database":"up","version":"0.1.0"}
          again: curl http://127.0.0.1:[port]/health

    1 scenario: 1 failed, 1 assertion, [time]
    "#);
}

#[test]
fn what_a_wait_saw_last_is_not_shown_as_its_result() {
    let script = r#"
scenario("Waits");
phase("begin", || { assert true; });
phase("one word", #{ ready: || http.get("/flaky?key=word&fail=2").ok, every: "20ms" }, || { assert true; });
phase("words", #{
    ready: || { let late = http.get("/flaky?key=words&fail=2").ok; assert late, "too early"; true },
    every: "20ms",
}, || { assert true; });
"#;
    let ran = run(script).passes();
    assert_snapshot!(ran.story(), @"
    exit 0

    PASS   a.rhai  Waits  [time]
           begin [time]
           wait for one word [time]  false (status 503 from http://127.0.0.1:[port]/flaky?key=wor…, then ready
           one word [time]
           wait for words [time]  too early: assertion failed: `late` (is false), then ready
           words [time]

    1 scenario: 1 passed, 3 assertions, [time]
    ");
}

#[test]
fn g13_a_wait_that_comes_to_nothing_keeps_the_directory_of_what_it_waited_for() {
    let script = r#"
        scenario("Waits for its stack", [
            phase("up", |state| {
                let app = stack("shop", #{ services: #{ job: #{ cmd: "echo up; exec sleep 600", ready: #{ log: "up" } } } }).up();
                state.dir = app.dir;
                log(app.dir);
            }),
            phase("done", #{ ready: || false, every: "10ms", within: "50ms" }, || {}),
        ]);
    "#;
    let project = super::Project::script(script);
    let ran = project.run(&["run", "--json", "a.rhai"]).exits(1);
    let events = ran.events();
    let mut logs = events.iter().filter(|event| event["record"] == "log");
    let dir = logs.next().expect("a directory")["text"].to_string();
    let root = project.path("");
    // Where the project is was taken out of what it said.
    let dir = dir
        .trim_matches('"')
        .replace("[project]", &root.to_string_lossy());
    let state = std::path::Path::new(&dir).join("state.json");
    assert!(state.exists(), "{dir}");
}
