use super::{logged, project};

const SCRIPT: &str = r#"
scenario("Rounds", #{ rounds: 3 }, [
    phase("one", |state| { state.count = state.get("count", 0) + 1; log(`one ${state.count}`); }),
    phase("two", |state| { log("two"); if env("BAD", "") == "yes" { fail("as asked") } }),
]);
"#;

#[test]
fn p8_each_round_begins_with_an_empty_state() {
    let (project, _demo) = project(SCRIPT);
    let ran = project.run(&["run", "--json", "a.rhai"]).passes();
    assert_eq!(
        logged(&ran),
        ["one 1", "two", "one 1", "two", "one 1", "two"]
    );
    let rounds: Vec<u64> = ran
        .events()
        .iter()
        .filter(|event| event["event"] == "try_started")
        .map(|event| event["round"].as_u64().unwrap_or_default())
        .collect();
    assert_eq!(rounds, [1, 2, 3]);
}

#[test]
fn p8_a_phase_knows_its_round() {
    let (project, _demo) = project(
        "scenario(\"Rounds\", #{ rounds: 2 }, [phase(\"p\", || { log(`round ${run.round}`); assert true; })]);",
    );
    let ran = project.run(&["run", "--json", "a.rhai"]).passes();
    assert_eq!(logged(&ran), ["round 1", "round 2"]);
    project.write("b.rhai", "log(`${run.round}`); scenario(\"a\", || {});");
    let ran = project.run(&["check", "b.rhai"]).exits(2);
    ran.says("there is no round while the file is loaded");
}

#[test]
fn p17_a_failed_round_is_gone_on_with_in_that_round() {
    let (project, _demo) = project(SCRIPT);
    let ran = project
        .run(&["run", "--env", "BAD=yes", "--json", "a.rhai"])
        .exits(1);
    assert_eq!(
        logged(&ran),
        ["one 1", "two"],
        "no round follows a failed one"
    );
    let ran = project
        .run(&["resume", "latest", "--from", "two", "--json"])
        .passes();
    assert_eq!(logged(&ran), ["two", "one 1", "two", "one 1", "two"]);
}

#[test]
fn the_command_line_sets_rounds_where_the_script_does_not() {
    let (project, _demo) =
        project("scenario(\"a\", [phase(\"p\", || { log(\"done\"); assert true; })]);");
    let ran = project
        .run(&["run", "--rounds", "2", "--json", "a.rhai"])
        .passes();
    assert_eq!(logged(&ran), ["done", "done"]);
}
