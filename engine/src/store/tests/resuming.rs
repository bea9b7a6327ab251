//! Only one process writes a run.

use super::super::*;
use super::story::*;
use crate::model::{Outcome, PhaseState};
use std::sync::Barrier;

fn parked() -> Place {
    let place = Place::new();
    place.record(
        "r",
        &stream(
            1,
            [
                started("r"),
                planned("a", &["one", "two"]),
                changed("a", "one", PhaseState::Passed),
                ended("a", Outcome::Parked),
                run_ended(75),
            ],
        ),
    );
    place
}

#[test]
fn of_many_resumers_one_wins() {
    let place = parked();
    for _ in 0..10 {
        let barrier = Barrier::new(6);
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| {
                        let mut keeper = place.keeper();
                        barrier.wait();
                        keeper.acquire(&run("r"))
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for lost in lost {
            let StoreError::Held { by, .. } = lost.unwrap_err() else {
                panic!("lost, but not because it is held")
            };
            assert_eq!(by.process, Process::current());
        }
        for lease in won {
            place.keeper().release(lease.unwrap()).unwrap();
        }
    }
}

#[test]
fn a_resumed_run_goes_on_in_the_same_stream() {
    let place = parked();
    let mut keeper = place.keeper();
    let lease = keeper.acquire(&run("r")).unwrap();
    keeper.renew(&lease).unwrap();
    let mut writer = Writer::resume(&place.home, lease, |_| {});
    writer.append(&stream(
        6,
        [
            changed("a", "two", PhaseState::Passed),
            ended("a", Outcome::Passed),
            run_ended(0),
        ],
    ));
    let finished = writer.finish(None);
    assert_eq!((finished.error, finished.dropped), (None, 0));
    assert_eq!(place.events("r").len(), 8);
    assert_eq!(place.keeper().holder(&run("r")).unwrap(), None);
    let summary = place.store().summary(&run("r")).unwrap();
    assert_eq!((summary.counts.passed, summary.counts.parked), (1, 0));
    assert!(matches!(summary.life, Life::Ended { exit: 0, .. }));
}

#[test]
fn a_run_that_is_being_written_cannot_be_resumed() {
    let place = Place::new();
    let (callback, receive) = told();
    let mut writer = Writer::start(&place.home, &run("r"), callback);
    writer.append(&[event(1, started("r"))]);
    wait_for(&receive, 1);
    let refused = place.keeper().acquire(&run("r")).unwrap_err();
    let me = std::process::id();
    assert!(
        refused
            .to_string()
            .starts_with(&format!("the run r is held by process {me} on "))
    );
    writer.finish(None);
    place.keeper().acquire(&run("r")).unwrap();
}

#[test]
fn a_writer_that_lost_its_run_stops_and_says_so() {
    let place = Place::new();
    let (callback, receive) = told();
    let mut writer = Writer::start(&place.home, &run("r"), callback);
    writer.append(&[event(1, started("r"))]);
    wait_for(&receive, 1);
    place
        .raw()
        .execute("UPDATE leases SET token = 'another'", [])
        .unwrap();
    writer.append(&[warned(2, "too late")]);
    let told = receive
        .recv_timeout(std::time::Duration::from_secs(60))
        .unwrap();
    assert_eq!(told, Err(StoreError::TakenOver { run: run("r") }));
    writer.append(&[warned(3, "later still")]);
    let finished = writer.finish(None);
    assert_eq!(
        finished.error,
        Some(StoreError::TakenOver { run: run("r") })
    );
    assert_eq!(finished.dropped, 2);
    assert_eq!(place.events("r").len(), 1);
}

#[test]
fn an_unknown_run_cannot_be_acquired() {
    let refused = parked().keeper().acquire(&run("x")).unwrap_err();
    assert!(matches!(refused, StoreError::UnknownRun { .. }));
}

#[test]
fn writing_the_same_events_twice_is_refused() {
    let place = parked();
    let lease = place.keeper().acquire(&run("r")).unwrap();
    let mut writer = Writer::resume(&place.home, lease, |_| {});
    writer.append(&[event(1, started("r"))]);
    let finished = writer.finish(None);
    assert_eq!(finished.error, Some(StoreError::Conflict { run: run("r") }));
    assert_eq!(place.events("r").len(), 5);
}
