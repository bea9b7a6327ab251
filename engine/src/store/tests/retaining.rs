//! Old runs go, with everything they left; those that are still needed stay.

use super::super::*;
use super::story::*;
use crate::model::Outcome;

const MUCH: u64 = u64::MAX;

fn place_with(ids: &[&str]) -> Place {
    let place = Place::new();
    for id in ids {
        place.record(id, &whole_run(id, &[("a", Outcome::Passed)]));
        let dir = place.home.create_run_dir(&run(id)).unwrap();
        std::fs::create_dir(dir.join("bodies")).unwrap();
        std::fs::write(dir.join("bodies/1.txt"), [b'x'; 10_000]).unwrap();
    }
    place
}

fn kept(place: &Place) -> Vec<String> {
    let runs = place.store().runs().unwrap();
    runs.into_iter().map(|summary| summary.run.0).collect()
}

#[test]
fn a_run_that_goes_takes_its_events_and_artifacts_with_it() {
    let place = place_with(&["r1", "r2", "r3"]);
    let pruned = place
        .keeper()
        .prune(Retention {
            runs: 2,
            bytes: MUCH,
        })
        .unwrap();
    assert_eq!((pruned.runs, pruned.left), (vec![run("r1")], vec![]));
    assert_eq!(kept(&place), ["r3", "r2"]);
    assert!(!place.home.run_dir(&run("r1")).unwrap().exists());
    assert!(place.home.run_dir(&run("r2")).unwrap().exists());
    for table_name in ["events", "outcomes"] {
        let left = table(
            &place.raw(),
            &format!("SELECT 1 FROM {table_name} WHERE run = 'r1'"),
        );
        assert!(left.is_empty(), "{table_name}");
    }
    assert!(table(&place.raw(), "SELECT * FROM doomed").is_empty());
}

#[test]
fn artifacts_count_towards_the_size() {
    let place = place_with(&["r1", "r2", "r3"]);
    let pruned = place
        .keeper()
        .prune(Retention {
            runs: 50,
            bytes: 25_000,
        })
        .unwrap();
    assert_eq!(pruned.runs, [run("r1")]);
}

#[test]
fn it_is_done_at_the_end_of_a_run_which_itself_stays() {
    let place = place_with(&["r1", "r3", "r4"]);
    // An old run that is resumed ends now.
    let events = whole_run("r2", &[("a", Outcome::Passed)]);
    let mut writer = Writer::start(&place.home, &run("r2"), |_| {});
    writer.append(&events);
    let finished = writer.finish(Some(Retention {
        runs: 2,
        bytes: MUCH,
    }));
    assert_eq!(finished.pruned.runs, [run("r1")]);
    assert_eq!(kept(&place), ["r4", "r3", "r2"]);
}

#[test]
fn parked_runs_and_those_being_written_stay() {
    let place = Place::new();
    place.record(
        "r1",
        &whole_run("r1", &[("a", Outcome::Parked), ("b", Outcome::Passed)]),
    );
    let (callback, receive) = told();
    let mut writer = Writer::start(&place.home, &run("r2"), callback);
    writer.append(&[event(1, started("r2"))]);
    wait_for(&receive, 1);
    place.record("r3", &whole_run("r3", &[("a", Outcome::Passed)]));
    place.record("r4", &whole_run("r4", &[("a", Outcome::Passed)]));
    let pruned = place
        .keeper()
        .prune(Retention { runs: 1, bytes: 0 })
        .unwrap();
    assert_eq!(pruned.runs, [run("r3")]);
    writer.append(&[warned(2, "it goes on undisturbed")]);
    assert_eq!(writer.finish(None).error, None);
    assert_eq!(kept(&place), ["r4", "r2", "r1"]);
}

#[test]
fn a_run_killed_long_ago_goes() {
    let place = place_with(&["r1", "r2"]);
    let raw = place.raw();
    raw.execute("UPDATE runs SET ended = NULL WHERE id = 'r1'", [])
        .unwrap();
    let me = Process::current();
    raw.execute(
        "INSERT INTO leases VALUES ('r1', 'token', ?1, ?2, ?3, ?4, 0)",
        (me.host, me.place, me.pid, me.began as i64 - 1),
    )
    .unwrap();
    let pruned = place
        .keeper()
        .prune(Retention {
            runs: 1,
            bytes: MUCH,
        })
        .unwrap();
    assert_eq!(pruned.runs, [run("r1")]);
    assert!(table(&raw, "SELECT * FROM leases").is_empty());
}

#[test]
fn a_removal_that_was_cut_short_is_finished_the_next_time() {
    let place = place_with(&["r1", "r2"]);
    let raw = place.raw();
    raw.execute_batch(
        "DELETE FROM runs WHERE id = 'r1';
         DELETE FROM outcomes WHERE run = 'r1'; INSERT INTO doomed VALUES ('r1');",
    )
    .unwrap();
    place.keeper().prune(Retention::default()).unwrap();
    assert!(table(&raw, "SELECT 1 FROM events WHERE run = 'r1'").is_empty());
    assert!(!place.home.run_dir(&run("r1")).unwrap().exists());
    assert!(table(&raw, "SELECT * FROM doomed").is_empty());
}

#[test]
fn a_big_file_becomes_small_again() {
    let place = Place::new();
    let mut events = vec![event(1, started("r1"))];
    events.extend((2..200).map(|seq| warned(seq, &noise(seq, 100_000))));
    place.record("r1", &events);
    place.record("r2", &whole_run("r2", &[("a", Outcome::Passed)]));
    let size = || {
        place.keeper().merge().unwrap();
        std::fs::metadata(place.home.database()).unwrap().len()
    };
    let before = size();
    assert!(before > 14_000_000, "{before}");
    place
        .keeper()
        .prune(Retention {
            runs: 1,
            bytes: MUCH,
        })
        .unwrap();
    assert!(size() < before / 3, "{} of {before}", size());
    assert_eq!(table(&place.raw(), "PRAGMA integrity_check").len(), 1);
}

#[test]
fn a_run_with_the_name_of_another_place_removes_nothing_there() {
    let place = place_with(&["r1", "r2"]);
    let precious = place.home.dir().parent().unwrap().join("precious");
    std::fs::create_dir(&precious).unwrap();
    let raw = place.raw();
    raw.execute("UPDATE runs SET id = '../../precious' WHERE id = 'r1'", [])
        .unwrap();
    let pruned = place
        .keeper()
        .prune(Retention {
            runs: 1,
            bytes: MUCH,
        })
        .unwrap();
    assert_eq!(pruned.runs.len(), 1);
    assert!(precious.exists());
}
