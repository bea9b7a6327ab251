//! A run as it stands: the fold of its events. Live runs, `show`, `report` and resume all read this, so that they
//! cannot disagree.

mod attempt;
mod counts;
mod scenario;
mod service;

pub use attempt::{AttachmentView, AttemptView, LogView, StepView};
pub use counts::{Counts, in_words};
pub use scenario::{Observation, PhaseView, ScenarioView, TryView};
pub use service::{ServiceChange, ServiceView};

use super::event::{Event, RunStarted, What};
use super::ids::{AttemptKey, CLEAN_UP, PhaseKey, ScenarioId};
use super::outcome::PhaseState;
use jiff::Timestamp;
use scenario_stdlib::host::record::Record;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use thin_vec::ThinVec;

/// A run as it stands. What a scenario has many lists of that are mostly empty is thin: an empty one is a pointer.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub run: Option<RunStarted>,
    pub started: Option<Timestamp>,
    /// When the process that goes on with it began, if another one had begun it.
    pub resumed: Option<Timestamp>,
    /// Time of the newest event.
    pub now: Option<Timestamp>,
    /// In the order they were planned.
    pub scenarios: Vec<ScenarioView>,
    pub not_selected: Vec<(ScenarioId, String)>,
    pub warnings: Vec<String>,
    pub interrupted: Option<String>,
    pub ended: Option<Ended>,
    /// What was kept of what a file, or without one the run, shared.
    pub shared: Vec<(String, AttachmentView)>,
    /// In what secrets were hidden, and how many.
    pub masked_in: BTreeMap<String, u64>,
    /// Somebody is writing it at this moment: known from the store, not from the stream.
    pub is_live: bool,
    index: HashMap<ScenarioId, usize>,
}

/// How the run ended; missing when it was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub exit: u8,
    pub took: Duration,
    pub masked: u64,
}

impl View {
    /// The view of a whole stream.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut view = Self::default();
        for event in events {
            view.apply(event);
        }
        view
    }

    /// Folds one more event in.
    pub fn apply(&mut self, event: &Event) {
        let at = event.at;
        self.now = Some(at);
        match &event.what {
            What::RunStarted(started) => {
                self.run = Some(started.clone());
                self.started = Some(at);
                self.scenarios.reserve_exact(started.scenarios);
            }
            What::RunResumed(resumed) => {
                self.ended = None;
                self.interrupted = None;
                self.resumed = Some(at);
                if let Some(run) = &mut self.run {
                    run.pid = resumed.pid;
                    run.jobs = resumed.jobs;
                    run.host.clone_from(&resumed.host);
                    run.base_url.clone_from(&resumed.base_url);
                }
            }
            What::ScenarioResumed { scenario } => {
                if let Some(scenario) = self.scenario_mut(scenario) {
                    scenario.outcome = None;
                    scenario.reason.clear();
                }
            }
            What::Signalled { .. } | What::StateMended { .. } => {}
            What::ScenarioPlanned { declared } => {
                self.index.insert(declared.id.clone(), self.scenarios.len());
                self.scenarios.push(ScenarioView::planned(declared));
            }
            What::ScenarioNotSelected { scenario, reason } => {
                self.not_selected.push((scenario.clone(), reason.clone()));
            }
            What::TryStarted {
                scenario,
                round,
                try_number,
            } => {
                if let Some(scenario) = self.scenario_mut(scenario) {
                    scenario.start_try(*round, *try_number, at);
                }
            }
            What::PhaseChanged {
                phase, to, cause, ..
            } => {
                if let Some(phase) = self.phase_mut(phase) {
                    phase.state = *to;
                    phase.cause = cause.clone().map(Box::new);
                    push(&mut phase.changes, (at, *to));
                }
            }
            What::AttemptStarted { attempt, seed } => {
                if attempt.phase.phase == CLEAN_UP {
                    self.begin_clean_up(&attempt.phase, at);
                }
                if let Some(phase) = self.phase_mut(&attempt.phase) {
                    let attempt = AttemptView::started(attempt.attempt, *seed, at);
                    push(&mut phase.attempts, attempt);
                }
            }
            What::Recorded {
                attempt,
                record: Record::Service { name, what, data },
            } => {
                let key = &attempt.phase;
                let tried = self
                    .scenario_mut(&key.scenario)
                    .and_then(|scenario| scenario.try_mut(key.round, key.try_number));
                if let Some(tried) = tried {
                    let change = ServiceChange {
                        at,
                        what: *what,
                        data: data.clone(),
                    };
                    tried.service_mut(name, &key.phase).news.push(change);
                }
            }
            What::Recorded { attempt, record } => {
                if let Some(attempt) = self.attempt_mut(attempt) {
                    attempt.record(record, at);
                }
            }
            What::AttemptEnded {
                attempt,
                state,
                micros,
                assertions,
                ..
            } => {
                if attempt.phase.phase == CLEAN_UP
                    && let Some(phase) = self.phase_mut(&attempt.phase)
                {
                    phase.state = *state;
                    phase.changes.push((at, *state));
                }
                if let Some(attempt) = self.attempt_mut(attempt) {
                    attempt.state = Some(*state);
                    attempt.took = Duration::from_micros(*micros);
                    attempt.assertions = *assertions;
                    if *state == PhaseState::Passed {
                        attempt.forget_details();
                    }
                }
            }
            What::Observed { phase, seen, polls } => {
                if let Some(phase) = self.phase_mut(phase) {
                    let observation = Observation {
                        at,
                        seen: seen.clone(),
                        polls: *polls,
                    };
                    push(&mut phase.observed, observation);
                }
            }
            What::PhaseFailed { phase, failure } => {
                if let Some(phase) = self.phase_mut(phase) {
                    push(&mut phase.failures, failure.as_ref().clone());
                }
            }
            What::TryEnded {
                scenario,
                round,
                try_number,
                outcome,
                micros,
            } => {
                let found = self
                    .scenario_mut(scenario)
                    .and_then(|s| s.try_mut(*round, *try_number));
                if let Some(tried) = found {
                    tried.outcome = Some(*outcome);
                    tried.took = Duration::from_micros(*micros);
                }
            }
            What::ScenarioEnded {
                scenario,
                outcome,
                flaky,
                quarantined,
                reason,
                micros,
                assertions,
            } => {
                if let Some(scenario) = self.scenario_mut(scenario) {
                    scenario.outcome = Some(*outcome);
                    scenario.flaky = *flaky;
                    scenario.quarantined = *quarantined;
                    scenario.reason.clone_from(reason);
                    scenario.took = Duration::from_micros(*micros);
                    scenario.assertions = *assertions;
                }
            }
            What::Interrupted { reason, .. } => {
                self.interrupted.get_or_insert_with(|| reason.clone());
            }
            What::Warned { text } => self.warnings.push(text.clone()),
            What::Shared { file, record } => {
                let kept = AttachmentView::of(record);
                self.shared.extend(kept.map(|kept| (file.clone(), kept)));
            }
            What::RunEnded {
                exit,
                micros,
                masked,
                masked_in,
            } => {
                self.masked_in.clone_from(masked_in);
                self.ended = Some(Ended {
                    exit: *exit,
                    took: Duration::from_micros(*micros),
                    masked: *masked,
                });
            }
        }
    }

    /// Whoever reads it knows whether somebody is writing it: then what has not ended is running, not cut off.
    pub fn set_live(&mut self, is_live: bool) {
        self.is_live = is_live && self.ended.is_none();
        for scenario in &mut self.scenarios {
            scenario.is_live = self.is_live && scenario.outcome.is_none();
        }
    }

    /// A planned scenario.
    pub fn scenario(&self, id: &ScenarioId) -> Option<&ScenarioView> {
        self.index.get(id).map(|index| &self.scenarios[*index])
    }

    /// How many scenarios ended how so far.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for scenario in &self.scenarios {
            counts.add(scenario);
        }
        counts
    }

    /// `3 in logs, 1 in steps`: where secrets were hidden.
    pub fn masked_in(&self) -> String {
        let places = self.masked_in.iter();
        let places: Vec<String> = places
            .map(|(place, count)| format!("{count} in {place}"))
            .collect();
        places.join(", ")
    }

    /// How long the run took, or has been going on until its newest event.
    pub fn took(&self) -> Duration {
        match (self.ended, self.started, self.now) {
            (Some(ended), ..) => ended.took,
            (None, Some(started), Some(now)) => now.duration_since(started).unsigned_abs(),
            _ => Duration::ZERO,
        }
    }

    fn scenario_mut(&mut self, id: &ScenarioId) -> Option<&mut ScenarioView> {
        let index = *self.index.get(id)?;
        self.scenarios.get_mut(index)
    }

    fn phase_mut(&mut self, key: &PhaseKey) -> Option<&mut PhaseView> {
        let tried = self
            .scenario_mut(&key.scenario)?
            .try_mut(key.round, key.try_number)?;
        tried
            .phases
            .iter_mut()
            .find(|phase| phase.name == key.phase)
    }

    /// The one phase nobody declared: it is there as soon as there is something to clean up.
    fn begin_clean_up(&mut self, key: &PhaseKey, at: Timestamp) {
        let tried = self
            .scenario_mut(&key.scenario)
            .and_then(|scenario| scenario.try_mut(key.round, key.try_number));
        if let Some(tried) = tried {
            let mut phase = PhaseView::pending(&key.phase);
            phase.state = PhaseState::Executing;
            phase.changes.push((at, PhaseState::Executing));
            tried.phases.push(phase);
        }
    }

    fn attempt_mut(&mut self, key: &AttemptKey) -> Option<&mut AttemptView> {
        let phase = self.phase_mut(&key.phase)?;
        phase
            .attempts
            .iter_mut()
            .rev()
            .find(|attempt| attempt.number == key.attempt)
    }
}

/// Adds an item to a list that mostly has one or two: a list makes room for four at first, and a big run keeps many of
/// them.
fn push<T>(list: &mut ThinVec<T>, item: T) {
    if list.len() < 3 {
        list.reserve_exact(1);
    }
    list.push(item);
}
