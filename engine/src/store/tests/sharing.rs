//! Several processes use one store at the same time.

use super::super::*;
use super::story::*;
use crate::model::{Event, Outcome, PhaseState};
use std::sync::Barrier;

fn long_run(id: &str) -> Vec<Event> {
    let mut what = vec![started(id)];
    for number in 0..300 {
        let name = format!("s{number}");
        what.push(planned(&name, &["one", "two"]));
        what.push(changed(&name, "one", PhaseState::Executing));
        what.push(changed(&name, "one", PhaseState::Passed));
        what.push(ended(&name, Outcome::Passed));
    }
    what.push(run_ended(0));
    stream(1, what)
}

fn write_slowly(home: &Home, id: &str) {
    let mut writer = Writer::start(home, &run(id), |_| {});
    for part in long_run(id).chunks(7) {
        writer.append(part);
        std::thread::sleep(std::time::Duration::from_micros(300));
    }
    let finished = writer.finish(Some(Retention::default()));
    assert_eq!(
        (finished.error, finished.dropped, finished.untidy),
        (None, 0, None)
    );
}

#[test]
#[ignore = "played in a child process"]
fn one_of_several() {
    if let Some(home) = given() {
        write_slowly(&home, &std::env::var("RUN").unwrap());
    }
}

#[test]
fn processes_and_threads_write_and_read_one_new_store_at_once() {
    let place = Place::new();
    let spawn = |id: &str| {
        let mut command = child("sharing::one_of_several", &place.home);
        command.env("RUN", id).stdout(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    let mut children = [spawn("p1"), spawn("p2")];
    std::thread::scope(|scope| {
        for id in ["t1", "t2"] {
            scope.spawn(|| write_slowly(&place.home, id));
        }
        // A reader that comes and goes, and merges when it happens to be the last.
        for _ in 0..20 {
            if let Ok(store) = Store::open_existing(&place.home) {
                for summary in store.runs().unwrap() {
                    assert!(store.events(&summary.run).all(|event| event.is_ok()));
                }
            }
        }
    });
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    for id in ["p1", "p2", "t1", "t2"] {
        assert_eq!(place.events(id), long_run(id));
    }
    assert_eq!(place.store().runs().unwrap().len(), 4);
    assert_eq!(table(&place.raw(), "PRAGMA integrity_check").len(), 1);
    assert!(table(&place.raw(), "SELECT * FROM leases").is_empty());
}

#[test]
fn eight_that_make_the_store_at_once_make_one() {
    let place = Place::new();
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (place, barrier) = (&place, &barrier);
            scope.spawn(move || {
                let id = format!("r{number}");
                let events = whole_run(&id, &[("a", Outcome::Passed)]);
                barrier.wait();
                place.record(&id, &events);
            });
        }
    });
    assert_eq!(place.store().runs().unwrap().len(), 8);
    let left: Vec<_> = std::fs::read_dir(place.home.dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("new"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
