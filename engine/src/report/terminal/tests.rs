//! Whole accounts of whole runs.

use crate::model::{Outcome, PhaseState};
use crate::report::story::{Story, Tale, account, hostile, wrong_body, wrong_status};
use crate::report::{Options, Screen};
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::record::{Record, StepOutcome};

fn plain(story: &Story) -> String {
    account(&Options::default(), story)
}

fn at(width: usize, story: &Story) -> String {
    let options = Options {
        width: Some(width),
        ..Options::default()
    };
    account(&options, story)
}

fn verbose(story: &Story) -> String {
    let options = Options {
        verbose: 1,
        ..Options::default()
    };
    account(&options, story)
}

/// Prepares, waits for a task, validates.
fn export() -> Tale {
    Tale::new("scenarios/export.rhai", "Export finishes")
        .phases(&["prepare", "validate"])
        .starts()
        .executes("prepare")
        .step("http", "POST /tasks", None, 310)
        .attempt_ends(PhaseState::Passed, 310)
        .waits("validate")
        .sees(0, "validate", "PENDING", 1)
        .sees(2100, "validate", "STARTED", 3)
        .sees(9100, "validate", "SUCCESS", 8)
        .executes("validate")
}

fn green() -> Story {
    Story::new()
        .with(
            Tale::new("scenarios/login.rhai", "login as Ada")
                .tags(&["smoke"])
                .passes(240),
        )
        .with(
            export()
                .attempt_ends(PhaseState::Passed, 900)
                .ends(Outcome::Passed),
        )
        .with(Tale::new("scenarios/health.rhai", "health").passes(12))
        .not_selected("scenarios/slow.rhai::slow", "not tagged smoke")
}

fn mixed() -> Story {
    Story::new()
        .with(Tale::new("scenarios/login.rhai", "login as Ada").passes(240))
        .with(journey())
        .with(
            Tale::new("scenarios/order.rhai", "an order is delivered")
                .retries(1)
                .starts()
                .executes("an order is delivered")
                .bad(wrong_body())
                .attempt_ends(PhaseState::Failed, 400)
                .try_ends(Outcome::Failed)
                .starts()
                .executes("an order is delivered")
                .attempt_ends(PhaseState::Passed, 380)
                .ends(Outcome::Passed),
        )
        .with(
            Tale::new("scenarios/db.rhai", "rows are kept").errs(
                180_000,
                Failure::new(
                    Kind::Fault,
                    Code::Timeout,
                    "phase `rows are kept` took longer than its timeout of 3m 00s",
                )
                .detail("was in", "GET /rows")
                .hint("raise it with the option `timeout`, or find out what it waits for"),
            ),
        )
        .with(
            Tale::new("scenarios/browser.rhai", "looks right")
                .skips("needs a browser, and there is none"),
        )
        .with(
            Tale::new("scenarios/old.rhai", "an old one")
                .quarantine("2026-12-31", "ada", "SHOP-12")
                .fails(30, wrong_status()),
        )
        .with(
            Tale::new("scenarios/empty.rhai", "checks nothing")
                .asserts(0)
                .passes(5),
        )
        .exit(3)
}

/// Fails in a step within a step, having done and said a lot.
fn journey() -> Tale {
    let mut failure = wrong_status();
    failure.steps = vec!["log in".into(), "open the page".into()];
    Tale::new("scenarios/journey.rhai", "a customer chats")
        .phases(&["set up", "journey", "tidy up"])
        .starts()
        .executes("set up")
        .writes("user", serde_json::json!({"name": "ada"}))
        .attempt_ends(PhaseState::Passed, 80)
        .executes("journey")
        .writes("task", 41.into())
        .writes("task", 42.into())
        .step("http", "GET /health", None, 3)
        .logs(10, "\u{1b}[32mINFO\u{1b}[0m logging in")
        .opens("step", "log in", None)
        .opens("step", "open the page", Some(2))
        .step("http", "GET /login", Some(3), 12)
        .attaches("page", "shots/page.png")
        .bad(failure)
        .closes(3, StepOutcome::Failed, 1)
        .closes(2, StepOutcome::Failed, 1)
        .attempt_ends(PhaseState::Failed, 1200)
        .leaves_out("tidy up", "journey")
        .ends(Outcome::Failed)
}

#[test]
fn a_green_run_is_calm() {
    insta::assert_snapshot!(plain(&green()));
}

#[test]
fn everything_that_can_become_of_a_scenario() {
    insta::assert_snapshot!(plain(&mixed()));
}

#[test]
fn eighty_columns() {
    insta::assert_snapshot!(at(80, &mixed()));
}

#[test]
fn forty_columns() {
    let text = at(40, &green());
    assert!(
        text.lines().all(|line| line.chars().count() <= 40),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn o4_the_stages_stand_in_order_with_their_durations() {
    let text = plain(&green());
    let stages: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("Export finishes"))
        .skip(1)
        .take(3)
        .map(str::trim)
        .collect();
    assert_eq!(
        stages,
        [
            "prepare              310ms",
            "wait for validate    11.2s  PENDING, STARTED after 2.1s, SUCCESS after 11.2s, then ready",
            "validate             900ms",
        ]
    );
}

#[test]
fn o6_a_wait_in_a_phase_shows_each_change_and_the_failure_the_last_value() {
    let failure = Failure::product(
        Code::WaitTimeout,
        "the condition did not come true within 10s",
    )
    .detail("last seen", "STARTED")
    .detail("polls", "20");
    let story = Story::new()
        .with(
            Tale::new("scenarios/task.rhai", "a task ends")
                .starts()
                .executes("a task ends")
                .opens("wait_until", "wait until the task is done", None)
                .step_sees(0, 1, "PENDING", 1)
                .step_sees(2100, 1, "STARTED", 5)
                .bad(failure)
                .closes(1, StepOutcome::Failed, 7900)
                .attempt_ends(PhaseState::Failed, 0)
                .ends(Outcome::Failed),
        )
        .exit(1);
    insta::assert_snapshot!(plain(&story));
    insta::assert_snapshot!(verbose(&story));
}

#[test]
fn a_wait_that_was_in_vain_fails_its_phase() {
    let story = Story::new()
        .with(
            Tale::new("scenarios/export.rhai", "Export finishes")
                .phases(&["prepare", "validate"])
                .starts()
                .executes("prepare")
                .attempt_ends(PhaseState::Passed, 310)
                .waits("validate")
                .sees(0, "validate", "PENDING", 1)
                .sees(600_000, "validate", "STARTED", 300)
                .wait_fails(
                    "validate",
                    Failure::product(
                        Code::WaitTimeout,
                        "phase `validate` was not ready within 10m 00s",
                    )
                    .detail("last seen", "STARTED"),
                )
                .ends(Outcome::Failed),
        )
        .exit(1);
    insta::assert_snapshot!(plain(&story));
}

#[test]
fn p5_steps_are_announced_and_timed_as_they_happen() {
    let story = Story::new()
        .with(journey())
        .with(
            export()
                .attempt_ends(PhaseState::Passed, 900)
                .ends(Outcome::Passed),
        )
        .exit(1);
    insta::assert_snapshot!(verbose(&story));
}

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
fn a19_totals_stand_by_tier() {
    let story = Story::new()
        .with(Tale::new("a.rhai", "one").tags(&["tier2"]).passes(5))
        .with(Tale::new("a.rhai", "two").tags(&["tier1", "api"]).passes(5))
        .with(
            Tale::new("a.rhai", "three")
                .tags(&["tier1"])
                .fails(5, wrong_body()),
        )
        .with(
            Tale::new("a.rhai", "four")
                .tags(&["tier10"])
                .skips("not today"),
        )
        .exit(1);
    let text = plain(&story);
    let tiers: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("tier"))
        .collect();
    assert_eq!(
        tiers,
        [
            "tier1: 1 passed, 1 failed",
            "tier2: 1 passed",
            "tier10: 1 skipped"
        ]
    );
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
fn warnings_are_shown_when_they_come() {
    let text = plain(&Story::new().warned("profile `ci` sets no base URL"));
    assert!(
        text.contains("warning: profile `ci` sets no base URL\n"),
        "{text}"
    );
}

#[test]
fn quiet_tells_what_went_wrong_and_the_sum() {
    let options = Options {
        quiet: true,
        ..Options::default()
    };
    insta::assert_snapshot!(account(&options, &green()));
    let text = account(&options, &mixed());
    assert!(text.starts_with("FAIL   scenarios/journey.rhai"), "{text}");
    assert!(!text.contains("PASS") && !text.contains("SKIP"), "{text}");
}

#[test]
fn twice_verbose_shows_what_steps_have_to_show() {
    let ended = |data| Record::StepEnded {
        step: 1,
        outcome: StepOutcome::Passed,
        micros: 12_000,
        data,
    };
    let tale = Tale::new("a.rhai", "x")
        .starts()
        .executes("x")
        .opens("http", "POST /tasks", None);
    let tale = tale.records(
        12,
        ended(serde_json::json!({"status": 202, "curl": "curl -X POST /tasks\n"})),
    );
    let story = Story::new().with(
        tale.attempt_ends(PhaseState::Passed, 1)
            .ends(Outcome::Passed),
    );
    let options = Options {
        verbose: 2,
        ..Options::default()
    };
    insta::assert_snapshot!(account(&options, &story));
    assert!(verbose(&story).contains("12ms  POST /tasks  202\n"));
}

#[test]
fn hostile_text_stays_text() {
    for text in [
        plain(&Story::new().with(hostile())),
        verbose(&Story::new().with(hostile())),
    ] {
        assert_harmless(&text);
        insta::assert_snapshot!(text);
    }
}

fn assert_harmless(text: &str) {
    let control = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(control, None);
    assert!(!text.contains('\u{202e}') && !text.contains("##["));
    assert!(
        !text.lines().any(|line| line.trim_start().starts_with("::")),
        "{text}"
    );
    assert!(text.len() < 60_000, "{}", text.len());
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

#[test]
fn nothing_is_lost_while_a_picture_is_drawn() {
    // Where tests run no terminal can be drawn on, but lines are held back all the same.
    let options = Options {
        screen: Screen::live(false),
        ..Options::default()
    };
    assert_eq!(account(&options, &mixed()), plain(&mixed()));
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
fn colour_changes_nothing_but_colour() {
    let options = Options {
        color: true,
        ..Options::default()
    };
    let colored = account(&options, &mixed());
    assert!(colored.contains("\u{1b}[32mPASS"), "{colored}");
    assert_eq!(console::strip_ansi_codes(&colored), plain(&mixed()));
}
