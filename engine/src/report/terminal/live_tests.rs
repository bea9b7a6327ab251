//! Pictures of runs that are under way.

use super::heartbeat;
use super::live::picture;
use crate::model::PhaseState;
use crate::report::palette::Palette;
use crate::report::story::{BEGAN, Story, Tale};
use crate::report::{fit, screen};
use jiff::{SignedDuration, Timestamp};

fn under_way() -> Story {
    Story::new()
        .with(Tale::new("scenarios/a.rhai", "an early one").passes(500))
        .with(
            Tale::new("scenarios/export.rhai", "Export finishes")
                .phases(&["prepare", "validate"])
                .starts()
                .executes("prepare")
                .attempt_ends(PhaseState::Passed, 310)
                .waits("validate")
                .sees(0, "validate", "PENDING", 1)
                .sees(2100, "validate", "STARTED", 3),
        )
        .with(
            Tale::new("scenarios/journey.rhai", "A customer chats with support")
                .phases(&["journey", "tidy up"])
                .starts()
                .executes("journey")
                .opens("step", "log in", None)
                .opens("browser", "click button \"Sign in\"", Some(1)),
        )
        .with(
            Tale::new("scenarios/task.rhai", "a task ends")
                .starts()
                .executes("a task ends")
                .opens("wait_until", "wait until the task is done", None)
                .step_sees(900, 1, "PENDING", 2),
        )
        .with(Tale::new("scenarios/z.rhai", "a late one"))
        .killed()
}

fn drawn(story: &Story, rows: usize, columns: usize) -> Vec<String> {
    let now = BEGAN.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(75);
    let picture = picture(&story.view(), now, (rows, columns), Palette::default());
    let mut lines = picture.list;
    lines.push(format!(
        "{}/{}  {}",
        picture.done, picture.total, picture.tail
    ));
    lines
}

#[test]
fn what_runs_and_what_it_waits_for_and_since_when() {
    insta::assert_snapshot!(drawn(&under_way(), 24, 80).join("\n"));
}

#[test]
fn forty_columns_are_enough() {
    insta::assert_snapshot!(drawn(&under_way(), 24, 40).join("\n"));
}

#[test]
fn who_is_waited_for_is_named() {
    let story = Story::new()
        .with(
            Tale::new("a.rhai", "Release")
                .phases(&["ask", "release", "the shop is open"])
                .with_phase("release", |phase| phase.signal = Some("approved".into()))
                .with_phase("the shop is open", |phase| {
                    phase.during = Some("release".into());
                })
                .starts()
                .executes("ask")
                .attempt_ends(PhaseState::Passed, 10)
                .waits("release")
                .waits("the shop is open")
                .sees(0, "the shop is open", "holds", 1),
        )
        .killed();
    let lines = drawn(&story, 24, 80).join("\n");
    assert!(
        lines.contains("Release › release waits for signal \"approved\" "),
        "{lines}"
    );
    assert!(
        lines.contains("Release › the shop is open watched: holds "),
        "{lines}"
    );
}

#[test]
fn no_line_is_as_wide_as_the_screen() {
    for columns in 20..120 {
        for line in drawn(&under_way(), 24, columns) {
            assert!(fit::width(&line) < columns, "{columns}: {line}");
        }
    }
    assert!(screen::tail_room(10, 99999) < 10);
}

#[test]
fn no_more_lines_than_the_screen_allows() {
    let mut story = Story::new().killed();
    for index in 0..100 {
        let name = format!("number {index}");
        story = story.with(Tale::new("a.rhai", &name).starts().executes(&name));
    }
    for rows in [2, 5, 10, 24, 100] {
        let lines = drawn(&story, rows, 80).len();
        assert!(lines <= rows.min(13), "{lines} lines on {rows} rows");
    }
    let lines = drawn(&story, 10, 80);
    assert_eq!(lines[5], "  … and 95 more");
}

#[test]
fn a_sign_of_life_names_the_longest() {
    let now = BEGAN.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(75);
    assert_eq!(
        heartbeat::text(&under_way().view(), now),
        "still at it after 1m 15s: 1 of 5 ended, 2 executing, 1 waiting; \
         longest: Export finishes › validate waits: STARTED, 1m 14s"
    );
}

#[test]
fn a_clock_that_was_set_back_shows_zero() {
    let before = BEGAN.parse::<Timestamp>().unwrap() - SignedDuration::from_secs(75);
    let picture = picture(&under_way().view(), before, (24, 80), Palette::default());
    assert!(picture.list[0].ends_with("   0.0s"), "{}", picture.list[0]);
}
