//! The process that writes is killed at random moments; what it was told to be safe is there.

use super::super::*;
use super::story::*;
use crate::model::{Event, PhaseState};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

const ROUNDS: u64 = 30;

/// The event at `seq` of the run `id`, the same in the writer and in who checks.
fn nth(id: &str, seq: u64) -> Event {
    // Every other run has only scenarios of one phase, whose results cost no sync.
    let phases: &[&str] = if id.ends_with(['0', '2', '4', '6', '8']) {
        &["one", "two"]
    } else {
        &["one"]
    };
    let name = format!("s{}", seq / 8);
    match (seq, seq % 8) {
        (1, _) => event(1, started(id)),
        (_, 0) => event(seq, planned(&name, phases)),
        (_, 1) => event(seq, try_started(&name)),
        (_, 2) => event(seq, changed(&name, "one", PhaseState::Executing)),
        (_, 6) => event(seq, changed(&name, "one", PhaseState::Passed)),
        _ => warned(seq, "something happened"),
    }
}

#[test]
#[ignore = "played in a child process that is killed"]
fn endless_writer() {
    let Some(home) = given() else { return };
    let id = std::env::var("RUN").unwrap();
    let acknowledge = |told: Result<u64, StoreError>| {
        // One write, so that no line is torn when the end comes.
        let line = format!("safe {}\n", told.unwrap());
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    };
    let mut writer = Writer::start(&home, &run(&id), acknowledge);
    for seq in 1.. {
        writer.append(&[nth(&id, seq)]);
        if seq % 50 == 0 {
            std::thread::sleep(Duration::from_micros(500));
        }
    }
}

#[test]
fn thirty_kills_lose_nothing_that_was_told_safe() {
    let place = Place::new();
    let mut random = std::hash::RandomState::new();
    for round in 0..ROUNDS {
        let id = format!("r{round:02}");
        let mut child = child("kill::endless_writer", &place.home)
            .env("RUN", &id)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Up to the third acknowledgement, then anywhere within the next 20 ms.
        let mut safe = 0;
        let mut told = lines.by_ref().map_while(Result::ok).filter_map(|line| {
            let (_, seq) = line.split_once("safe ")?;
            seq.parse::<u64>().ok()
        });
        for _ in 0..=round % 3 {
            safe = told.next().expect("the child writes until it is killed");
        }
        let pause = std::hash::BuildHasher::hash_one(&random, round) % 20_000;
        random = std::hash::RandomState::new();
        std::thread::sleep(Duration::from_micros(pause));
        child.kill().unwrap();
        safe = told.last().unwrap_or(safe);
        child.wait().unwrap();

        let check = table(&place.raw(), "PRAGMA integrity_check");
        assert_eq!(
            check,
            [r#"Text("ok")"#.replace("\"ok\"", &format!("{:?}", b"ok"))]
        );
        let events = place.events(&id);
        assert!(events.len() as u64 >= safe, "{} < {safe}", events.len());
        for (event, seq) in events.iter().zip(1..) {
            assert_eq!(*event, nth(&id, seq));
        }
        let before = folded(&place.raw());
        assert_eq!(place.keeper().rebuild(&run(&id)).unwrap(), []);
        assert_eq!(folded(&place.raw()), before);
        let life = place.store().summary(&run(&id)).unwrap().life;
        assert_eq!(
            life,
            Life::Killed {
                last: events.last().map(|event| event.at)
            }
        );
        // Whoever resumes it need not wait.
        place.keeper().acquire(&run(&id)).unwrap();
    }
    assert_eq!(place.store().runs().unwrap().len() as u64, ROUNDS);
}
