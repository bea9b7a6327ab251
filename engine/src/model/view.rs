//! A run as it stands: the fold of its events. Live runs, `show`, `report` and resume all read this, so that they
//! cannot disagree.

use super::declared::Declared;
use super::event::{Event, RunStarted, What};
use super::ids::{AttemptKey, CLEAN_UP, PhaseKey, ScenarioId};
use super::outcome::{Cause, Outcome, PhaseState};
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{Level, Record, StepId, StepOutcome};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A run as it stands.
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
    index: HashMap<ScenarioId, usize>,
}

/// How the run ended; missing when it was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub exit: u8,
    pub took: Duration,
    pub masked: u64,
}

/// How many scenarios ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: usize,
    pub passed: usize,
    pub failed: usize,
    pub errored: usize,
    pub skipped: usize,
    pub interrupted: usize,
    pub parked: usize,
    /// Passed, but only after a failed try or attempt; counted among the passed too.
    pub flaky: usize,
    /// Bad, but in quarantine; counted among the failed or errored too.
    pub quarantined: usize,
    /// Not ended yet.
    pub open: usize,
    /// Passed without checking a single claim; counted among the passed too.
    pub vacuous: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, scenario: &ScenarioView) {
        self.total += 1;
        match scenario.outcome {
            None => self.open += 1,
            Some(Outcome::Passed) => {
                self.passed += 1;
                self.flaky += usize::from(scenario.flaky);
                self.vacuous += usize::from(scenario.assertions == 0);
            }
            Some(Outcome::Failed) => self.failed += 1,
            Some(Outcome::Errored) => self.errored += 1,
            Some(Outcome::Skipped) => self.skipped += 1,
            Some(Outcome::Interrupted) => self.interrupted += 1,
            Some(Outcome::Parked) => self.parked += 1,
        }
        self.quarantined += usize::from(scenario.quarantined);
    }
}

#[derive(Clone, Debug)]
pub struct ScenarioView {
    pub declared: Arc<Declared>,
    pub tries: Vec<TryView>,
    pub outcome: Option<Outcome>,
    pub flaky: bool,
    pub quarantined: bool,
    pub reason: String,
    pub took: Duration,
    pub assertions: u64,
}

#[derive(Clone, Debug)]
pub struct TryView {
    pub round: u32,
    pub number: u32,
    pub started: Timestamp,
    pub outcome: Option<Outcome>,
    pub took: Duration,
    /// In the order they are declared.
    pub phases: Vec<PhaseView>,
}

#[derive(Clone, Debug)]
pub struct PhaseView {
    pub name: String,
    /// The phase during which it is looked at whether it holds.
    pub during: Option<String>,
    pub state: PhaseState,
    pub cause: Option<Cause>,
    /// Every change of state with its time.
    pub changes: Vec<(Timestamp, PhaseState)>,
    pub attempts: Vec<AttemptView>,
    pub observed: Vec<Observation>,
    /// Bad news outside any attempt.
    pub failures: Vec<Failure>,
}

/// What a wait saw, from when on, and at which poll.
#[derive(Clone, Debug)]
pub struct Observation {
    pub at: Timestamp,
    pub seen: String,
    pub polls: u64,
}

#[derive(Clone, Debug)]
pub struct AttemptView {
    pub number: u32,
    pub seed: u64,
    pub started: Timestamp,
    /// `None` while it executes, and for ever if the run was killed in it.
    pub state: Option<PhaseState>,
    pub took: Duration,
    pub assertions: u64,
    pub failures: Vec<Failure>,
    pub steps: Vec<StepView>,
    pub logs: Vec<LogView>,
    pub attachments: Vec<AttachmentView>,
    /// What it wrote to `state`, in order of writing.
    pub writes: Vec<(String, Option<Value>)>,
}

#[derive(Clone, Debug)]
pub struct StepView {
    pub id: StepId,
    pub parent: Option<StepId>,
    pub kind: String,
    pub title: String,
    /// `file:line`.
    pub site: String,
    pub began: Timestamp,
    /// `None` while it is open.
    pub outcome: Option<StepOutcome>,
    pub took: Duration,
    pub data: Value,
    pub observed: Vec<Observation>,
}

#[derive(Clone, Debug)]
pub struct LogView {
    pub at: Timestamp,
    pub step: Option<StepId>,
    pub level: Level,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct AttachmentView {
    pub step: Option<StepId>,
    pub name: String,
    /// Relative to the run's directory.
    pub path: String,
    pub media_type: String,
    pub bytes: u64,
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
                    phase.cause.clone_from(cause);
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
            What::RunEnded {
                exit,
                micros,
                masked,
            } => {
                self.ended = Some(Ended {
                    exit: *exit,
                    took: Duration::from_micros(*micros),
                    masked: *masked,
                });
            }
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

/// Adds an item to a list that mostly has one: a list makes room for four at first, and a big run keeps many of them.
fn push<T>(list: &mut Vec<T>, item: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(item);
}

impl PhaseView {
    fn pending(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            during: None,
            state: PhaseState::Pending,
            cause: None,
            changes: Vec::new(),
            attempts: Vec::new(),
            observed: Vec::new(),
            failures: Vec::new(),
        }
    }
}

impl ScenarioView {
    fn planned(declared: &Arc<Declared>) -> Self {
        Self {
            declared: declared.clone(),
            tries: Vec::new(),
            outcome: None,
            flaky: false,
            quarantined: false,
            reason: String::new(),
            took: Duration::ZERO,
            assertions: 0,
        }
    }

    fn start_try(&mut self, round: u32, number: u32, at: Timestamp) {
        let phases = self.declared.phases.iter();
        let phases = phases.map(|phase| PhaseView {
            during: phase.during.clone(),
            ..PhaseView::pending(&phase.name)
        });
        let tried = TryView {
            round,
            number,
            started: at,
            outcome: None,
            took: Duration::ZERO,
            phases: phases.collect(),
        };
        push(&mut self.tries, tried);
    }

    fn try_mut(&mut self, round: u32, number: u32) -> Option<&mut TryView> {
        self.tries
            .iter_mut()
            .rev()
            .find(|tried| tried.round == round && tried.number == number)
    }

    /// The newest try.
    pub fn last_try(&self) -> Option<&TryView> {
        self.tries.last()
    }
}

impl TryView {
    /// All bad news of the try, in the order of its phases, each with the phase it belongs to.
    pub fn bad_news(&self) -> impl Iterator<Item = (&PhaseView, &Failure)> {
        self.phases.iter().flat_map(|phase| {
            let of_attempts = phase.attempts.iter().flat_map(|attempt| &attempt.failures);
            of_attempts
                .chain(&phase.failures)
                .map(move |failure| (phase, failure))
        })
    }
}

impl AttemptView {
    fn started(number: u32, seed: u64, at: Timestamp) -> Self {
        Self {
            number,
            seed,
            started: at,
            state: None,
            took: Duration::ZERO,
            assertions: 0,
            failures: Vec::new(),
            steps: Vec::new(),
            logs: Vec::new(),
            attachments: Vec::new(),
            writes: Vec::new(),
        }
    }

    fn record(&mut self, record: &Record, at: Timestamp) {
        match record {
            Record::StepBegan {
                step,
                parent,
                kind,
                title,
                at: site,
            } => self.steps.push(StepView {
                id: *step,
                parent: *parent,
                kind: kind.clone(),
                title: title.clone(),
                site: site.clone(),
                began: at,
                outcome: None,
                took: Duration::ZERO,
                data: Value::Null,
                observed: Vec::new(),
            }),
            Record::StepEnded {
                step,
                outcome,
                micros,
                data,
            } => {
                if let Some(step) = self.step_mut(*step) {
                    step.outcome = Some(*outcome);
                    step.took = Duration::from_micros(*micros);
                    step.data = data.clone();
                }
            }
            Record::Failed { failure, .. } => self.failures.push(failure.as_ref().clone()),
            Record::State { key, value } => {
                push(&mut self.writes, (key.clone(), value.clone()));
            }
            Record::Log { step, level, text } => self.logs.push(LogView {
                at,
                step: *step,
                level: *level,
                text: text.clone(),
            }),
            Record::Attached {
                step,
                name,
                path,
                media_type,
                bytes,
            } => self.attachments.push(AttachmentView {
                step: *step,
                name: name.clone(),
                path: path.clone(),
                media_type: media_type.clone(),
                bytes: *bytes,
            }),
            // Told live, and kept in the stream; a service is not part of one attempt.
            Record::Service { .. } | Record::Output { .. } => {}
            Record::Observed { step, seen, polls } => {
                let observation = Observation {
                    at,
                    seen: seen.clone(),
                    polls: *polls,
                };
                if let Some(step) = step.and_then(|id| self.step_mut(id)) {
                    step.observed.push(observation);
                }
            }
        }
    }

    fn step_mut(&mut self, id: StepId) -> Option<&mut StepView> {
        self.steps.iter_mut().rev().find(|step| step.id == id)
    }

    /// What every step of a passed attempt carried is in the store; holding it would make a long run heavy.
    fn forget_details(&mut self) {
        for step in &mut self.steps {
            step.data = Value::Null;
        }
    }

    /// The steps that are open, outermost first.
    pub fn open_steps(&self) -> impl Iterator<Item = &StepView> {
        self.steps.iter().filter(|step| step.outcome.is_none())
    }
}
