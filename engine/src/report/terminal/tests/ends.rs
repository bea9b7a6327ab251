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

#[test]
fn what_was_only_interrupted_does_not_bury_what_broke() {
    let mut story = Story::new();
    for number in 0..5 {
        let name = format!("stopped {number}");
        story = story.with(
            Tale::new("a.rhai", &name)
                .starts()
                .executes(&name)
                .ends_because(Outcome::Interrupted, "Ctrl-C"),
        );
    }
    let story = story
        .with(Tale::new("b.rhai", "broken").fails(30, wrong_status()))
        .interrupted("Ctrl-C");
    let text = plain(&story);
    let last: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with('─'))
        .collect();
    insta::assert_snapshot!(last.join("\n"), @"
    ────────────────────────────────────────────────────────────────────────────────
    FAIL   broken
           `res.status == 200` does not hold: is 404
           scenarios/login.rhai:2:8
           scenario run b.rhai::broken

    STOP   5 scenarios: Ctrl-C

    interrupted: Ctrl-C
    6 scenarios: 1 failed, 5 interrupted, 6 assertions, 30ms
    look closer: scenario show 20261121-101500-k3f9
    ");
}
