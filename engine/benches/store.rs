//! What recording costs, as ratios within one run of this program: `cargo bench --bench store`.
//!
//! A thousand scenarios of one phase, twenty events each, are appended in pieces of different sizes, and compared with the
//! least anyone could do: encode the same events as JSON. Then whole short runs, by the state the store is in, compared
//! with writing the same bytes to a plain file with and without a sync.

use scenario::model::event::RunStarted;
use scenario::model::{
    AttemptKey, Declared, Event, Outcome, Phase, PhaseKey, PhaseState, RunId, ScenarioId, Terms,
    What,
};
use scenario::store::{Home, Keeper, Retention, Store, Writer, new_run_id};
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::record::{Begin, End, Record, StepOutcome};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SCENARIOS: usize = 1000;

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let is_test = std::env::args().any(|arg| arg == "--test");
    let (rounds, scenarios) = if is_test { (1, 10) } else { (7, SCENARIOS) };
    recording(rounds, scenarios, &["one"]);
    recording(rounds, scenarios, &["one", "two"]);
    reading(rounds, scenarios);
    short_runs(if is_test { 2 } else { 60 });
}

fn recording(rounds: usize, scenarios: usize, phases: &[&str]) {
    let run = RunId("bench".into());
    let events = stream(&run, scenarios, phases);
    let encode = best(rounds, || {
        let mut out = Vec::new();
        for event in &events {
            serde_json::to_writer(&mut out, event).unwrap();
            out.push(b'\n');
        }
        std::hint::black_box(out);
    });
    println!(
        "\nrecording {} events of {scenarios} scenarios with {} phase(s); encoding them as JSON: {}",
        events.len(),
        phases.len(),
        show(encode),
    );
    println!(
        "  {:<22} {:>10} {:>12} {:>14} {:>14}",
        "appended", "wall", "events/s", "CPU", "CPU/encoding"
    );
    for piece in [1, 10, 100, 1000, events.len()] {
        let (mut wall, mut cpu) = (Duration::MAX, Duration::ZERO);
        for _ in 0..rounds {
            let dir = tempfile::tempdir().unwrap();
            let home = Home::new(dir.path().join("s"));
            let (began, cpu_before) = (Instant::now(), cpu_time());
            let mut writer = Writer::start(&home, &run, |_| {});
            for part in events.chunks(piece) {
                writer.append(part);
            }
            assert_eq!(writer.finish(Some(Retention::default())).error, None);
            wall = wall.min(began.elapsed());
            cpu += cpu_time() - cpu_before;
        }
        let cpu = cpu / rounds as u32;
        println!(
            "  {:<22} {:>10} {:>12.0} {:>14} {:>14.1}",
            format!("{piece} at a time"),
            show(wall),
            events.len() as f64 / wall.as_secs_f64(),
            show(cpu),
            cpu.as_secs_f64() / encode.as_secs_f64(),
        );
    }
}

fn reading(rounds: usize, scenarios: usize) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::new(dir.path().join("s"));
    let mut ids = Vec::new();
    for number in 0..20 {
        let run = RunId(format!("r{number:02}"));
        record(&home, &run, &stream(&run, scenarios, &["one"]));
        ids.push(run);
    }
    Keeper::open(&home).unwrap().merge().unwrap();
    let scenarios: Vec<ScenarioId> = (0..scenarios).map(scenario).collect();
    println!(
        "\nreading a store of {} runs of {} scenarios",
        ids.len(),
        scenarios.len()
    );
    let line = |what: &str, took: Duration| println!("  {what:<40} {:>10}", show(took));
    line(
        "open",
        best(rounds, || drop(Store::open_existing(&home).unwrap())),
    );
    let store = Store::open_existing(&home).unwrap();
    line(
        "list all runs",
        best(rounds, || drop(store.runs().unwrap())),
    );
    line(
        "history of one scenario",
        best(rounds, || drop(store.history(&scenarios[..1]).unwrap())),
    );
    line(
        "history of all scenarios",
        best(rounds, || drop(store.history(&scenarios).unwrap())),
    );
    line(
        "last failed",
        best(rounds, || drop(store.last_failed().unwrap())),
    );
    line(
        "all events of a run",
        best(rounds, || assert!(store.events(&ids[3]).count() > 0)),
    );
    let mut keeper = Keeper::open(&home).unwrap();
    line(
        "rebuild a run",
        best(rounds, || drop(keeper.rebuild(&ids[3]).unwrap())),
    );
}

fn short_runs(rounds: usize) {
    let run = RunId("bench".into());
    let events = stream(&run, 1, &["one"]);
    let bytes: Vec<u8> = events
        .iter()
        .flat_map(|event| serde_json::to_vec(event).unwrap())
        .collect();
    println!(
        "\na whole run of {} events; median and 90th percentile of {rounds}",
        events.len()
    );
    let report = |what: &str, mut times: Vec<Duration>| {
        times.sort_unstable();
        let (median, tail) = (times[times.len() / 2], times[times.len() * 9 / 10]);
        println!("  {what:<44} {:>10} {:>10}", show(median), show(tail));
    };
    let dir = tempfile::tempdir().unwrap();
    let plain = |sync: bool| {
        let write = |number| {
            let mut file = File::create(dir.path().join(format!("{sync}{number}"))).unwrap();
            file.write_all(&bytes).unwrap();
            if sync {
                file.sync_all().unwrap();
            }
        };
        (0..rounds).map(|number| time(|| write(number))).collect()
    };
    report("a plain file", plain(false));
    report("a plain file, synced", plain(true));
    let home = Home::new(dir.path().join("s"));
    let whole = |home: &Home| {
        let run = new_run_id(jiff::Timestamp::now());
        time(|| record(home, &run, &events))
    };
    report(
        "in a store that has to be made",
        (0..rounds)
            .map(|number| whole(&Home::new(dir.path().join(format!("new{number}")))))
            .collect(),
    );
    report(
        "in a store that is there",
        (0..rounds).map(|_| whole(&home)).collect(),
    );
    let merged = |_| {
        Keeper::open(&home).unwrap().merge().unwrap();
        whole(&home)
    };
    report(
        "in a store that was merged before",
        (0..rounds).map(merged).collect(),
    );
    let two = stream(&run, 1, &["one", "two"]);
    let relied_on = |_| {
        let run = new_run_id(jiff::Timestamp::now());
        time(|| record(&home, &run, &two))
    };
    report(
        "the same, of two phases",
        (0..rounds).map(relied_on).collect(),
    );
    fs::remove_dir_all(dir.path()).unwrap();
}

fn record(home: &Home, run: &RunId, events: &[Event]) {
    let mut writer = Writer::start(home, run, |_| {});
    writer.append(events);
    assert_eq!(writer.finish(Some(Retention::default())).error, None);
}

fn time(act: impl FnOnce()) -> Duration {
    let began = Instant::now();
    act();
    began.elapsed()
}

fn best(rounds: usize, mut act: impl FnMut()) -> Duration {
    (0..rounds.max(1))
        .map(|_| time(&mut act))
        .min()
        .unwrap_or_default()
}

/// CPU time of this process, to a hundredth of a second (proc_pid_stat(5), fields 14 and 15).
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    Duration::from_millis(
        10 * ticks
            .filter_map(|ticks| ticks.parse::<u64>().ok())
            .sum::<u64>(),
    )
}

fn show(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}

fn scenario(number: usize) -> ScenarioId {
    ScenarioId::new(
        &format!("scenarios/orders/{number:04}.rhai"),
        &format!("order number {number} is delivered"),
    )
}

/// A run as they are: each phase logs in, makes some requests, and passes.
fn stream(run: &RunId, scenarios: usize, phases: &[&str]) -> Vec<Event> {
    let mut what = vec![started(run, scenarios)];
    what.extend((0..scenarios).map(|number| planned(number, phases)));
    for number in 0..scenarios {
        what.push(What::TryStarted {
            scenario: scenario(number),
            round: 1,
            try_number: 1,
        });
        for phase in phases {
            phase_passes(&mut what, number, phase);
        }
        what.push(What::TryEnded {
            scenario: scenario(number),
            round: 1,
            try_number: 1,
            outcome: Outcome::Passed,
            micros: 12_345,
        });
        what.push(What::ScenarioEnded {
            scenario: scenario(number),
            outcome: Outcome::Passed,
            flaky: false,
            quarantined: false,
            reason: String::new(),
            micros: 12_345,
            assertions: 6,
        });
    }
    what.push(What::RunEnded {
        exit: 0,
        micros: 400_000,
        masked: 3,
        masked_in: Default::default(),
    });
    let at = jiff::Timestamp::now();
    (1..)
        .zip(what)
        .map(|(seq, what)| Event { seq, at, what })
        .collect()
}

fn phase_passes(what: &mut Vec<What>, number: usize, phase: &str) {
    let key = PhaseKey {
        scenario: scenario(number),
        round: 1,
        try_number: 1,
        phase: phase.into(),
    };
    let attempt = key.attempt(1);
    let changed = |from, to| What::PhaseChanged {
        phase: key.clone(),
        from,
        to,
        cause: None,
    };
    what.push(changed(PhaseState::Pending, PhaseState::Executing));
    what.push(What::AttemptStarted {
        attempt: attempt.clone(),
        seed: 42,
    });
    for step in 1..=6 {
        what.extend(request(&attempt, step));
    }
    what.push(What::AttemptEnded {
        attempt,
        state: PhaseState::Passed,
        micros: 12_345,
        assertions: 6,
        writes: serde_json::Map::new(),
        removed: Vec::new(),
    });
    what.push(changed(PhaseState::Executing, PhaseState::Passed));
}

fn request(attempt: &AttemptKey, step: u32) -> [What; 2] {
    let recorded = |record| What::Recorded {
        attempt: attempt.clone(),
        record,
    };
    let data = serde_json::json!({
        "method": "GET", "url": format!("http://127.0.0.1:4000/api/orders/{step}"), "status": 200,
        "request": { "accept": "application/json", "authorization": "Bearer ***" },
        "response": { "content-type": "application/json", "content-length": "312" },
        "micros": { "connect": 120, "first_byte": 900, "total": 1100 },
    });
    [
        recorded(Record::StepBegan(Begin {
            step,
            parent: None,
            kind: "http".into(),
            title: format!("GET /api/orders/{step}"),
            site: "scenarios/orders.rhai:12".into(),
        })),
        recorded(Record::StepEnded {
            step,
            end: End {
                outcome: StepOutcome::Passed,
                micros: 1100,
                data: Details::of(&data),
            },
        }),
    ]
}

fn started(run: &RunId, scenarios: usize) -> What {
    What::RunStarted(RunStarted {
        version: scenario::model::event::VERSION,
        run: run.clone(),
        program: "0.1.0".into(),
        args: vec!["run".into(), "scenarios/orders/*.rhai".into()],
        profile: "default".into(),
        base_url: Some("http://127.0.0.1:4000".into()),
        vars: BTreeMap::new(),
        seed: 42,
        jobs: 16,
        scenarios,
        pid: std::process::id(),
        host: "bench".into(),
    })
}

fn planned(number: usize, phases: &[&str]) -> What {
    What::ScenarioPlanned {
        declared: Arc::new(Declared {
            terms: Arc::new(Terms {
                tags: vec!["smoke".into()],
                ..Terms::default()
            }),
            phases: Arc::new(phases.iter().map(|name| Phase::new(*name)).collect()),
            ..Declared::new(scenario(number), 1)
        }),
    }
}
