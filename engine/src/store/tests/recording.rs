//! What is appended is in the store, in order, folded the same way by everyone.

use super::super::open::SMALL;
use super::super::*;
use super::story::*;
use crate::model::{Event, Outcome, PhaseState, View, What};
use proptest::prelude::*;
use std::sync::mpsc;
use std::time::{Duration, Instant};

#[test]
fn what_is_appended_is_read_back_and_acknowledged_to_the_last() {
    let place = Place::new();
    let events = whole_run("r", &[("a", Outcome::Passed), ("b", Outcome::Failed)]);
    let (callback, receive) = told();
    let mut writer = Writer::start(&place.home, &run("r"), callback);
    for event in &events {
        writer.append(std::slice::from_ref(event));
    }
    let finished = writer.finish(None);
    assert_eq!((finished.error, finished.dropped), (None, 0));
    let told: Vec<u64> = receive.try_iter().map(Result::unwrap).collect();
    assert!(told.is_sorted());
    assert_eq!(told.last(), Some(&(events.len() as u64)));
    assert_eq!(place.events("r"), events);
}

#[test]
fn a_result_is_acknowledged_while_the_run_goes_on() {
    let place = Place::new();
    let (callback, receive) = told();
    let mut writer = Writer::start(&place.home, &run("r"), callback);
    writer.append(&stream(
        1,
        [
            started("r"),
            planned("a", &["one", "two"]),
            changed("a", "one", PhaseState::Passed),
        ],
    ));
    wait_for(&receive, 3);
    assert_eq!(place.events("r").len(), 3);
    writer.append(&[warned(
        4,
        "nothing relies on this, and it is told all the same",
    )]);
    wait_for(&receive, 4);
    writer.finish(None);
}

#[test]
fn a_writer_let_go_of_still_records() {
    let place = Place::new();
    let events = whole_run("r", &[("a", Outcome::Passed)]);
    let mut writer = Writer::start(&place.home, &run("r"), |_| {});
    writer.append(&events);
    drop(writer);
    assert_eq!(place.events("r"), events);
}

#[test]
fn a_run_others_rely_on_ends_in_one_file() {
    let place = Place::new();
    let mut writer = Writer::start(&place.home, &run("r"), |_| {});
    writer.append(&stream(
        1,
        [
            started("r"),
            planned("a", &["one", "two"]),
            changed("a", "one", PhaseState::Passed),
            ended("a", Outcome::Parked),
            run_ended(75),
        ],
    ));
    assert_eq!(writer.finish(None).untidy, None);
    assert!(!place.home.wal().exists());
    let copy = tempfile::tempdir().unwrap();
    std::fs::copy(place.home.database(), copy.path().join("store.db")).unwrap();
    let store = Store::open_existing(&Home::new(copy.path())).unwrap();
    assert_eq!(store.events(&run("r")).count(), 5);
}

#[test]
fn many_short_runs_are_merged_now_and_then() {
    let place = Place::new();
    let mut merges = 0;
    for number in 0..40 {
        let id = format!("r{number:02}");
        place.record(
            &id,
            &[event(1, started(&id)), warned(2, &noise(number, 50_000))],
        );
        let left = place.home.wal_bytes();
        assert!(left < 2 * SMALL, "{left}");
        merges += usize::from(left == 0);
        assert_eq!(place.events(&id).len(), 2);
        let after = place.home.wal_bytes();
        assert_eq!(after, left, "reading leaves it as it is");
    }
    assert!((1..40).contains(&merges), "{merges}");
    assert_eq!(place.store().runs().unwrap().len(), 40);
}

#[test]
fn a_slow_disk_holds_up_who_appends_instead_of_filling_the_memory() {
    let place = Place::new();
    let (disk_goes_on, disk) = mpsc::channel::<()>();
    let (stand_still, stands_still) = mpsc::channel();
    let mut is_first = true;
    // A callback that does not return is as good as a disk that stands still.
    let mut writer = Writer::start(&place.home, &run("r"), move |_| {
        if std::mem::take(&mut is_first) {
            let _ = stand_still.send(());
            let _ = disk.recv();
        }
    });
    let events: Vec<Event> = std::iter::once(event(1, started("r")))
        .chain((2..=80).map(|seq| warned(seq, &"z".repeat(64 * 1024))))
        .collect();
    let (send, appended) = mpsc::channel();
    std::thread::scope(|scope| {
        let (writer, events) = (&mut writer, &events);
        scope.spawn(move || {
            for event in events {
                writer.append(std::slice::from_ref(event));
                send.send(event.seq).unwrap();
                if event.seq == 1 {
                    // However slow this machine is, only the first is written.
                    let _ = stands_still.recv();
                }
            }
            drop(send);
        });
        let long = Duration::from_secs(60);
        while appended.recv_timeout(long).unwrap() < 60 {}
        let last = std::iter::from_fn(|| appended.recv_timeout(Duration::from_millis(300)).ok())
            .last()
            .unwrap_or(60);
        assert!(last < 80, "all {last} of 64 KiB were taken");
        drop(disk_goes_on);
        assert_eq!(appended.iter().last(), Some(80));
    });
    let finished = writer.finish(None);
    assert_eq!((finished.error, finished.dropped), (None, 0));
    assert_eq!(place.events("r"), events);
}

#[test]
fn a_callback_that_panics_ends_the_recording_and_not_the_run() {
    let place = Place::new();
    let mut writer = Writer::start(&place.home, &run("r"), |_| panic!("as told"));
    let deadline = Instant::now() + Duration::from_secs(60);
    for seq in 1.. {
        writer.append(&[warned(seq, "x")]);
        std::thread::sleep(Duration::from_millis(5));
        assert!(Instant::now() < deadline);
        if seq > 20 {
            break;
        }
    }
    let finished = writer.finish(None);
    assert!(matches!(
        finished.error,
        Some(StoreError::WriterDied { .. })
    ));
    assert!(finished.dropped > 0);
}

#[test]
fn the_tables_say_what_the_view_says() {
    let place = Place::new();
    let mut what = vec![started("r")];
    let ends = [
        Outcome::Passed,
        Outcome::Failed,
        Outcome::Errored,
        Outcome::Skipped,
        Outcome::Interrupted,
        Outcome::Parked,
    ];
    for (number, outcome) in ends.iter().enumerate() {
        let name = format!("s{number}");
        what.push(planned(&name, &["one", "two"]));
        what.push(try_started(&name));
        what.push(changed(&name, "one", PhaseState::Passed));
        what.push(changed(&name, "two", PhaseState::Waiting));
        what.push(ended(&name, *outcome));
    }
    what.push(planned("open", &["one"]));
    for (name, flaky, quarantined, assertions) in
        [("vacuous", false, false, 0), ("flaky", true, true, 7)]
    {
        what.push(planned(name, &["one"]));
        what.push(What::ScenarioEnded {
            scenario: scenario(name),
            outcome: Outcome::Passed,
            flaky,
            quarantined,
            reason: String::new(),
            micros: 5,
            assertions,
        });
    }
    let events = stream(1, what);
    place.record("r", &events);
    let view = View::of(&events);
    let summary = place.store().summary(&run("r")).unwrap();
    assert_eq!(summary.counts, view.counts());
    assert_eq!(summary.args, view.run.as_ref().unwrap().args);
    assert_eq!(summary.started, events[0].at);
}

/// Anything that may happen, in any order, however senseless.
fn any_what() -> impl Strategy<Value = What> {
    let name = || prop::sample::select(vec!["a", "b", "c"]);
    let phase = || prop::sample::select(vec!["one", "two"]);
    let state = || prop::sample::select(PhaseState::ALL.to_vec());
    let outcome = prop::sample::select(vec![Outcome::Passed, Outcome::Failed, Outcome::Parked]);
    prop_oneof![
        Just(started("r")),
        Just(run_ended(1)),
        Just(What::Warned { text: "w".into() }),
        name().prop_map(|name| planned(name, &["one", "two"])),
        (name(), outcome).prop_map(|(name, outcome)| ended(name, outcome)),
        (name(), phase(), state()).prop_map(|(name, phase, to)| changed(name, phase, to)),
        (name(), phase(), 1..4u32).prop_map(|(name, phase, attempt)| What::AttemptStarted {
            attempt: key(name, phase).attempt(attempt),
            seed: 1,
        }),
        (name(), phase(), 1..4u32, state()).prop_map(|(name, phase, attempt, state)| {
            What::AttemptEnded {
                attempt: key(name, phase).attempt(attempt),
                state,
                micros: 1,
                assertions: 1,
                removed: Vec::new(),
                writes: serde_json::Map::new(),
            }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn folding_commit_by_commit_and_folding_anew_lead_to_the_same(
        what in prop::collection::vec(any_what(), 1..60),
        cut in 1usize..20,
    ) {
        let place = Place::new();
        let (callback, receive) = told();
        let mut writer = Writer::start(&place.home, &run("r"), callback);
        let events = stream(1, std::iter::once(started("r")).chain(what));
        for part in events.chunks(cut) {
            writer.append(part);
            wait_for(&receive, part.last().unwrap().seq);
        }
        writer.finish(None);
        let before = folded(&place.raw());
        prop_assert_eq!(place.keeper().rebuild(&run("r")).unwrap(), vec![]);
        prop_assert_eq!(folded(&place.raw()), before);
    }
}
