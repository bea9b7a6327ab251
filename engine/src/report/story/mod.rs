//! Runs as short stories, for the tests of reporters: what is planned, what happens to each scenario, how it ends.
//! Each story is told twice, live and from its stored form, and must be reported the same.

mod news;
mod tale;
mod tell;

pub use news::{hostile, wrong_body, wrong_status};
pub use tale::Tale;
pub use tell::{Shared, account, report, report_with, stored, tell};

use crate::model::event::{RunStarted, VERSION};
use crate::model::{Event, RunId, ScenarioId, View, What};
use jiff::Timestamp;

/// Where and when all stories happen.
pub const BEGAN: &str = "2026-11-21T10:15:00Z";

/// A run.
pub struct Story {
    tales: Vec<Tale>,
    not_selected: Vec<(String, String)>,
    after: Vec<What>,
    ended: Option<u8>,
}

impl Story {
    pub fn new() -> Self {
        Self {
            tales: Vec::new(),
            not_selected: Vec::new(),
            after: Vec::new(),
            ended: Some(0),
        }
    }

    pub fn with(mut self, tale: Tale) -> Self {
        self.tales.push(tale);
        self
    }

    pub fn not_selected(mut self, id: &str, reason: &str) -> Self {
        self.not_selected.push((id.into(), reason.into()));
        self
    }

    pub fn warned(mut self, text: &str) -> Self {
        self.after.push(What::Warned { text: text.into() });
        self
    }

    pub fn interrupted(mut self, reason: &str) -> Self {
        self.after.push(What::Interrupted {
            reason: reason.into(),
            now: false,
        });
        self.ended = Some(130);
        self
    }

    pub fn exit(mut self, exit: u8) -> Self {
        self.ended = Some(exit);
        self
    }

    /// No one wrote the end.
    pub fn killed(mut self) -> Self {
        self.ended = None;
        self
    }

    /// The stream.
    pub fn events(&self) -> Vec<Event> {
        let mut stream = Stream {
            at: BEGAN.parse().unwrap(),
            events: Vec::new(),
        };
        stream.push(What::RunStarted(RunStarted {
            version: VERSION,
            run: RunId("20261121-101500-k3f9".into()),
            program: "0.1.0".into(),
            args: vec!["run".into(), "scenarios".into()],
            profile: "default".into(),
            base_url: Some("http://127.0.0.1:8080".into()),
            vars: Default::default(),
            seed: 42,
            jobs: 8,
            scenarios: self.tales.len(),
            pid: 311,
            host: "ada-laptop".into(),
        }));
        for tale in &self.tales {
            stream.push(What::ScenarioPlanned {
                declared: tale.declared.clone().into(),
            });
        }
        for (scenario, reason) in &self.not_selected {
            stream.push(What::ScenarioNotSelected {
                scenario: ScenarioId(scenario.as_str().into()),
                reason: reason.clone(),
            });
        }
        for tale in &self.tales {
            for (pause, what) in &tale.acts {
                stream.at += *pause;
                stream.push(what.clone());
            }
        }
        for what in &self.after {
            stream.push(what.clone());
        }
        if let Some(exit) = self.ended {
            let began: Timestamp = BEGAN.parse().unwrap();
            stream.push(What::RunEnded {
                exit,
                micros: stream.at.duration_since(began).as_micros() as u64,
                masked: 0,
                masked_in: Default::default(),
            });
        }
        stream.events
    }

    /// The view at the end.
    pub fn view(&self) -> View {
        View::of(&self.events())
    }
}

struct Stream {
    at: Timestamp,
    events: Vec<Event>,
}

impl Stream {
    fn push(&mut self, what: What) {
        self.events.push(Event {
            seq: self.events.len() as u64 + 1,
            at: self.at,
            what,
        });
    }
}
