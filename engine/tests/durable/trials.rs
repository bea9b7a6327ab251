//! Graphs of phases from end to end: what the promises of the seed systems come to when the real program runs them.

use super::common::{Project, Signal};
use super::{logged, project, texts};

/// The state each phase ended in, in the order in which they ended.
fn ended(ran: &super::Ran) -> Vec<String> {
    let events = ran.events();
    let changed = events
        .iter()
        .filter(|event| event["event"] == "phase_changed");
    changed
        .map(|event| {
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            (text("phase"), text("to"))
        })
        .filter(|(_, to)| !matches!(to.as_str(), "pending" | "waiting" | "executing"))
        .map(|(phase, to)| format!("{phase} {to}"))
        .collect()
}

#[test]
fn c5_c7_c19_a_service_runs_beside_its_test_and_is_cleaned_up_behind_it() {
    let script = r#"
        scenario("Integration trial", [
            phase("run api",   #{ stop_when: #{ test: TERMINAL } }, || sleep("10m")),
            phase("api is up", #{ needs: #{ "run api": ["executing"] } }, || log("up")),
            phase("test",      #{ needs: ["api is up"] }, || { log("tested"); assert true; }),
            phase("drop db",   #{ needs: #{ test: TERMINAL, "run api": TERMINAL }, always: true }, || log("dropped")),
        ]);
    "#;
    let project = Project::script(script);
    let ran = project
        .run(&["run", "--timeout", "5m", "--json", "a.rhai"])
        .passes();
    assert_eq!(logged(&ran), ["up", "tested", "dropped"]);
    let ends = [
        "api is up passed",
        "test passed",
        "run api passed",
        "drop db passed",
    ];
    assert_eq!(ended(&ran), ends);
}

#[test]
fn c7_a_readiness_check_ends_with_the_program_it_waits_for() {
    let script = r#"
        scenario("Trial", [
            phase("run api",   || { exec("echo the port is taken >&2; exit 3"); }),
            phase("api is up", #{ needs: #{ "run api": ["executing"] }, stop_when: #{ "run api": TERMINAL } },
                || wait_until("10m", || http.get("/no-such-page").ok)),
            phase("test",      #{ needs: ["api is up", "run api"] }, || log("never")),
        ]);
    "#;
    let project = Project::script(script);
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    ran.says("the port is taken")
        .says("3")
        .says_nothing_of("never");
}

#[test]
fn c17_an_interrupt_ends_what_executes_and_skips_what_is_pending_and_every_always_phase_runs() {
    let script = r#"
        scenario("Long", [
            phase("work", || { log("began"); sleep("10m"); }),
            phase("more", || log("never")),
            phase("drop db", #{ always: true }, || log("dropped")),
            phase("remove dir", #{ always: true }, || log("removed")),
        ]);
    "#;
    let project = Project::script(script);
    let running = project.start(&["run", "--json", "a.rhai"]);
    running.until("\"text\":\"began\"");
    running.signal(Signal::INT);
    let ran = running.end().exits(130);
    assert_eq!(logged(&ran), ["began", "dropped", "removed"]);
    let ends = [
        "work aborted",
        "more aborted",
        "drop db passed",
        "remove dir passed",
    ];
    let mut told = ended(&ran);
    told.retain(|end| ends.contains(&end.as_str()));
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[2..], ends[2..]);
}

#[test]
fn o16_a_clean_up_that_fails_is_told_by_itself_and_an_option_says_whether_it_counts() {
    let script = r#"
        scenario("Trial", [
            phase("test", || { assert true; }),
            phase("drop db", #{ always: true }, || { assert http.get("/no-such-page").ok; }),
        ]);
    "#;
    let project = Project::script(script);
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    ran.says("Trial › drop db").says("drop db").says("failed");
    project.write(
        "a.rhai",
        script.replace("always: true", "always: true, ignore_outcome: true"),
    );
    let ran = project.run(&["run", "a.rhai"]).passes();
    ran.says("Trial › drop db").says("1 passed");
}

#[test]
fn p6_an_answer_that_does_not_say_success_is_a_clear_failure() {
    for answer in ["#{ success: false, error: \"disk full\" }", "#{}", "()"] {
        let script = format!(
            r#"
            phase("step", || {{
                let result = http.post("/anything", #{{ json: #{{ result: {answer} }} }}).json.json.result;
                expect(result).to_match(#{{ success: true }});
            }});
            "#
        );
        let ran = Project::script(&script).run(&["run", "a.rhai"]).exits(1);
        ran.says("success").says("a.rhai:4");
    }
}

#[test]
fn p7_a_phase_that_skips_itself_stays_skipped_in_the_next_process() {
    let script = r#"
        scenario("Order", [
            phase("register", || { log("asked"); skip("the user is there already (409)"); }),
            phase("prepare", |state| { state.n = 1; }),
            phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms" }, |state| { assert state.n == 1; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    let ran = project
        .run(&["run", "--phase", "prepare", "--json", "a.rhai"])
        .exits(75);
    assert_eq!(logged(&ran), ["asked"]);
    let ran = project
        .run(&["resume", "--env", "OPEN=yes", "--json"])
        .passes();
    assert_eq!(logged(&ran), [""; 0], "it is not asked again");
    project
        .run(&["show"])
        .says("skipped: the user is there already (409)");
}

#[test]
fn p19_a_passed_phase_that_is_gone_stops_the_resume() {
    let script = r#"
        scenario("Order", [
            phase("prepare", |state| { state.n = 1; }),
            phase("validate", #{ ready: || false, every: "20ms" }, |state| { assert state.n == 1; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    project.write("a.rhai", script.replace("\"prepare\"", "\"set up\""));
    project
        .run(&["resume"])
        .exits(2)
        .says("\"prepare\" is gone");
}

#[test]
fn p21_a_new_run_finds_nothing_of_the_former() {
    let script = r#"
        scenario("Order", [
            phase("prepare", |state| {
                log(`found ${state.get("count", 0)}`);
                state.count = state.get("count", 0) + 1;
            }),
            phase("validate", #{ ready: || false, every: "20ms" }, |state| { assert state.count == 1; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    for _ in 0..2 {
        let ran = project
            .run(&["run", "--phase", "prepare", "--json", "a.rhai"])
            .exits(75);
        assert_eq!(logged(&ran), ["found 0"]);
    }
    // Both are there, each with a state of its own.
    let runs = project.run(&["runs"]).passes();
    assert_eq!(runs.times("1 parked of 1"), 2, "{}", runs.stdout);
    assert_eq!(
        texts(
            &project.run(&["report", "latest", "--reporter", "json"]),
            "event",
            "scenario_ended",
            "outcome"
        ),
        ["parked"]
    );
}
