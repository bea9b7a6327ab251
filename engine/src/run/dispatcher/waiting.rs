//! What time brings: polls of waiting phases, and tries that pause before they begin.

use super::scenario::Slot;
use super::wait::{Wait, Waited};
use super::{Command, Dispatcher};
use crate::model::{Cause, PhaseKey, PhaseState, What};
use crate::run::job::Answer;
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::{Failure, Kind};
use std::cmp::Reverse;
use std::time::{Duration, Instant};

impl Dispatcher {
    pub(super) fn wake(&mut self, now: Instant, out: &mut Vec<Command>) {
        while let Some(Reverse((at, slot))) = self.due.peek().copied()
            && at <= now
            && self.polling < POLLS
        {
            self.due.pop();
            if slot.phase == Slot::RETRY {
                if self.scenarios[slot.scenario].awaits_retry {
                    self.scenarios[slot.scenario].awaits_retry = false;
                    self.start_try(slot.scenario, now, out);
                }
                continue;
            }
            if slot.phase == Slot::LOCKS {
                self.ask_again(slot.scenario);
                continue;
            }
            if slot.phase == Slot::PATIENCE {
                self.lose_patience(slot.scenario, now, out);
                continue;
            }
            if self.answer_is_late(slot, now, out) {
                continue;
            }
            if let Some(job) =
                self.scenarios[slot.scenario].begin_poll(slot.phase, now, &self.rules)
            {
                self.polling += 1;
                out.push(Command::Poll(job));
            }
        }
    }

    pub(super) fn polled(
        &mut self,
        key: &PhaseKey,
        answer: Answer,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        self.polling = self.polling.saturating_sub(1);
        let Some((index, phase)) = self.find(key) else {
            return;
        };
        let scenario = &mut self.scenarios[index];
        if scenario.phases[phase].state != PhaseState::Waiting {
            return;
        }
        if scenario.declared.phases[phase].during.is_some() {
            return self.looked(index, phase, answer, now, out);
        }
        match answer {
            Answer::Ready => {
                scenario.phases[phase].wait = None;
                let slot = Slot {
                    scenario: index,
                    phase,
                };
                self.eligible.insert(slot);
            }
            Answer::NotYet { seen, exchange } => {
                let key = scenario.key(phase);
                let declared = &scenario.declared.phases[phase];
                let Some(wait) = scenario.phases[phase].wait.as_mut() else {
                    return;
                };
                match wait.not_yet(declared, key, seen, exchange, now, &self.rules) {
                    Waited::Again { at, observed } => {
                        out.extend(observed.map(|what| Command::Emit(*what)));
                        let at = on_grid(self.origin.unwrap_or(now), at);
                        self.due.push(Reverse((
                            at,
                            Slot {
                                scenario: index,
                                phase,
                            },
                        )));
                    }
                    Waited::TimedOut(failure) => self.fail_wait(index, phase, failure, now, out),
                }
            }
            Answer::Never(failure) => self.fail_wait(index, phase, failure, now, out),
            Answer::Skipped(reason) => self.skip_wait(index, phase, reason, now, out),
            Answer::Stopped => {}
        }
    }

    /// A poll of what has to hold during another phase.
    fn looked(
        &mut self,
        index: usize,
        phase: usize,
        answer: Answer,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let seen = match answer {
            Answer::Ready => None,
            Answer::NotYet { seen, .. } => Some(seen),
            Answer::Never(failure) if failure.kind != Kind::Failure => {
                return self.fail_wait(index, phase, failure, now, out);
            }
            Answer::Never(failure) => Some(failure.message.clone()),
            Answer::Skipped(reason) => return self.skip_wait(index, phase, reason, now, out),
            Answer::Stopped => Some("stopped".into()),
        };
        let scenario = &mut self.scenarios[index];
        let key = scenario.key(phase);
        if let Some(wait) = scenario.phases[phase].wait.as_mut() {
            let next = wait.next_look(&scenario.declared.phases[phase], now, &self.rules);
            let observed = wait.looked(key, seen, now);
            out.extend(observed.map(|what| Command::Emit(*what)));
            let slot = Slot {
                scenario: index,
                phase,
            };
            self.due.push(Reverse((next, slot)));
        }
        self.settle(index, now, out);
    }

    /// A scenario that has waited for as long as this run waits is parked.
    fn lose_patience(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let Some(limit) = self.rules.max_wait else {
            return;
        };
        let is_over =
            |wait: &Wait| now >= wait.session + limit || wait.first >= wait.session + limit;
        let scenario = &self.scenarios[index];
        let mut waits = scenario.declared.phases.iter().zip(&scenario.phases);
        let has_waited = waits
            .any(|(phase, run)| phase.during.is_none() && run.wait.as_deref().is_some_and(is_over));
        if has_waited {
            self.park(index, &format!("--max-wait {}", show(limit)), now, out);
        }
    }

    /// Whether this was a wait for a signal; if so its time may be over.
    fn answer_is_late(&mut self, slot: Slot, now: Instant, out: &mut Vec<Command>) -> bool {
        let scenario = &self.scenarios[slot.scenario];
        let phase = &scenario.declared.phases[slot.phase];
        if phase.signal.is_none() {
            return false;
        }
        let wait = scenario
            .phases
            .get(slot.phase)
            .and_then(|run| run.wait.as_deref());
        if let Some(wait) = wait.filter(|wait| now >= wait.end(phase, &self.rules)) {
            let failure = Box::new(wait.timed_out(phase, None, now, &self.rules));
            self.fail_wait(slot.scenario, slot.phase, failure, now, out);
        }
        true
    }

    pub(super) fn fail_wait(
        &mut self,
        index: usize,
        phase: usize,
        failure: Box<Failure>,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let scenario = &mut self.scenarios[index];
        let state = match failure.kind {
            Kind::Failure => PhaseState::Failed,
            Kind::Fault | Kind::Usage => PhaseState::Defective,
        };
        scenario.phases[phase].hopeless = failure.kind == Kind::Usage;
        out.push(Command::Emit(What::PhaseFailed {
            phase: scenario.key(phase),
            failure,
        }));
        let from = scenario.change(phase, state, None);
        out.push(Command::Emit(scenario.changed(phase, from)));
        self.settle(index, now, out);
    }

    /// A person left the phase out.
    fn skip_wait(
        &mut self,
        index: usize,
        phase: usize,
        reason: String,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let scenario = &mut self.scenarios[index];
        let cause = Some(Cause::Script { reason });
        let from = scenario.change(phase, PhaseState::Skipped, cause);
        out.push(Command::Emit(scenario.changed(phase, from)));
        self.settle(index, now, out);
    }
}

/// How many polls are made at once. Far more than there are threads for them, and few enough that a hundred thousand
/// that are due together take no memory together.
pub(super) const POLLS: usize = 1024;

/// Polls that are due at nearly the same time are made together: waking threads for each would cost more than the poll.
const GRID: Duration = Duration::from_millis(10);

/// `at`, or a little later: a whole number of [`GRID`] after `origin`.
fn on_grid(origin: Instant, at: Instant) -> Instant {
    let since = at.saturating_duration_since(origin).as_nanos();
    let steps = since.div_ceil(GRID.as_nanos());
    origin + GRID * u32::try_from(steps).unwrap_or(u32::MAX)
}
