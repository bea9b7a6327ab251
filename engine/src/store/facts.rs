//! What the tables beside the events say, folded from the events. The writer folds batch by batch and a rebuild folds the
//! whole stream, so folding in parts has to lead to the same. Pure.

use crate::model::event::RunStarted;
use crate::model::{Event, Outcome, ScenarioId, What};
use jiff::Timestamp;
use std::collections::HashMap;

/// What a stretch of a run's events changes in the tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    /// How the run began, if it did so in this stretch, and when.
    pub started: Option<(Timestamp, RunStarted)>,
    pub first_at: Option<Timestamp>,
    pub ended: Ended,
    /// Scenarios planned in this stretch.
    pub planned: u64,
    pub outcomes: HashMap<ScenarioId, OutcomeFact>,
}

/// Whether this stretch ended the run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Ended {
    #[default]
    Unchanged,
    /// It began, or began again.
    Open,
    With {
        at: Timestamp,
        exit: u8,
        micros: u64,
    },
}

/// How a scenario ended last.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OutcomeFact {
    pub outcome: Outcome,
    pub flaky: bool,
    pub quarantined: bool,
    /// It checked nothing.
    pub vacuous: bool,
    pub micros: u64,
    pub at: Timestamp,
}

impl Facts {
    /// Folds one more event in.
    pub fn note(&mut self, event: &Event) {
        let at = event.at;
        self.first_at.get_or_insert(at);
        match &event.what {
            What::RunStarted(started) => {
                self.started.get_or_insert_with(|| (at, started.clone()));
                self.ended = Ended::Open;
            }
            What::RunResumed(_) => self.ended = Ended::Open,
            What::ScenarioPlanned { .. } => self.planned += 1,
            What::ScenarioEnded {
                scenario,
                outcome,
                flaky,
                quarantined,
                micros,
                assertions,
                ..
            } => {
                let fact = OutcomeFact {
                    outcome: *outcome,
                    flaky: *flaky,
                    quarantined: *quarantined,
                    vacuous: *assertions == 0,
                    micros: *micros,
                    at,
                };
                self.outcomes.insert(scenario.clone(), fact);
            }
            What::RunEnded { exit, micros, .. } => {
                self.ended = Ended::With {
                    at,
                    exit: *exit,
                    micros: *micros,
                };
            }
            What::ScenarioNotSelected { .. }
            | What::TryStarted { .. }
            | What::PhaseChanged { .. }
            | What::AttemptStarted { .. }
            | What::AttemptEnded { .. }
            | What::Recorded { .. }
            | What::Observed { .. }
            | What::PhaseFailed { .. }
            | What::TryEnded { .. }
            | What::Interrupted { .. }
            | What::Warned { .. }
            | What::Shared { .. }
            | What::ScenarioResumed { .. }
            | What::Signalled { .. }
            | What::StateMended { .. } => {}
        }
    }

    /// Whether a scenario was left waiting, for a later process to go on with.
    pub fn is_parking(&self) -> bool {
        let mut outcomes = self.outcomes.values();
        outcomes.any(|fact| fact.outcome == Outcome::Parked)
    }

    /// Forgets everything but the room it took.
    pub fn clear(&mut self) {
        self.first_at = None;
        self.started = None;
        self.ended = Ended::Unchanged;
        self.planned = 0;
        self.outcomes.clear();
    }
}
