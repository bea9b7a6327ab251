//! Scenarios that need other scenarios.

use super::{logged, project};

const SCRIPT: &str = r#"
scenario("Uses it", #{ needs: "Makes it" }, [
    phase("use", |state| { log(`uses ${state.token}`); assert state.token == "t"; }),
]);
scenario("Makes it", [
    phase("make", |state| { log("makes"); state.token = env("TOKEN", "t"); if state.token == "" { fail("nothing made") } }),
    phase("wait", #{ ready: || env("SHUT", "") == "", every: "20ms" }, || {}),
]);
"#;

#[test]
fn c34_a_scenario_begins_when_the_one_it_needs_has_passed_with_its_state() {
    let (project, _demo) = project(SCRIPT);
    let ran = project.run(&["run", "--json", "a.rhai"]).passes();
    assert_eq!(logged(&ran), ["makes", "uses t"]);
}

#[test]
fn c34_it_is_skipped_with_the_reason_when_that_one_failed() {
    let (project, _demo) = project(SCRIPT);
    let ran = project.run(&["run", "--env", "TOKEN=", "a.rhai"]).exits(1);
    ran.says("needs \"Makes it\", which was failed");
}

#[test]
fn it_is_parked_with_the_one_it_needs_and_goes_on_with_it() {
    let (project, _demo) = project(SCRIPT);
    project
        .run(&["run", "--env", "SHUT=yes", "--max-wait", "50ms", "a.rhai"])
        .exits(75)
        .says("2 parked");
    let ran = project.run(&["resume", "--json"]).passes();
    assert_eq!(logged(&ran), ["uses t"]);
}

#[test]
fn c9_an_unknown_need_and_a_circle_are_errors_before_anything_runs() {
    let (project, _demo) = project(&SCRIPT.replace("needs: \"Makes it\"", "needs: \"Make it\""));
    project
        .run(&["run", "a.rhai"])
        .exits(2)
        .says("did you mean");
    let circle = SCRIPT.replace(
        "scenario(\"Makes it\", [",
        "scenario(\"Makes it\", #{ needs: \"Uses it\" }, [",
    );
    project.write("a.rhai", circle);
    project.run(&["run", "a.rhai"]).exits(2).says("circle");
}
