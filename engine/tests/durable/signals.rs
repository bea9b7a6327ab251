use super::{logged, project, texts};

const SCRIPT: &str = r#"
scenario("Release", [
    phase("ask", |state| { state.order = 7; }),
    phase("release", #{ ready: signal("approved"), within: "5m" }, |state| {
        log(`${state.order} approved by ${state.signals.approved.by}`);
        assert state.signals.approved.by == "ada";
    }),
]);
"#;

#[test]
fn a_person_answers_a_waiting_scenario_from_another_terminal() {
    let (project, _demo) = project(SCRIPT);
    let running = project.start(&["run", "--json", "a.rhai"]);
    running.until("\"to\":\"waiting\"");
    project
        .run(&[
            "signal",
            "latest",
            "approved",
            "--data",
            "{\"by\": \"ada\"}",
        ])
        .passes()
        .says("1 scenario may take it");
    let ran = running.end().passes();
    assert_eq!(logged(&ran), ["7 approved by ada"]);
}

#[test]
fn a_signal_that_comes_while_nobody_runs_is_found_by_the_resume() {
    let (project, _demo) = project(SCRIPT);
    project.run(&["run", "--phase", "ask", "a.rhai"]).exits(75);
    project
        .run(&[
            "signal",
            "latest",
            "approved",
            "--data",
            "{\"by\": \"ada\"}",
        ])
        .passes();
    let ran = project.run(&["resume", "--json"]).passes();
    assert_eq!(texts(&ran, "event", "signalled", "name"), ["approved"]);
}

#[test]
fn each_scenario_consumes_a_signal_once_and_all_that_wait_get_it() {
    let script = r#"
        for name in ["one", "two"] {
            scenario(name, [
                phase("first", || { log(`${name} ${wait_for_signal("go").n}`); }),
                phase("second", || { log(`${name} ${wait_for_signal("go").n}`); }),
            ]);
        }
    "#;
    let (project, _demo) = project(script);
    let running = project.start(&["run", "-j", "2", "--json", "a.rhai"]);
    running.until("\"kind\":\"signal\"");
    project
        .run(&["signal", "latest", "go", "--data", "{\"n\": 1}"])
        .passes()
        .says("2 scenarios may take it");
    running.until("one 1");
    running.until("two 1");
    project
        .run(&[
            "signal",
            "latest",
            "go",
            "--scenario",
            "one",
            "--data",
            "{\"n\": 2}",
        ])
        .passes();
    running.until("one 2");
    project
        .run(&[
            "signal",
            "latest",
            "go",
            "--scenario",
            "two",
            "--data",
            "{\"n\": 3}",
        ])
        .passes();
    let ran = running.end().passes();
    assert_eq!(ran.times("two 2"), 0, "that one was for the other");
    assert!(ran.stdout.contains("two 3"));
}

#[test]
fn a_signal_for_nobody_or_with_broken_data_is_refused() {
    let (project, _demo) = project(SCRIPT);
    project.run(&["run", "--phase", "ask", "a.rhai"]).exits(75);
    let broken = project
        .run(&["signal", "latest", "approved", "--data", "{by: ada}"])
        .exits(2);
    broken
        .says("--data is no JSON")
        .says("quote it for the shell");
    let nobody = project.run(&["signal", "latest", "aproved"]).exits(2);
    nobody
        .says("waits for a signal \"aproved\"")
        .says("did you mean `approved`?");
    project
        .run(&["signal", "latest", "two words"])
        .exits(2)
        .says("cannot be the name of a signal");
    project
        .run(&["signal", "latest", "approved", "--scenario", "Releas"])
        .exits(2)
        .says("did you mean `Release`?");
    project.run(&["abandon"]).passes();
    project
        .run(&["signal", "latest", "approved"])
        .exits(2)
        .says("is over");
}

#[test]
fn a_signal_that_does_not_come_fails_the_phase() {
    let (project, _demo) = project(&SCRIPT.replace("within: \"5m\"", "within: \"100ms\""));
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    ran.says("phase \"release\" got no signal \"approved\" within 100ms");
}

#[test]
fn a_manual_phase_tells_a_person_what_to_do() {
    let script = r#"
        scenario("Alarm", [
            phase("arm", |state| { state.armed = true; }),
            manual("press the red button at the door"),
            phase("check", |state| { assert state.armed; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    let running = project.start(&["run", "a.rhai"]);
    running.until("press the red button at the door");
    running.until("press-the-red-button");
    project
        .run(&["signal", "latest", "press-the-red-button"])
        .passes();
    running.end().passes().says("1 passed");
}

#[test]
fn what_a_person_is_asked_for_is_told_again_by_the_resume() {
    let script = r#"
        scenario("Alarm", [
            phase("arm", |state| { state.armed = true; }),
            manual("press the red button at the door", #{ signal: "pressed" }),
            phase("check", |state| { assert state.armed; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--max-wait", "50ms", "a.rhai"])
        .exits(75)
        .says("\"press the red button at the door\" waits (--max-wait 50ms)");
    project
        .run(&["resume", "--max-wait", "50ms"])
        .exits(75)
        .says("TO DO")
        .says("press the red button at the door");
    project.run(&["signal", "latest", "pressed"]).passes();
    project.run(&["resume"]).passes();
}
