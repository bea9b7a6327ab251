//! Reading stores: what a person types, what a run left behind, what cannot be read.

use super::super::*;
use super::story::*;
use crate::model::{Outcome, ScenarioId};
use scenario_stdlib::host::failure::Failure;
use std::time::Duration;

fn place_with(ids: &[&str]) -> Place {
    let place = Place::new();
    for id in ids {
        place.record(id, &whole_run(id, &[("a", Outcome::Passed)]));
    }
    place
}

fn message(error: StoreError) -> String {
    Failure::from(&error).render()
}

#[test]
fn runs_come_newest_first_each_in_a_line() {
    let place = place_with(&["20261121-101500-aaaa", "20261121-101501-aaaa"]);
    let runs = place.store().runs().unwrap();
    let ids: Vec<&str> = runs.iter().map(|summary| summary.run.0.as_str()).collect();
    assert_eq!(ids, ["20261121-101501-aaaa", "20261121-101500-aaaa"]);
    assert_eq!(runs[0].counts.passed, 1);
    assert_eq!(
        (runs[0].profile.as_str(), runs[0].host.as_str()),
        ("default", "here")
    );
    let Life::Ended { exit, took, .. } = runs[0].life else {
        panic!("{:?}", runs[0].life)
    };
    assert_eq!((exit, took), (0, Duration::from_secs(5)));
}

#[test]
fn a_run_is_found_by_id_by_its_beginning_and_as_latest() {
    let place = place_with(&[
        "20261120-101500-k3f9",
        "20261121-101500-k3f9",
        "20261121-101501-aaaa",
    ]);
    let store = place.store();
    let find = |text: &str| store.find(text).map(|run| run.0);
    assert_eq!(
        find("20261121-101500-k3f9").unwrap(),
        "20261121-101500-k3f9"
    );
    assert_eq!(find("20261120").unwrap(), "20261120-101500-k3f9");
    assert_eq!(find("latest").unwrap(), "20261121-101501-aaaa");
    assert_eq!(
        message(find("20261121").unwrap_err()),
        "`20261121` is the beginning of several runs: 20261121-101501-aaaa, 20261121-101500-k3f9\n  \
         hint: give more of its id"
    );
    assert_eq!(
        message(find("20261121-101500-k3f8").unwrap_err()),
        "no run is called `20261121-101500-k3f8`\n  hint: did you mean `20261121-101500-k3f9`?"
    );
    for wrong in ["", "nonsense", "%"] {
        assert!(
            matches!(find(wrong), Err(StoreError::UnknownRun { .. })),
            "{wrong}"
        );
    }
}

#[test]
fn without_a_store_or_a_run_the_message_says_what_makes_one() {
    let place = Place::new();
    let missing = Store::open_existing(&place.home).err().unwrap();
    assert!(message(missing).ends_with("hint: it is made by the first `scenario run`"));
    assert!(!place.home.dir().exists());
    Writer::start(&place.home, &run("r"), |_| {}).finish(None);
    let none = place.store().find("latest").unwrap_err();
    assert!(matches!(none, StoreError::NoRuns { .. }));
}

#[test]
fn a_run_is_read_while_it_is_written() {
    let place = Place::new();
    let (callback, receive) = told();
    let mut writer = Writer::start(&place.home, &run("r"), callback);
    writer.append(&[event(1, started("r"))]);
    wait_for(&receive, 1);
    let store = place.store();
    for seq in 2..50 {
        writer.append(&[warned(seq, "x")]);
        wait_for(&receive, seq);
        let read: Vec<u64> = store
            .events_after(&run("r"), seq - 1)
            .map(|event| event.unwrap().seq)
            .collect();
        assert_eq!(read, [seq]);
    }
    let summary = store.summary(&run("r")).unwrap();
    assert!(
        matches!(summary.life, Life::Running(_)),
        "{:?}",
        summary.life
    );
    writer.finish(None);
    assert_eq!(store.events(&run("r")).count(), 49);
    let summary = store.summary(&run("r")).unwrap();
    assert_eq!(
        summary.life,
        Life::Killed {
            last: Some(warned(49, "x").at)
        }
    );
}

/// A run of which somebody wrote the rows by hand.
fn tampered(rows: &[(u64, u64, &str)]) -> Place {
    let place = place_with(&["r"]);
    let raw = place.raw();
    raw.execute("DELETE FROM events", []).unwrap();
    for (first, last, lines) in rows {
        raw.execute(
            "INSERT INTO events (run, first_seq, last_seq, at, lines) VALUES ('r', ?1, ?2, 0, ?3)",
            (*first as i64, *last as i64, lines),
        )
        .unwrap();
    }
    place
}

fn line(seq: u64) -> String {
    serde_json::to_string(&warned(seq, "x")).unwrap() + "\n"
}

fn read(place: &Place) -> (Vec<u64>, Vec<String>) {
    let store = place.store();
    let mut events = store.events(&run("r"));
    let seqs = events.by_ref().map(|event| event.unwrap().seq).collect();
    let notes = events.notes().iter().map(ToString::to_string).collect();
    (seqs, notes)
}

#[test]
fn a_long_row_is_packed_and_read_as_if_it_were_not() {
    let place = Place::new();
    let begun = event(1, started("r"));
    let events: Vec<_> = (2..3000).map(|seq| warned(seq, "x")).collect();
    place.record("r", &[vec![begun], events].concat());
    let stored = "SELECT sum(octet_length(lines)), sum(octet_length(packed)) FROM events";
    let (plain, packed): (i64, i64) = place
        .raw()
        .query_row(stored, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert!(plain + packed < 40_000, "{plain} plain, {packed} packed");
    let (seqs, notes) = read(&place);
    assert_eq!(seqs, (1..3000).collect::<Vec<_>>());
    assert_eq!(notes, [""; 0]);
}

#[test]
fn a_packed_row_that_is_damaged_is_told_and_all_others_are_read() {
    let place = tampered(&[
        (1, 2, &[line(1), line(2)].concat()),
        (3, 9, ""),
        (10, 10, &line(10)),
    ]);
    let damage = "UPDATE events SET packed = x'28b52ffd00' WHERE first_seq = 3";
    place.raw().execute(damage, []).unwrap();
    let (seqs, notes) = read(&place);
    assert_eq!(seqs, [1, 2, 10]);
    assert_eq!(
        notes,
        ["7 lines between the events 3 and 9 cannot be read and were skipped"]
    );
}

#[test]
fn a_torn_end_is_told_and_everything_before_it_is_read() {
    let torn = format!("{}{}", line(3), &line(4)[..20]);
    let whole = [line(1), line(2)].concat();
    let place = tampered(&[(1, 2, &whole), (3, 4, &torn)]);
    let (seqs, notes) = read(&place);
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(
        notes,
        ["1 line between the events 3 and 4 cannot be read and was skipped"]
    );
}

#[test]
fn events_of_the_future_are_told_and_skipped() {
    let at = "2030-01-01T00:00:00Z";
    let future = |seq: u64| {
        format!("{{\"seq\":{seq},\"at\":\"{at}\",\"event\":\"teleported\",\"to\":\"mars\"}}\n")
    };
    let record = format!(
        "{{\"seq\":4,\"at\":\"{at}\",\"event\":\"recorded\",\"scenario\":\"a::b\",\"round\":1,\"try\":1,\
         \"phase\":\"p\",\"attempt\":1,\"record\":\"smelled\"}}\n"
    );
    let lines = [line(1), future(2), future(3), record, line(5)].concat();
    let (seqs, notes) = read(&tampered(&[(1, 5, &lines)]));
    assert_eq!(seqs, [1, 5]);
    assert_eq!(
        notes,
        [
            "2 events of the kind `teleported`, the first of them 2, are not known to this program and were skipped",
            "1 events of the kind `recorded/smelled`, the first of them 4, are not known to this program and were skipped",
        ]
    );
}

#[test]
fn missing_events_are_told() {
    let (seqs, notes) = read(&tampered(&[(1, 1, &line(1)), (5, 5, &line(5))]));
    assert_eq!(seqs, [1, 5]);
    assert_eq!(notes, ["events are missing between 1 and 5"]);
}

/// Rows of three long events each, from `first` on.
fn long_row(first: u64) -> (u64, u64, String) {
    let lines = (first..first + 3).map(|seq| {
        let event = warned(seq, &"y".repeat(100 * 1024));
        serde_json::to_string(&event).unwrap() + "\n"
    });
    (first, first + 2, lines.collect())
}

#[test]
fn a_long_run_is_read_to_its_end_in_order_and_what_is_wrong_in_it_is_told() {
    let mut rows: Vec<_> = (0..20).map(|row| long_row(1 + 3 * row)).collect();
    // Missing: 31 to 33. Unreadable: 46 and the last.
    rows.remove(10);
    rows[14].2 = rows[14].2.replacen(r#"{"seq""#, "{seq", 1);
    let end = rows[18].2.len();
    rows[18].2.truncate(end - 9);
    let rows: Vec<_> = rows
        .iter()
        .map(|(first, last, lines)| (*first, *last, lines.as_str()))
        .collect();
    let (seqs, notes) = read(&tampered(&rows));
    let wanted = (1..=59).filter(|seq| !(31..=33).contains(seq) && *seq != 46);
    assert_eq!(seqs, wanted.collect::<Vec<_>>());
    assert_eq!(
        notes,
        [
            "events are missing between 30 and 34",
            "1 line between the events 46 and 48 cannot be read and was skipped",
            "1 line between the events 58 and 60 cannot be read and was skipped",
        ]
    );
}

#[test]
fn a_reader_may_stop_in_the_middle_of_a_long_run() {
    let rows: Vec<_> = (0..20).map(|row| long_row(1 + 3 * row)).collect();
    let rows: Vec<_> = rows
        .iter()
        .map(|(first, last, lines)| (*first, *last, lines.as_str()))
        .collect();
    let place = tampered(&rows);
    let store = place.store();
    let read = store.events(&run("r")).take(40);
    assert_eq!(read.map(|event| event.unwrap().seq).last(), Some(40));
}

#[test]
fn a_run_a_later_version_would_tell_otherwise_is_refused() {
    let mut event = serde_json::to_value(event(1, started("r"))).unwrap();
    event["version"] = 99.into();
    let place = tampered(&[(1, 1, &event.to_string())]);
    let store = place.store();
    let read: Vec<_> = store.events(&run("r")).collect();
    let [Err(refused)] = read.as_slice() else {
        panic!("{read:?}")
    };
    assert_eq!(
        message(refused.clone()),
        "the run r was recorded as version 99 of the events, but this program knows versions up to 2\n  \
         hint: update `scenario`, or use another store directory"
    );
}

#[test]
fn a_run_whose_beginning_is_unreadable_is_still_listed_after_a_rebuild() {
    let place = tampered(&[(1, 1, "nonsense\n"), (2, 2, &line(2))]);
    let notes = place.keeper().rebuild(&run("r")).unwrap();
    assert_eq!(
        notes,
        [ReadNote::Unreadable {
            first: 1,
            last: 1,
            lines: 1
        }]
    );
    let summary = place.store().summary(&run("r")).unwrap();
    assert_eq!(summary.started, warned(2, "x").at);
}

#[test]
fn history_tells_the_last_end_and_the_times_of_passing() {
    let place = Place::new();
    for (number, outcome) in [Outcome::Passed, Outcome::Passed, Outcome::Failed]
        .iter()
        .enumerate()
    {
        let id = format!("r{number}");
        let mut events = whole_run(&id, &[("a", *outcome)]);
        for event in &mut events {
            event.at += Duration::from_secs(3600 * number as u64);
        }
        place.record(&id, &events);
    }
    let (known, unknown) = (scenario("a"), ScenarioId::new("a.rhai", "new"));
    let history = place.store().history([&known, &unknown]).unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[&known].last, Some((Outcome::Failed, run("r2"))));
    assert_eq!(history[&known].took, [Duration::from_secs(1); 2]);
}

#[test]
fn a_failure_counts_until_a_later_run_passes() {
    let place = Place::new();
    let later = |id: &str, hours: u64, ends: &[(&str, Outcome)]| {
        let mut events = whole_run(id, ends);
        for event in &mut events {
            event.at += Duration::from_secs(3600 * hours);
        }
        place.record(id, &events);
    };
    use Outcome::{Errored, Failed, Interrupted, Parked, Passed, Skipped};
    later(
        "r1",
        1,
        &[
            ("fixed", Failed),
            ("left out", Failed),
            ("skipped", Errored),
            ("parked", Failed),
        ],
    );
    later(
        "r2",
        2,
        &[
            ("fixed", Passed),
            ("skipped", Skipped),
            ("parked", Parked),
            ("new", Interrupted),
        ],
    );
    // A run that began first was resumed, and ended last.
    later("r0", 3, &[("new", Passed), ("again", Failed)]);
    let failed = place.store().last_failed().unwrap();
    let names: Vec<&str> = failed.iter().map(ScenarioId::name).collect();
    assert_eq!(names, ["again", "left out", "parked", "skipped"]);
}
