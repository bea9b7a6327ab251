//! What time brings: polls of waiting phases, and tries that pause before they begin.

use super::scenario::{self, Slot};
use super::{Command, Dispatcher};
use crate::model::{PhaseKey, PhaseState, What};
use crate::run::job::Answer;
use scenario_stdlib::host::failure::{Failure, Kind};
use std::cmp::Reverse;
use std::time::{Duration, Instant};

impl Dispatcher {
    pub(super) fn wake(&mut self, now: Instant, out: &mut Vec<Command>) {
        while let Some(Reverse((at, slot))) = self.due.peek().copied()
            && at <= now
        {
            self.due.pop();
            if slot.phase == Slot::RETRY {
                if self.scenarios[slot.scenario].awaits_retry {
                    self.scenarios[slot.scenario].awaits_retry = false;
                    self.start_try(slot.scenario, now, out);
                }
                continue;
            }
            if let Some(job) =
                self.scenarios[slot.scenario].begin_poll(slot.phase, now, &self.rules)
            {
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
        let Some((index, phase)) = self.find(key) else {
            return;
        };
        let scenario = &mut self.scenarios[index];
        if scenario.phases[phase].state != PhaseState::Waiting {
            return;
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
                match scenario.not_yet(phase, seen, exchange, now, &self.rules) {
                    scenario::Waited::Again { at, observed } => {
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
                    scenario::Waited::TimedOut(failure) => {
                        self.fail_wait(index, phase, failure, now, out)
                    }
                }
            }
            Answer::Never(failure) => self.fail_wait(index, phase, failure, now, out),
            Answer::Stopped => {}
        }
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
}

/// Polls that are due at nearly the same time are made together: waking threads for each would cost more than the poll.
const GRID: Duration = Duration::from_millis(10);

/// `at`, or a little later: a whole number of [`GRID`] after `origin`.
fn on_grid(origin: Instant, at: Instant) -> Instant {
    let since = at.saturating_duration_since(origin).as_nanos();
    let steps = since.div_ceil(GRID.as_nanos());
    origin + GRID * u32::try_from(steps).unwrap_or(u32::MAX)
}
