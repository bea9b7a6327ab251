//! A calendar that jumped between two processes of a run.

use super::{Project, logged, project};
use jiff::{Timestamp, tz::TimeZone};

const SCRIPT: &str = r#"
    scenario("Oven", [
        phase("prepare", |state| { state.n = 1; }),
        phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms", within: "30s", expires: "48h" },
            |state| { log("looked"); assert state.n == 1; }),
    ]);
"#;

/// Moves everything that happened by whole years, of which four have as many days: what a clock that was set leaves behind.
fn move_the_past(project: &Project, years: i16) {
    let store = rusqlite::Connection::open(project.path(".scenario/store.db")).expect("a store");
    let year = Timestamp::now().to_zoned(TimeZone::UTC).year();
    // At the turn of the year a run may have begun in the former one.
    for year in [year - 1, year] {
        let was = format!("\"at\":\"{year:04}-");
        let is = format!("\"at\":\"{:04}-", year + years);
        let moved = "UPDATE events SET lines = replace(lines, ?1, ?2)";
        store.execute(moved, [was, is]).expect("moved");
    }
}

fn parked() -> (Project, super::Demo) {
    let (project, demo) = project(SCRIPT);
    project
        .run(&["run", "--max-wait", "50ms", "a.rhai"])
        .exits(75);
    (project, demo)
}

#[test]
fn a_clock_that_was_set_back_is_told_and_nothing_ends_for_it() {
    let (project, _demo) = parked();
    move_the_past(&project, 4);
    let ran = project
        .run(&["resume", "--env", "OPEN=yes", "--json"])
        .passes();
    assert_eq!(logged(&ran), ["looked"]);
    ran.says("warning: the newest event of this run lies")
        .says("in the future: the clock of this machine was set back");
}

#[test]
fn a_clock_that_jumped_ahead_leaves_the_watched_time_and_ends_what_expires_by_the_calendar() {
    let (project, _demo) = parked();
    move_the_past(&project, -4);
    let ran = project.run(&["resume"]).exits(1);
    ran.says("phase \"validate\" expired 2d 0h after it began to wait")
        .says_nothing_of("was set back");
}
