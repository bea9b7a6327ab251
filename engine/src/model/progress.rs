//! How far a run came: the fold of its events that a later process goes on from. What the dispatcher knows of a scenario
//! while it runs, and nothing else.

use super::declared::Declared;
use super::event::{Event, What};
use super::ids::{AttemptKey, CLEAN_UP, Name, PhaseKey, ScenarioId};
use super::outcome::{Cause, Outcome, PhaseState};
use jiff::Timestamp;
use scenario_stdlib::host::record::Record;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How far a run came.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// In the order they were planned.
    pub scenarios: Vec<Standing>,
    index: HashMap<ScenarioId, usize>,
    /// Time of the newest event.
    pub last: Option<Timestamp>,
    /// Number of the newest event.
    pub seq: u64,
}

/// How far a scenario came.
#[derive(Clone, Debug)]
pub struct Standing {
    pub declared: Arc<Declared>,
    pub round: u32,
    pub try_number: u32,
    /// A try began and did not end.
    pub is_open: bool,
    /// How the last try that ended, ended.
    pub tried: Option<Outcome>,
    /// How the scenario ended, for now if it is parked.
    pub outcome: Option<Outcome>,
    pub flaky: bool,
    pub assertions: u64,
    /// Executing time of the open try.
    pub executed: Duration,
    /// By name, those of the open try.
    pub phases: BTreeMap<Name, PhaseStanding>,
    /// What the scenarios it needs left behind.
    pub inherited: Map<String, Value>,
    /// The data of signals it consumed, by name.
    pub signals: Map<String, Value>,
    /// The numbers of those signals.
    pub consumed: BTreeSet<u64>,
}

/// How far a phase came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseStanding {
    pub state: PhaseState,
    pub cause: Option<Cause>,
    pub attempts: u32,
    pub writes: Map<String, Value>,
    pub removed: Vec<String>,
    pub wait: Option<Waiting>,
}

/// How long a phase has been waiting.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// When its needs were met.
    pub since: Timestamp,
    /// For how long some process watched.
    pub watched: Duration,
    /// Since when the present process watches.
    watching: Option<Timestamp>,
    pub polls: u64,
    pub seen: String,
}

impl Standing {
    /// Whether there is something left to do.
    pub fn goes_on(&self) -> bool {
        matches!(self.outcome, None | Some(Outcome::Parked))
    }

    /// The state of the open try, merged of what its passed phases wrote, in order of declaration.
    pub fn state(&self) -> Map<String, Value> {
        let mut state = Map::new();
        for phase in self.declared.phases.iter() {
            let Some(standing) = self.phases.get(&phase.name) else {
                continue;
            };
            if standing.state == PhaseState::Passed {
                for key in &standing.removed {
                    state.remove(key);
                }
                state.extend(standing.writes.clone());
            }
        }
        state
    }

    /// Takes over the state of the scenarios it needs, as far as they ended before.
    pub fn inherit(&mut self, progress: &Progress) {
        for need in &self.declared.terms.needs {
            if let Some(other) = progress.scenario(&ScenarioId(need.as_str().into())) {
                self.inherited.extend(other.state());
            }
        }
    }

    fn planned(declared: &Arc<Declared>) -> Self {
        Self {
            declared: declared.clone(),
            round: 1,
            try_number: 0,
            is_open: false,
            tried: None,
            outcome: None,
            flaky: false,
            assertions: 0,
            executed: Duration::ZERO,
            phases: BTreeMap::new(),
            inherited: Map::new(),
            signals: Map::new(),
            consumed: BTreeSet::new(),
        }
    }

    /// Time that nobody watched does not count.
    fn watched_until(&mut self, at: Timestamp) {
        for wait in self
            .phases
            .values_mut()
            .filter_map(|phase| phase.wait.as_mut())
        {
            if let Some(since) = wait.watching.take() {
                wait.watched += span(since, at);
            }
        }
    }

    fn watched_from(&mut self, at: Timestamp) {
        for wait in self
            .phases
            .values_mut()
            .filter_map(|phase| phase.wait.as_mut())
        {
            wait.watching = Some(at);
        }
    }
}

impl Progress {
    /// How far a whole stream came, with the time its process is known to have watched.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut progress = Self::default();
        for event in events {
            progress.apply(event);
        }
        progress.nobody_watches();
        progress
    }

    /// A scenario of the run.
    pub fn scenario(&self, id: &ScenarioId) -> Option<&Standing> {
        self.index.get(id).map(|at| &self.scenarios[*at])
    }

    /// The stream ends here: up to its last event a process is known to have watched.
    pub fn nobody_watches(&mut self) {
        if let Some(last) = self.last {
            for standing in &mut self.scenarios {
                standing.watched_until(last);
            }
        }
    }

    /// Folds one more event in.
    pub fn apply(&mut self, event: &Event) {
        let at = event.at;
        match &event.what {
            What::RunResumed(_) => self.nobody_watches(),
            What::ScenarioPlanned { declared } => {
                self.index.insert(declared.id.clone(), self.scenarios.len());
                self.scenarios.push(Standing::planned(declared));
            }
            What::ScenarioResumed { scenario } => {
                if let Some(standing) = self.find(scenario) {
                    standing.outcome = None;
                    standing.watched_from(at);
                }
            }
            What::TryStarted {
                scenario,
                round,
                try_number,
            } => {
                if let Some(standing) = self.find(scenario) {
                    standing.round = *round;
                    standing.try_number = *try_number;
                    standing.is_open = true;
                    standing.executed = Duration::ZERO;
                    standing.phases.clear();
                }
            }
            What::PhaseChanged {
                phase, to, cause, ..
            } => {
                if let Some(scenario) = self.find(&phase.scenario) {
                    // A try that was over goes on when it is resumed from one of its phases.
                    scenario.is_open = true;
                }
                if let Some(standing) = self.find_phase(phase) {
                    standing.change(*to, cause.as_ref(), at);
                    if matches!(cause, Some(Cause::Retry { .. }))
                        && let Some(scenario) = self.find(&phase.scenario)
                    {
                        scenario.flaky = true;
                    }
                }
            }
            What::AttemptStarted { attempt, .. } => {
                if let Some(standing) = self.find_attempt(attempt) {
                    standing.attempts = attempt.attempt;
                    standing.writes.clear();
                    standing.removed.clear();
                }
            }
            What::Recorded {
                attempt,
                record: Record::State { key, value },
            } => {
                if let Some(standing) = self.find_attempt(attempt) {
                    standing.write(key, value.as_ref());
                }
            }
            What::AttemptEnded {
                attempt,
                micros,
                assertions,
                writes,
                removed,
                ..
            } => {
                if let Some(standing) = self.find_attempt(attempt) {
                    standing.writes.clone_from(writes);
                    standing.removed.clone_from(removed);
                }
                if attempt.phase.phase != CLEAN_UP
                    && let Some(scenario) = self.find(&attempt.phase.scenario)
                {
                    scenario.executed += Duration::from_micros(*micros);
                    scenario.assertions += assertions;
                }
            }
            What::Observed { phase, seen, polls } => {
                if let Some(wait) = self.find_phase(phase).and_then(|found| found.wait.as_mut()) {
                    wait.seen.clone_from(seen);
                    wait.polls = *polls;
                }
            }
            What::StateMended { phase, key, value } => {
                if let Some(standing) = self.find_phase(phase) {
                    standing.write(key, value.as_ref());
                }
            }
            What::Signalled {
                scenario,
                name,
                data,
                signal,
            } => {
                if let Some(standing) = self.find(scenario) {
                    standing.signals.insert(name.clone(), data.clone());
                    standing.consumed.insert(*signal);
                }
            }
            What::TryEnded {
                scenario, outcome, ..
            } => {
                if let Some(standing) = self.find(scenario) {
                    standing.is_open = false;
                    standing.tried = Some(*outcome);
                    standing.flaky |= outcome.is_bad();
                }
            }
            What::ScenarioEnded {
                scenario, outcome, ..
            } => {
                if let Some(standing) = self.find(scenario) {
                    standing.outcome = Some(*outcome);
                    standing.watched_until(at);
                }
            }
            What::RunStarted(_)
            | What::ScenarioNotSelected { .. }
            | What::Recorded { .. }
            | What::PhaseFailed { .. }
            | What::Interrupted { .. }
            | What::Warned { .. }
            | What::Shared { .. }
            | What::RunEnded { .. } => {}
        }
        self.last = Some(at);
        self.seq = event.seq;
    }

    fn find(&mut self, id: &ScenarioId) -> Option<&mut Standing> {
        self.index.get(id).map(|at| &mut self.scenarios[*at])
    }

    fn find_phase(&mut self, key: &PhaseKey) -> Option<&mut PhaseStanding> {
        let standing = self.find(&key.scenario)?;
        let is_current = standing.round == key.round && standing.try_number == key.try_number;
        is_current.then(|| standing.phases.entry(key.phase.clone()).or_default())
    }

    fn find_attempt(&mut self, key: &AttemptKey) -> Option<&mut PhaseStanding> {
        if key.phase.phase == CLEAN_UP {
            return None;
        }
        self.find_phase(&key.phase)
    }
}

impl PhaseStanding {
    /// It is to be done again, whatever came of it.
    pub fn again(&mut self) {
        *self = Self {
            attempts: self.attempts,
            ..Self::default()
        };
    }

    fn change(&mut self, to: PhaseState, cause: Option<&Cause>, at: Timestamp) {
        self.state = to;
        self.cause = cause.cloned();
        self.wait = (to == PhaseState::Waiting).then(|| Waiting {
            since: at,
            watched: Duration::ZERO,
            watching: Some(at),
            polls: 0,
            seen: String::new(),
        });
    }

    fn write(&mut self, key: &str, value: Option<&Value>) {
        match value {
            Some(value) => {
                self.removed.retain(|removed| removed != key);
                self.writes.insert(key.to_owned(), value.clone());
            }
            None => {
                self.writes.remove(key);
                self.removed.push(key.to_owned());
            }
        }
    }
}

/// From one moment to another; nothing, if the clock was set back meanwhile.
fn span(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}
