//! Whole accounts of whole runs.

mod ends;
mod setbacks;
mod stages;

use crate::model::{Outcome, PhaseState};
use crate::report::story::{Story, Tale, account, hostile, wrong_body, wrong_status};
use crate::report::{Options, Screen};
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::record::{Begin, End, Record, StepOutcome};

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
fn nothing_is_lost_while_a_picture_is_drawn() {
    // Where tests run no terminal can be drawn on, but lines are held back all the same.
    let options = Options {
        screen: Screen::live(false),
        ..Options::default()
    };
    assert_eq!(account(&options, &mixed()), plain(&mixed()));
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
