//! A run whose process is killed at all kinds of moments and gone on with: nothing passed is lost, nothing is repeated.

use super::common::{Project, Ran, Signal};
use super::project;
use std::collections::{BTreeMap, BTreeSet};

/// Phases of every kind; each has something to wait for or to do, so that a kill finds it in any state.
const SCRIPT: &str = r#"
for n in 0..4 {
    scenario(`s${n}`, [
        phase("a", |state| { log("did"); state.a = n; }),
        phase("b", #{ ready: |state| state.a == n, every: "10ms" }, |state| { log("did"); state.b = n + state.a; sleep("10ms"); }),
        phase("b2", #{ needs: "a" }, |state| { log("did"); sleep("5ms"); }),
        phase("c", #{ needs: ["b", "b2"], retries: 1 }, |state| { log("did"); assert state.b == 2 * n; sleep("10ms"); }),
        phase("z", #{ always: true }, |state| { log("did"); assert state.a == n; }),
    ]);
}
"#;

/// Kills the `kill`th process of a run when it has told `lines` lines; `None` if the run was over before.
fn kill_after(project: &Project, args: &[&str], lines: usize) -> Option<()> {
    let running = project.start(args);
    if !running.until_lines(lines) {
        running.end();
        return None;
    }
    running.signal(Signal::KILL);
    running.end();
    Some(())
}

/// How often each phase passed, by all events of the run that are in the store.
fn passed(events: &Ran) -> BTreeMap<(String, String), usize> {
    let mut passed = BTreeMap::new();
    for event in events.events() {
        if event["event"] == "phase_changed" && event["to"] == "passed" {
            let field = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            *passed
                .entry((field("scenario"), field("phase")))
                .or_default() += 1;
        }
    }
    passed
}

#[test]
fn p17_killed_at_every_kind_of_moment_nothing_passed_is_lost_or_repeated() {
    let (mut kills, mut lost, mut repeated) = (0, 0, 0);
    // Every few lines of the stream, so that each kind of event is once the last that was told.
    for first in (1..90).step_by(3) {
        let (project, _demo) = project(SCRIPT);
        if kill_after(&project, &["run", "-j", "3", "--json", "a.rhai"], first).is_none() {
            continue;
        }
        kills += 1;
        let mut told = BTreeSet::new();
        for again in [first % 7 + 2, first % 11 + 3] {
            let before = project.run(&["report", "latest", "--reporter", "json"]);
            if before.code != 0 {
                break;
            }
            told.extend(passed(&before).into_keys());
            if kill_after(&project, &["resume", "latest", "-j", "3", "--json"], again).is_some() {
                kills += 1;
            }
        }
        let before = project.run(&["report", "latest", "--reporter", "json"]);
        if before.code != 0 {
            // Killed before its first event was stored: there is no run, and a new one is as good as any.
            project.run(&["run", "a.rhai"]).passes();
            continue;
        }
        told.extend(passed(&before).into_keys());
        let ended = project.run(&["resume", "latest"]);
        assert!(matches!(ended.code, 0 | 4), "{}", ended.whole());
        let whole = project
            .run(&["report", "latest", "--reporter", "json"])
            .passes();
        let now = passed(&whole);
        lost += told
            .iter()
            .filter(|phase| !now.contains_key(*phase))
            .count();
        repeated += now.values().filter(|times| **times > 1).count();
        assert_eq!(now.len(), 20, "killed after {first} lines: {now:?}");
        project.run(&["show"]).says("4 scenarios: 4 passed");
    }
    println!("kill harness: {kills} kills, {lost} passed phases lost, {repeated} repeated");
    assert!(kills > 30, "only {kills} kills hit a run");
    assert_eq!((lost, repeated), (0, 0));
}

#[test]
fn a_killed_run_owes_what_must_always_run_and_abandoning_pays_it() {
    let script = r#"
        scenario("Long", [
            phase("work", |state| { state.db = "trial"; log("began"); sleep("60s"); }),
            phase("drop", #{ always: true }, |state| log(`dropped ${state.db}`)),
        ]);
    "#;
    let (project, _demo) = project(script);
    let running = project.start(&["run", "--json", "a.rhai"]);
    running.until("\"text\":\"began\"");
    running.signal(Signal::KILL);
    running.end();
    project
        .run(&["runs"])
        .passes()
        .says("killed")
        .says("owes \"drop\"");
    let ran = project.run(&["abandon", "--json"]).passes();
    assert_eq!(
        super::logged(&ran),
        ["dropped trial"],
        "with the last writes of what was killed"
    );
}

#[test]
fn what_talks_to_the_system_of_demo_is_not_parked_by_a_resume_either() {
    let project = Project::bare().file("a.rhai", super::EXPORT.replace("0.6", "600"));
    let running = project.start(&["run", "--base-url", "demo:", "--json", "a.rhai"]);
    running.until("\"to\":\"waiting\"");
    running.signal(Signal::KILL);
    let _: Ran = running.end();
    let ran = project.run(&["resume", "--max-wait", "100ms"]).exits(130);
    ran.says("1 interrupted").says_nothing_of("parked");
}
