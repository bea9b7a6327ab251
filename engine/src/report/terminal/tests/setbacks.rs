//! What went wrong, in full.

use super::*;

#[test]
fn soft_failures_stand_one_below_the_other() {
    let mut first = wrong_status();
    first.soft = true;
    let mut second = wrong_body();
    second.soft = true;
    let story = Story::new()
        .with(
            Tale::new("scenarios/soft.rhai", "goes on")
                .starts()
                .executes("goes on")
                .bad(first)
                .bad(second)
                .attempt_ends(PhaseState::Failed, 20)
                .ends(Outcome::Failed),
        )
        .exit(1);
    insta::assert_snapshot!(plain(&story));
}

#[test]
fn c29_every_try_and_attempt_is_told_and_equal_ones_briefly() {
    let attempt = |tale: Tale, failure: Failure| {
        tale.executes("validate")
            .logs(5, "asking again")
            .bad(failure)
            .attempt_ends(PhaseState::Failed, 100)
    };
    let mut tale = Tale::new("scenarios/export.rhai", "Export finishes")
        .phases(&["prepare", "validate"])
        .phase_retries("validate", 1)
        .retries(1);
    for failure in [wrong_status(), wrong_body()] {
        tale = tale
            .starts()
            .executes("prepare")
            .attempt_ends(PhaseState::Passed, 50);
        tale = attempt(tale, wrong_status());
        tale = attempt(tale, failure).try_ends(Outcome::Failed);
    }
    let story = Story::new().with(tale.ends(Outcome::Failed)).exit(1);
    insta::assert_snapshot!(plain(&story));
}

#[test]
fn c29_a_flaky_scenario_says_on_which_attempt_it_passed() {
    let story = Story::new().with(
        Tale::new("scenarios/export.rhai", "Export finishes")
            .phases(&["prepare", "validate"])
            .phase_retries("validate", 2)
            .starts()
            .executes("prepare")
            .attempt_ends(PhaseState::Passed, 50)
            .executes("validate")
            .bad(wrong_body())
            .attempt_ends(PhaseState::Failed, 100)
            .executes("validate")
            .attempt_ends(PhaseState::Passed, 90)
            .ends(Outcome::Passed),
    );
    insta::assert_snapshot!(plain(&story));
}

#[test]
fn c10_a_wrong_exit_code_is_a_failure_and_a_timeout_an_error_each_with_its_reason() {
    let story = Story::new()
        .with(Tale::new("a.rhai", "exits with 3").fails(
            10,
            Failure::product(Code::Assertion, "`make api` failed (exit 3)"),
        ))
        .with(
            Tale::new("a.rhai", "hangs")
                .errs(2000, Failure::fault("`./api` did not end within 2s")),
        )
        .exit(3);
    let text = plain(&story);
    assert!(text.contains("FAIL   a.rhai  exits with 3"), "{text}");
    assert!(
        text.contains("failure: `make api` failed (exit 3)"),
        "{text}"
    );
    assert!(text.contains("ERROR  a.rhai  hangs"), "{text}");
    assert!(
        text.contains("fault: `./api` did not end within 2s"),
        "{text}"
    );
}

#[test]
fn o21_what_went_wrong_on_our_side_is_an_error_and_never_a_failure() {
    let story = Story::new()
        .with(Tale::new("a.rhai", "needs a driver").errs(5, Failure::fault("chromedriver crashed")))
        .exit(3);
    let text = plain(&story);
    assert!(text.contains("ERROR  a.rhai  needs a driver"), "{text}");
    assert!(text.contains("fault: chromedriver crashed"), "{text}");
    assert!(text.contains("1 scenario: 1 errored"), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
}

#[test]
fn a20_a_failure_brings_place_exchange_state_log_and_files() {
    let text = plain(&Story::new().with(journey()).exit(1));
    for part in [
        "scenarios/journey.rhai::a customer chats › journey › log in › open the page",
        "--> scenarios/login.rhai:2:8",
        "GET http://127.0.0.1:8080/login",
        "task = 42",
        "INFO logging in",
        "shots/page.png",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
}

#[test]
fn a_place_outside_of_its_line_draws_all_the_same() {
    let mut failure = wrong_status();
    let at = failure.location.as_mut().unwrap();
    (at.column, at.width) = (u32::MAX, u32::MAX);
    let mut other = failure.clone();
    other.message = "other".into();
    other.location.as_mut().unwrap().column = 0;
    let tale = Tale::new("a.rhai", "x")
        .starts()
        .executes("x")
        .bad(failure)
        .bad(other);
    let tale = tale
        .attempt_ends(PhaseState::Failed, 1)
        .ends(Outcome::Failed);
    let text = plain(&Story::new().with(tale).exit(1));
    assert!(text.len() < 2000, "{}", text.len());
}

#[test]
fn many_failures_are_counted_rather_than_listed() {
    let mut story = Story::new().exit(1);
    for index in 0..60 {
        story = story.with(Tale::new("a.rhai", &format!("number {index}")).fails(1, wrong_body()));
    }
    let text = plain(&story);
    assert!(text.contains("\n… and 10 more\n"), "{text}");
}
