//! Builders for the tests of this folder: events, runs, and a store in a directory of its own.

use super::super::*;
use crate::model::event::RunStarted;
use crate::model::{
    Declared, Event, Outcome, Phase, PhaseKey, PhaseState, RunId, ScenarioId, What,
};
use jiff::Timestamp;
use rusqlite::Connection;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// A store in a directory that goes with it.
pub struct Place {
    pub home: Home,
    _dir: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            home: Home::new(dir.path().join(".scenario")),
            _dir: dir,
        }
    }

    pub fn store(&self) -> Store {
        Store::open_existing(&self.home).unwrap()
    }

    pub fn keeper(&self) -> Keeper {
        Keeper::open(&self.home).unwrap()
    }

    /// The database without any of our care.
    pub fn raw(&self) -> Connection {
        Connection::open(self.home.database()).unwrap()
    }

    /// Records whole runs.
    pub fn record(&self, id: &str, events: &[Event]) {
        let mut writer = Writer::start(&self.home, &run(id), |_| {});
        writer.append(events);
        let finished = writer.finish(None);
        assert_eq!(
            (finished.error, finished.dropped, finished.untidy),
            (None, 0, None)
        );
    }

    pub fn events(&self, id: &str) -> Vec<Event> {
        let store = self.store();
        let mut events = store.events(&run(id));
        let all = events.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(events.notes(), []);
        all
    }
}

pub fn run(id: &str) -> RunId {
    RunId(id.into())
}

pub fn scenario(name: &str) -> ScenarioId {
    ScenarioId::new("a.rhai", name)
}

pub fn key(name: &str, phase: &str) -> PhaseKey {
    PhaseKey {
        scenario: scenario(name),
        round: 1,
        try_number: 1,
        phase: phase.into(),
    }
}

/// An event whose time follows from its place.
pub fn event(seq: u64, what: What) -> Event {
    let at = Timestamp::from_second(1_800_000_000 + seq as i64).unwrap();
    Event { seq, at, what }
}

/// Events in order, from `first`.
pub fn stream(first: u64, what: impl IntoIterator<Item = What>) -> Vec<Event> {
    (first..)
        .zip(what)
        .map(|(seq, what)| event(seq, what))
        .collect()
}

pub fn warned(seq: u64, text: &str) -> Event {
    event(seq, What::Warned { text: text.into() })
}

/// Text that cannot be made much smaller, another for each seed.
pub fn noise(seed: u64, bytes: usize) -> String {
    let mut state = seed;
    let mut letter = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'0' + (state >> 58) as u8)
    };
    std::iter::repeat_with(&mut letter).take(bytes).collect()
}

pub fn started(id: &str) -> What {
    What::RunStarted(RunStarted {
        version: crate::model::event::VERSION,
        run: run(id),
        program: "0.1.0".into(),
        args: vec!["run".into(), "a.rhai".into()],
        profile: "default".into(),
        base_url: None,
        vars: std::collections::BTreeMap::new(),
        seed: u64::MAX,
        jobs: 8,
        scenarios: 1,
        pid: 1,
        host: "here".into(),
    })
}

pub fn declared(name: &str, phases: &[&str]) -> Declared {
    Declared {
        phases: Arc::new(phases.iter().map(|name| Phase::new(*name)).collect()),
        ..Declared::new(scenario(name), 1)
    }
}

pub fn planned(name: &str, phases: &[&str]) -> What {
    What::ScenarioPlanned {
        declared: declared(name, phases).into(),
    }
}

pub fn try_started(name: &str) -> What {
    What::TryStarted {
        scenario: scenario(name),
        round: 1,
        try_number: 1,
    }
}

pub fn changed(name: &str, phase: &str, to: PhaseState) -> What {
    What::PhaseChanged {
        phase: key(name, phase),
        from: PhaseState::Pending,
        to,
        cause: None,
    }
}

pub fn ended(name: &str, outcome: Outcome) -> What {
    What::ScenarioEnded {
        scenario: scenario(name),
        outcome,
        flaky: false,
        quarantined: false,
        reason: String::new(),
        micros: 1_000_000,
        assertions: 1,
    }
}

pub fn run_ended(exit: u8) -> What {
    What::RunEnded {
        exit,
        micros: 5_000_000,
        masked: 0,
        masked_in: Default::default(),
    }
}

/// A run of scenarios of one phase each, in which each ends as said.
pub fn whole_run(id: &str, ends: &[(&str, Outcome)]) -> Vec<Event> {
    let mut what = vec![started(id)];
    what.extend(ends.iter().map(|(name, _)| planned(name, &["it"])));
    for (name, outcome) in ends {
        what.push(try_started(name));
        what.push(changed(name, "it", PhaseState::Executing));
        what.push(changed(name, "it", PhaseState::Passed));
        what.push(ended(name, *outcome));
    }
    what.push(run_ended(0));
    stream(1, what)
}

/// What a writer tells after a commit.
type Told = Result<u64, StoreError>;

/// A callback that passes on what it is told.
pub fn told() -> (impl FnMut(Told) + Send + 'static, mpsc::Receiver<Told>) {
    let (send, receive) = mpsc::channel();
    let callback = move |told| {
        // The test may have seen enough.
        let _ = send.send(told);
    };
    (callback, receive)
}

/// Waits for the acknowledgement of `seq`.
pub fn wait_for(receive: &mpsc::Receiver<Told>, seq: u64) {
    loop {
        let told = receive.recv_timeout(Duration::from_secs(60)).unwrap();
        if told.unwrap() >= seq {
            return;
        }
    }
}

/// What a table says, row by row.
pub fn table(conn: &Connection, sql: &str) -> Vec<String> {
    let mut select = conn.prepare(sql).unwrap();
    let columns = select.column_count();
    let rows = select
        .query_map([], |row| {
            let cells: Vec<String> = (0..columns)
                .map(|index| format!("{:?}", row.get_ref(index).unwrap()))
                .collect();
            Ok(cells.join(" | "))
        })
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// Everything that is folded from the events of all runs.
pub fn folded(conn: &Connection) -> Vec<String> {
    [
        "SELECT id, started, ended, exit, micros, planned, program, args, profile, host FROM runs ORDER BY id",
        "SELECT * FROM outcomes ORDER BY run, scenario",
    ]
    .iter()
    .flat_map(|sql| table(conn, sql))
    .collect()
}

/// A child process that plays the ignored test `name` of this binary, given `home`.
pub fn child(name: &str, home: &Home) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .arg(format!("store::tests::{name}"))
        .env(CHILD, home.dir())
        .stdin(std::process::Stdio::null());
    command
}

const CHILD: &str = "SCENARIO_STORE_CHILD";

/// The store a child was given; `None` when the test was not begun by [`child`].
pub fn given() -> Option<Home> {
    std::env::var_os(CHILD).map(Home::new)
}
