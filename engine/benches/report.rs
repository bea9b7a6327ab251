//! What the page of a big run costs: `cargo bench --bench report`.
//!
//! The events of 10,000 scenarios with six requests each are told to the reporter `html`, as `scenario report` does; then
//! Chromium opens the page, which notes when it could be used. The goals: written in 2 s, usable in 1 s.

use scenario::model::event::RunStarted;
use scenario::model::{
    AttemptKey, Declared, Event, Outcome, Phase, PhaseKey, PhaseState, RunId, ScenarioId, Terms,
    View, What,
};
use scenario::report::{Options, Reporters, Spec};
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::failure::{Code, Failure};
use scenario_stdlib::host::record::{Begin, End, Record, StepOutcome};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    // `cargo test --benches` only wants to know that it runs.
    let is_test = std::env::args().any(|arg| arg == "--test");
    let (rounds, scenarios) = if is_test { (1, 20) } else { (5, 10_000) };
    let events = stream(scenarios);
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("report.html");
    let fold = best(rounds, || {
        std::hint::black_box(View::of(&events));
    });
    println!(
        "{} events of {scenarios} scenarios; folding them: {fold:.0?}",
        events.len()
    );
    for name in ["html", "junit", "ctrf", "otlp", "perfetto", "digest"] {
        let took = best(rounds, || {
            let spec = Spec::parse(&format!("{name}={}", page.display())).unwrap();
            let mut reporters = Reporters::open(&[spec], &Options::default()).unwrap();
            let mut view = View::default();
            for event in &events {
                view.apply(event);
                reporters.on(event, &view);
            }
            assert!(reporters.finish(&view).is_empty());
        });
        let size = std::fs::metadata(&page).unwrap().len();
        println!("  {name:<9} {took:>8.0?}  {:>6.1} MB", size as f64 / 1e6);
        if name == "html" {
            match usable(&page, rounds) {
                Some(took) => {
                    println!("            usable in Chromium {took:.0?} after it was opened")
                }
                None => println!("            no Chromium here to open it with"),
            }
        }
    }
}

/// The best of `rounds`.
fn best(rounds: usize, mut act: impl FnMut()) -> Duration {
    let took = (0..rounds).map(|_| {
        let began = Instant::now();
        act();
        began.elapsed()
    });
    took.min().unwrap_or_default()
}

/// When the page could be used, by its own clock, which starts when it is opened.
fn usable(page: &std::path::Path, rounds: usize) -> Option<Duration> {
    let opened = (0..rounds).filter_map(|_| {
        let profile = tempfile::tempdir().ok()?;
        let out = Command::new("chromium-headless-shell")
            .args(["--no-sandbox", "--disable-gpu", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("file://{}", page.display()))
            .output()
            .ok()?;
        let document = String::from_utf8_lossy(&out.stdout).into_owned();
        let (_, behind) = document.split_once("data-ready=\"")?;
        let millis: u64 = behind.split_once('"')?.0.parse().ok()?;
        Some(Duration::from_millis(millis))
    });
    opened.min()
}

fn stream(scenarios: usize) -> Vec<Event> {
    let began: jiff::Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
    let mut events = Vec::new();
    let mut push = |micros: u64, what: What| {
        let seq = events.len() as u64 + 1;
        let at = began + Duration::from_micros(micros);
        events.push(Event { seq, at, what });
    };
    push(
        0,
        What::RunStarted(RunStarted {
            version: 1,
            run: RunId("20261121-100000-bench".into()),
            program: "0.1.0".into(),
            args: vec!["run".into()],
            profile: "default".into(),
            base_url: None,
            vars: Default::default(),
            seed: 1,
            jobs: 8,
            scenarios,
            pid: 1,
            host: "bench".into(),
        }),
    );
    let ids: Vec<ScenarioId> = (0..scenarios)
        .map(|number| {
            ScenarioId::new(
                &format!("shop/{}.rhai", number % 97),
                &format!("customer {number} buys"),
            )
        })
        .collect();
    for id in &ids {
        let declared = Declared {
            phases: vec![Phase::new("journey")].into(),
            terms: Arc::new(Terms {
                tags: vec!["smoke".into()],
                ..Terms::default()
            }),
            ..Declared::new(id.clone(), 3)
        };
        push(
            0,
            What::ScenarioPlanned {
                declared: Arc::new(declared),
            },
        );
    }
    for (number, id) in ids.iter().enumerate() {
        one(id, number as u64, &mut push);
    }
    push(
        scenarios as u64 * 1000,
        What::RunEnded {
            exit: 1,
            micros: scenarios as u64 * 1000,
            masked: 0,
            masked_in: Default::default(),
        },
    );
    events
}

fn one(id: &ScenarioId, number: u64, push: &mut impl FnMut(u64, What)) {
    let from = number * 1000;
    let phase = PhaseKey {
        scenario: id.clone(),
        round: 1,
        try_number: 1,
        phase: "journey".into(),
    };
    let attempt: AttemptKey = phase.attempt(1);
    let is_bad = number % 80 == 7;
    let state = if is_bad {
        PhaseState::Failed
    } else {
        PhaseState::Passed
    };
    let outcome = if is_bad {
        Outcome::Failed
    } else {
        Outcome::Passed
    };
    push(
        from,
        What::TryStarted {
            scenario: id.clone(),
            round: 1,
            try_number: 1,
        },
    );
    push(
        from,
        What::PhaseChanged {
            phase: phase.clone(),
            from: PhaseState::Pending,
            to: PhaseState::Executing,
            cause: None,
        },
    );
    push(
        from,
        What::AttemptStarted {
            attempt: attempt.clone(),
            seed: number,
        },
    );
    let mut record = |micros: u64, record: Record| {
        push(
            from + micros,
            What::Recorded {
                attempt: attempt.clone(),
                record,
            },
        )
    };
    for step in 1..=6_u32 {
        let at = u64::from(step) * 100;
        record(
            at,
            Record::StepBegan(Begin {
                step,
                parent: None,
                kind: "http".into(),
                title: format!("GET /items/{step}"),
                site: format!("shop/{}.rhai:{step}", number % 97),
            }),
        );
        let data = serde_json::json!({
            "method": "GET", "url": format!("http://127.0.0.1:8080/items/{step}?customer={number}"), "status": 200, "bytes": 412, "micros": 900,
            "curl": format!("curl 'http://127.0.0.1:8080/items/{step}?customer={number}'"),
            "body": format!("{{\"id\":{step},\"customer\":{number},\"price\":{},\"name\":\"a thing that is sold\"}}", number * 7919 % 1000),
        });
        record(
            at + 90,
            Record::StepEnded {
                step,
                end: End {
                    outcome: StepOutcome::Passed,
                    micros: 900,
                    data: Details::of(&data),
                },
            },
        );
    }
    if is_bad {
        let failure = Failure::product(Code::Assertion, "assertion failed: `res.status == 200`")
            .detail("received", number.to_string());
        record(
            800,
            Record::Failed {
                step: None,
                failure: Box::new(failure),
            },
        );
    }
    push(
        from + 900,
        What::AttemptEnded {
            attempt,
            state,
            micros: 900,
            assertions: 6,
            writes: Default::default(),
            removed: Vec::new(),
        },
    );
    push(
        from + 900,
        What::PhaseChanged {
            phase,
            from: PhaseState::Executing,
            to: state,
            cause: None,
        },
    );
    push(
        from + 910,
        What::TryEnded {
            scenario: id.clone(),
            round: 1,
            try_number: 1,
            outcome,
            micros: 910,
        },
    );
    push(
        from + 910,
        What::ScenarioEnded {
            scenario: id.clone(),
            outcome,
            flaky: false,
            quarantined: false,
            reason: String::new(),
            micros: 910,
            assertions: 6,
        },
    );
}
