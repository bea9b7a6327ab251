//! Going on with what another process parked, or was killed in.

use super::scenario::{PhaseRun, Received, Running, Slot};
use super::wait::Wait;
use super::{Command, Dispatcher, Former};
use crate::model::progress::Standing;
use crate::model::{Cause, Outcome, PhaseState, What};
use std::cmp::Reverse;
use std::time::Instant;

/// Why a scenario that was given up did not pass.
pub const ABANDONED: &str = "abandoned";

impl Dispatcher {
    /// Goes on where another process stopped; a scenario that it had not begun is begun.
    pub(super) fn resume(
        &mut self,
        index: usize,
        standing: &Standing,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let scenario = &mut self.scenarios[index];
        scenario.take_up(standing);
        out.push(Command::Emit(What::ScenarioResumed {
            scenario: scenario.declared.id.clone(),
        }));
        match standing.tried {
            _ if self.rules.former == Former::Restarted && !standing.is_open => {
                self.begin_anew(index, now, out);
            }
            _ if self.rules.former == Former::Abandoned && !standing.is_open => {
                self.end_scenario(index, Outcome::Interrupted, ABANDONED.into(), out);
            }
            _ if standing.is_open => self.reopen(index, standing, now, out),
            Some(outcome) if self.tries_again(index, outcome) => self.start_try(index, now, out),
            Some(outcome) if self.rounds_left(index, outcome) => self.start_round(index, now, out),
            Some(outcome) => self.end_scenario(index, outcome, String::new(), out),
            None => self.start_try(index, now, out),
        }
    }

    fn reopen(&mut self, index: usize, standing: &Standing, now: Instant, out: &mut Vec<Command>) {
        self.scenarios[index].active = true;
        self.scenarios[index].try_begun = Some(now);
        for phase in 0..self.scenarios[index].phases.len() {
            match self.scenarios[index].phases[phase].state {
                PhaseState::Executing => {
                    let scenario = &mut self.scenarios[index];
                    scenario.phases[phase].spared += 1;
                    let from = scenario.change(phase, PhaseState::Pending, Some(Cause::Killed));
                    out.push(Command::Emit(scenario.changed(phase, from)));
                }
                PhaseState::Waiting => self.wait_again(index, phase, standing, now, out),
                _ => {}
            }
        }
        if self.rules.former != Former::Continued {
            let cause = Cause::Interrupted {
                reason: ABANDONED.into(),
            };
            self.end_open_phases(index, PhaseState::Aborted, &cause, out);
        }
        self.settle(index, now, out);
    }

    /// Begins a scenario again, as if nothing of it had been done.
    pub(super) fn begin_anew(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        scenario.is_begun_anew = true;
        scenario.round = 1;
        scenario.flaky = false;
        scenario.assertions = 0;
        self.start_try(index, now, out);
    }

    fn wait_again(
        &mut self,
        index: usize,
        phase: usize,
        standing: &Standing,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let scenario = &mut self.scenarios[index];
        let declared = &scenario.declared.phases[phase];
        let former = standing.phases.get(&declared.name);
        let wait = match former.and_then(|former| former.wait.as_ref()) {
            Some(former) => Wait::resume(declared, former, now, self.rules.clock, &self.rules),
            None => Wait::begin(declared, now, &self.rules),
        };
        let first = match declared.signal {
            Some(_) => wait.end(declared, &self.rules),
            None => wait.first,
        };
        scenario.phases[phase].wait = Some(Box::new(wait));
        self.due.push(Reverse((
            first,
            Slot {
                scenario: index,
                phase,
            },
        )));
        self.waits(index, phase, now, out);
    }
}

impl Running {
    /// Takes over what another process knew.
    fn take_up(&mut self, standing: &Standing) {
        self.round = standing.round;
        self.try_number = standing.try_number;
        self.flaky = standing.flaky;
        self.assertions = standing.assertions;
        self.executed = standing.executed;
        let received = self.received.insert(Box::new(Received {
            inherited: standing.inherited.clone().into_iter().collect(),
            signals: standing.signals.clone().into_iter().collect(),
            consumed: standing.consumed.clone(),
        }));
        for (name, former) in &standing.phases {
            // A phase that was edited away has still done what it did.
            if former.state == PhaseState::Passed && self.declared.phase(name).is_none() {
                received.inherited.extend(former.writes.clone());
            }
        }
        let phases = self.declared.phases.iter();
        self.phases = phases
            .map(|phase| match standing.phases.get(&phase.name) {
                Some(former) => {
                    let mut run = PhaseRun {
                        state: former.state,
                        cause: former.cause.clone().map(Box::new),
                        attempts: former.attempts,
                        ..PhaseRun::default()
                    };
                    run.wrote(former.writes.clone(), former.removed.clone());
                    run
                }
                None => PhaseRun::default(),
            })
            .collect();
    }
}

impl Dispatcher {
    /// Whether another round follows a try that ended with `outcome`.
    pub(super) fn rounds_left(&self, index: usize, outcome: Outcome) -> bool {
        let scenario = &self.scenarios[index];
        let rounds = match scenario.declared.terms.rounds {
            0 | 1 => self.rules.rounds,
            own => own,
        };
        outcome == Outcome::Passed && scenario.round < rounds && self.interrupted.is_none()
    }

    /// Begins the next round: with an empty state, and all tries before it.
    pub(super) fn start_round(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        scenario.round += 1;
        scenario.try_number = 0;
        self.start_try(index, now, out);
    }
}
