use super::{logged, project};

const SCRIPT: &str = r#"
scenario("Order", [
    phase("prepare", |state| { state.task = 7; state.user = #{ name: "ada" }; }),
    phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms" }, |state| { log(`task ${state.task}`); assert state.task == 8; }),
]);
"#;

#[test]
fn p16_the_state_of_a_parked_run_can_be_read_and_mended() {
    let (project, _demo) = project(SCRIPT);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    let shown = project.run(&["state"]).passes();
    let state: serde_json::Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(
        state,
        serde_json::json!({"task": 7, "user": {"name": "ada"}})
    );
    project
        .run(&["state", "latest", "--set", "task=8", "--unset", "user"])
        .passes()
        .says_nothing_of("ada");
    let ran = project
        .run(&["resume", "--env", "OPEN=yes", "--json"])
        .passes();
    assert_eq!(logged(&ran), ["task 8"]);
}

#[test]
fn a_state_that_counts_no_more_is_not_changed() {
    let (project, _demo) = project("assert true;");
    project.run(&["run", "a.rhai"]).passes();
    project
        .run(&["state", "latest", "--set", "task=8"])
        .exits(2)
        .says("its state counts no more");
    project
        .run(&["state", "latest", "--set", "task"])
        .exits(2)
        .says("expected KEY=VALUE");
    project
        .run(&["state", "latest", "--scenario", "b"])
        .exits(2)
        .says("has no scenario \"b\"");
}

#[test]
fn p3_phases_side_by_side_that_write_different_values_are_named() {
    let script = r#"
        scenario("Side by side", [
            phase("start", || {}),
            phase("left", #{ needs: "start" }, |state| { state.port = 1; }),
            phase("right", #{ needs: "start" }, |state| { state.port = 2; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    let ran = project.run(&["run", "-j", "1", "a.rhai"]).exits(2);
    ran.says("phases \"left\" and \"right\" run side by side, and both wrote `state.port`");
    project.write("a.rhai", script.replace("state.port = 2", "state.port = 1"));
    project.run(&["run", "a.rhai"]).passes();
}

#[test]
fn p3_a_phase_sees_what_it_needs_has_written_and_a_clean_up_also_what_failed() {
    let script = r#"
        scenario("Order", [
            phase("apart", #{ needs: [] }, |state| { state.c = 3; }),
            phase("a", #{ needs: [] }, |state| { state.a = 1; state.gone = true; }),
            phase("b", #{ needs: "a" }, |state| { state.b = 2; state.remove("gone"); }),
            phase("fails", #{ needs: "b" }, |state| {
                state.d = state.a + state.b;
                log(`sees ${state.keys()}`);
                fail("as it should");
            }),
            phase("drop", #{ always: true }, |state| log(`cleans ${state.a} ${state.b} ${state.c} ${state.d}`)),
        ]);
    "#;
    let (project, _demo) = project(script);
    let ran = project.run(&["run", "--json", "a.rhai"]).exits(1);
    let said = logged(&ran);
    assert_eq!(said, [r#"sees ["a", "b", "d"]"#, "cleans 1 2 3 3"]);
}
