//! How a run may end.

use super::*;

#[test]
fn parked_scenarios_say_how_to_go_on() {
    let story = Story::new()
        .with(
            Tale::new("scenarios/export.rhai", "Export finishes")
                .phases(&["prepare", "validate"])
                .starts()
                .executes("prepare")
                .attempt_ends(PhaseState::Passed, 310)
                .waits("validate")
                .sees(100, "validate", "PENDING", 1)
                .ends_because(Outcome::Parked, "`validate` waits, not before 12:00"),
        )
        .exit(75);
    insta::assert_snapshot!(plain(&story));
}

#[test]
fn an_interrupted_run_says_so() {
    let story = Story::new()
        .with(Tale::new("a.rhai", "first").passes(5))
        .with(
            Tale::new("a.rhai", "second")
                .starts()
                .executes("second")
                .step("http", "GET /", None, 3)
                .opens("http", "GET /slow", None)
                .interrupts("Ctrl-C")
                .attempt_ends(PhaseState::Aborted, 900)
                .ends(Outcome::Interrupted),
        )
        .exit(130);
    insta::assert_snapshot!(plain(&story));
}

#[test]
fn a_killed_run_tells_what_it_was_in() {
    let story = Story::new()
        .with(Tale::new("a.rhai", "first").passes(5))
        .with(
            Tale::new("a.rhai", "second")
                .starts()
                .executes("second")
                .step("http", "GET /", None, 3)
                .opens("http", "GET /slow", None)
                .logs(500, "still there"),
        )
        .with(Tale::new("a.rhai", "third"))
        .killed();
    insta::assert_snapshot!(plain(&story));
}

#[test]
fn a_run_of_nothing_and_a_run_killed_at_once() {
    insta::assert_snapshot!(plain(
        &Story::new().not_selected("a.rhai::x", "tag").exit(4)
    ));
    insta::assert_snapshot!(plain(&Story::new().with(Tale::new("a.rhai", "x")).killed()));
}
