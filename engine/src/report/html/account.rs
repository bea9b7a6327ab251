//! What the steps of scenarios have to show, kept until it is packed: the view forgets it when an attempt has passed.

use crate::model::{AttemptKey, Event, ScenarioId, What};
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::record::{Record, StepId};
use std::collections::{HashMap, HashSet};

/// A step of an attempt: round, try, phase, attempt, step.
type Key = (u32, u32, String, u32, StepId);

/// What the steps of one scenario have to show.
#[derive(Clone, Debug, Default)]
pub struct Shown(HashMap<Key, Details>);

impl Shown {
    /// What step `step` of an attempt has to show.
    pub fn of(
        &self,
        round: u32,
        number: u32,
        phase: &str,
        attempt: u32,
        step: StepId,
    ) -> Option<&Details> {
        self.0
            .get(&(round, number, phase.to_owned(), attempt, step))
    }
}

/// What was told and is not packed yet.
#[derive(Debug, Default)]
pub struct Account {
    shown: HashMap<ScenarioId, Shown>,
    news: HashSet<ScenarioId>,
}

impl Account {
    /// Keeps what `event` tells of a scenario.
    pub fn on(&mut self, event: &Event) {
        match &event.what {
            What::Recorded { attempt, record } => {
                self.record(attempt, record);
                self.mark(&attempt.phase.scenario);
            }
            What::AttemptEnded { attempt, .. } => self.mark(&attempt.phase.scenario),
            What::PhaseChanged { phase, .. }
            | What::Observed { phase, .. }
            | What::PhaseFailed { phase, .. } => self.mark(&phase.scenario),
            What::ScenarioResumed { scenario }
            | What::ScenarioEnded { scenario, .. }
            | What::TryStarted { scenario, .. } => self.mark(scenario),
            _ => {}
        }
    }

    fn mark(&mut self, scenario: &ScenarioId) {
        if !self.news.contains(scenario) {
            self.news.insert(scenario.clone());
        }
    }

    fn record(&mut self, key: &AttemptKey, record: &Record) {
        let (step, data) = match record {
            Record::Step { begin, end } => (begin.step, &end.data),
            Record::StepEnded { step, end } => (*step, &end.data),
            _ => return,
        };
        if !data.is_empty() {
            let phase = &key.phase;
            let shown = match self.shown.get_mut(&phase.scenario) {
                Some(shown) => shown,
                None => self.shown.entry(phase.scenario.clone()).or_default(),
            };
            let key = (
                phase.round,
                phase.try_number,
                phase.phase.to_string(),
                key.attempt,
                step,
            );
            shown.0.insert(key, data.clone());
        }
    }

    /// Whether something was told of it since it was packed.
    pub fn has_news(&self, scenario: &ScenarioId) -> bool {
        self.news.contains(scenario)
    }

    /// What there is, to be packed.
    pub fn take(&mut self, scenario: &ScenarioId) -> Shown {
        self.news.remove(scenario);
        self.shown.remove(scenario).unwrap_or_default()
    }

    /// What there is.
    pub fn look(&self, scenario: &ScenarioId) -> Shown {
        self.shown.get(scenario).cloned().unwrap_or_default()
    }
}
