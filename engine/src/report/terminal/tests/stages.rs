//! Waits, steps and stages, in order and with their times.

use super::*;

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
fn what_held_during_another_phase_says_so_and_for_how_long_it_did_not() {
    let story = |gaps: &[u64]| {
        let tale = Tale::new("a.rhai", "Export")
            .phases(&["export", "shop is open"])
            .with_phase("shop is open", |phase| phase.during = Some("export".into()))
            .starts()
            .executes("export")
            .waits("shop is open")
            .sees(0, "shop is open", "holds", 1);
        let tale = gaps.iter().fold(tale, |tale, gap| {
            tale.sees(100, "shop is open", "false", 2)
                .sees(*gap, "shop is open", "holds", 3)
        });
        plain(&Story::new().with(tale).killed())
    };
    assert!(story(&[]).contains("  held\n"), "{}", story(&[]));
    let once = story(&[40]);
    assert!(once.contains("  held, but for 40ms: false\n"), "{once}");
    let twice = story(&[40, 70]);
    let told = "  held, but for 2 gaps, the longest 70ms: false\n";
    assert!(twice.contains(told), "{twice}");
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
fn twice_verbose_shows_what_steps_have_to_show() {
    let ended = |data| Record::StepEnded {
        step: 1,
        end: End {
            outcome: StepOutcome::Passed,
            micros: 12_000,
            data: Details::of(&data),
        },
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
fn a_step_that_is_told_as_a_whole_reads_like_any_other() {
    let tale = || {
        Tale::new("a.rhai", "x")
            .starts()
            .executes("x")
            .opens("step", "outer", None)
    };
    let finish = |tale: Tale| {
        let tale = tale
            .closes(1, StepOutcome::Passed, 0)
            .attempt_ends(PhaseState::Passed, 1)
            .ends(Outcome::Passed);
        verbose(&Story::new().with(tale))
    };
    let end = || End {
        outcome: StepOutcome::Skipped,
        micros: 12_000,
        data: Details::of(&serde_json::json!({"status": 202})),
    };
    for kind in ["http", "step"] {
        let parts = tale().opens(kind, "inner", Some(1)).records(
            0,
            Record::StepEnded {
                step: 2,
                end: end(),
            },
        );
        let whole = tale().records(
            0,
            Record::Step {
                begin: Begin {
                    step: 2,
                    parent: Some(1),
                    kind: kind.into(),
                    title: "inner".into(),
                    site: "a.rhai:5".into(),
                },
                end: end(),
            },
        );
        let read = finish(whole);
        assert!(read.contains("12ms    inner  202\n"), "{read}");
        assert_eq!(read, finish(parts));
    }
}
