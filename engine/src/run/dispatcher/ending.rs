//! How attempts, tries, scenarios and the whole run end.

use super::resuming::ABANDONED;
use super::scenario::Slot;
use super::{Command, Dispatcher, Former, graph, outcome};
use crate::model::{AttemptKey, Cause, Outcome, PhaseKey, PhaseState, What};
use crate::run::job::Report;
use std::cmp::Reverse;
use std::time::Instant;

impl Dispatcher {
    pub(super) fn ended(
        &mut self,
        key: &AttemptKey,
        report: Report,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let Some((index, phase)) = self.find(&key.phase) else {
            return;
        };
        let scenario = &mut self.scenarios[index];
        if scenario.phases[phase].state != PhaseState::Executing
            || scenario.phases[phase].attempts != key.attempt
        {
            return;
        }
        self.free += std::mem::take(&mut scenario.phases[phase].slots);
        scenario.executed += report.took;
        scenario.assertions += report.assertions;
        self.wanting.retain(|(other, _)| other != key);
        out.push(Command::Emit(What::AttemptEnded {
            attempt: key.clone(),
            state: report.state,
            micros: report.took.as_micros() as u64,
            assertions: report.assertions,
            writes: report.writes.clone(),
            removed: report.removed.clone(),
        }));
        // Whatever took it away, others had to do with it: that uses up no retry, the first time.
        if report.lost && !std::mem::replace(&mut scenario.phases[phase].lost, true) {
            scenario.phases[phase].spared += 1;
        }
        let may_retry = matches!(report.state, PhaseState::Failed | PhaseState::Defective)
            && !report.hopeless
            && self.interrupted.is_none()
            && key.attempt - scenario.phases[phase].spared
                <= scenario.declared.phases[phase].retries;
        let by_hand = report.again && self.interrupted.is_none();
        if may_retry || by_hand {
            scenario.flaky |= !by_hand;
            let cause = Cause::Retry {
                attempt: key.attempt + 1,
            };
            let from = scenario.change(phase, PhaseState::Pending, Some(cause));
            out.push(Command::Emit(scenario.changed(phase, from)));
        } else {
            let clash = match report.state {
                PhaseState::Passed => graph::clash(scenario, phase, &report.writes),
                _ => None,
            };
            scenario.phases[phase].wrote(report.writes, report.removed);
            scenario.phases[phase].hopeless = report.hopeless || clash.is_some();
            let mut state = report.state;
            if let Some(failure) = clash {
                state = PhaseState::Defective;
                out.push(Command::Emit(What::PhaseFailed {
                    phase: key.phase.clone(),
                    failure: Box::new(failure),
                }));
            }
            let from = scenario.change(phase, state, report.cause);
            out.push(Command::Emit(scenario.changed(phase, from)));
        }
        self.settle(index, now, out);
    }

    /// Moves every phase of a scenario as far as it can go without a slot; ends the try when all are terminal.
    pub(super) fn settle(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let aborting = self.interrupted.clone();
        for step in graph::settle(
            &mut self.scenarios[index],
            aborting.as_deref(),
            now,
            &self.rules,
        ) {
            match step {
                graph::Step::Changed(what) => out.push(Command::Emit(what)),
                graph::Step::Eligible(phase) => {
                    let slot = Slot {
                        scenario: index,
                        phase,
                    };
                    // One that needs another to be executing cannot wait for the slot of that one.
                    let goes_now = graph::runs_beside(&self.scenarios[index], phase);
                    if !goes_now || !self.execute(slot, now, out) {
                        self.eligible.insert(slot);
                    }
                }
                graph::Step::PollAt(at, phase) => self.due.push(Reverse((
                    at,
                    Slot {
                        scenario: index,
                        phase,
                    },
                ))),
                graph::Step::Cancel(key, reason) => out.push(Command::Cancel { key, reason }),
                graph::Step::Waits(phase) => self.waits(index, phase, now, out),
            }
        }
        let scenario = &mut self.scenarios[index];
        let is_over = scenario
            .phases
            .iter()
            .all(|phase| phase.state.is_terminal());
        if scenario.active && !scenario.cleaning && is_over {
            scenario.cleaning = true;
            out.push(Command::CleanUp(scenario.clean_up()));
            // Known to be bad from here on, so that nothing more is started while it is being cleaned up.
            let outcome = outcome::of_try(&scenario.declared, &scenario.phases, PhaseState::Passed);
            if !self.tries_again(index, outcome) {
                self.count_if_bad(index, outcome);
            }
        } else if !is_over {
            self.park_if_at_rest(index, now, out);
        }
    }

    /// Whether another try follows one that ended with `outcome`.
    pub(super) fn tries_again(&self, index: usize, outcome: Outcome) -> bool {
        let scenario = &self.scenarios[index];
        let retries = scenario
            .declared
            .terms
            .retries
            .unwrap_or(self.rules.retries);
        matches!(outcome, Outcome::Failed | Outcome::Errored)
            && !scenario.phases.iter().any(|phase| phase.hopeless)
            && scenario.try_number <= retries
            && self.interrupted.is_none()
    }

    /// Counts a scenario among the bad ones, once.
    fn count_if_bad(&mut self, index: usize, outcome: Outcome) {
        let scenario = &mut self.scenarios[index];
        let gates = outcome.is_bad() && outcome != Outcome::Interrupted && !scenario.quarantined;
        if gates && !scenario.counted {
            scenario.counted = true;
            self.bad += 1;
        }
    }

    /// What outlived the phases has ended, or would not.
    pub(super) fn closed(
        &mut self,
        key: &PhaseKey,
        report: &Report,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        if let Some(index) = self.find_try(key).filter(|at| self.scenarios[*at].cleaning) {
            self.end_try(index, report.state, now, out);
        }
    }

    fn end_try(&mut self, index: usize, cleaned: PhaseState, now: Instant, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        scenario.active = false;
        scenario.cleaning = false;
        let outcome = outcome::of_try(&scenario.declared, &scenario.phases, cleaned);
        out.push(Command::Emit(What::TryEnded {
            scenario: scenario.declared.id.clone(),
            round: scenario.round,
            try_number: scenario.try_number,
            outcome,
            micros: now
                .duration_since(scenario.try_begun.unwrap_or(now))
                .as_micros() as u64,
        }));
        if self.rules.former == Former::Restarted && !self.scenarios[index].is_begun_anew {
            return self.begin_anew(index, now, out);
        }
        if self.tries_again(index, outcome) {
            let scenario = &mut self.scenarios[index];
            let pause = scenario
                .declared
                .terms
                .retry_pause
                .mul_f64(f64::from(1_u32 << (scenario.try_number - 1).min(10)));
            scenario.flaky = true;
            scenario.awaits_retry = true;
            self.due.push(Reverse((
                now + pause,
                Slot {
                    scenario: index,
                    phase: Slot::RETRY,
                },
            )));
            return;
        }
        let scenario = &mut self.scenarios[index];
        scenario.wall = now.duration_since(scenario.begun.unwrap_or(now));
        if self.rounds_left(index, outcome) {
            return self.start_round(index, now, out);
        }
        let scenario = &self.scenarios[index];
        let (outcome, reason) = match (&scenario.expired, outcome) {
            (Some(reason), Outcome::Passed | Outcome::Skipped) => (Outcome::Failed, reason.clone()),
            (Some(reason), other) => (other, reason.clone()),
            (None, Outcome::Skipped) => (outcome, outcome::skip_reason(&scenario.phases)),
            (None, Outcome::Interrupted) if self.rules.former == Former::Abandoned => {
                (outcome, ABANDONED.into())
            }
            (None, _) => (
                outcome,
                self.interrupted
                    .clone()
                    .filter(|_| outcome == Outcome::Interrupted)
                    .unwrap_or_default(),
            ),
        };
        self.end_scenario(index, outcome, reason, out);
    }

    pub(super) fn end_scenario(
        &mut self,
        index: usize,
        outcome: Outcome,
        reason: String,
        out: &mut Vec<Command>,
    ) {
        self.count_if_bad(index, outcome);
        self.release_locks(index, out);
        let scenario = &mut self.scenarios[index];
        let quarantined = scenario.quarantined && outcome.is_bad();
        self.open -= 1;
        scenario.over = true;
        scenario.outcome = Some(outcome);
        if !self.keeps_results {
            scenario.phases = Vec::new();
        }
        let file = scenario.declared.id.file();
        if let Some(open) = self.open_in.get_mut(file) {
            *open -= 1;
            if *open == 0 {
                out.push(Command::CloseFile(file.to_owned()));
            }
        }
        out.push(Command::Emit(What::ScenarioEnded {
            scenario: scenario.declared.id.clone(),
            outcome,
            flaky: outcome == Outcome::Passed && scenario.flaky,
            quarantined,
            reason,
            micros: scenario.wall.as_micros() as u64,
            assertions: scenario.assertions,
        }));
    }

    pub(super) fn end_unstarted(&mut self, index: usize, out: &mut Vec<Command>) {
        let reason = self.stopping().unwrap_or_default();
        let outcome = if self.interrupted.is_some() {
            Outcome::Interrupted
        } else {
            Outcome::Skipped
        };
        self.end_scenario(index, outcome, format!("not started: {reason}"), out);
    }

    pub(super) fn interrupt(
        &mut self,
        reason: &str,
        at_once: bool,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        out.push(Command::Emit(What::Interrupted {
            reason: reason.to_owned(),
            now: at_once,
        }));
        self.interrupted.get_or_insert_with(|| reason.to_owned());
        for index in 0..self.scenarios.len() {
            if self.scenarios[index].awaits_retry {
                self.scenarios[index].awaits_retry = false;
                self.end_scenario(index, Outcome::Interrupted, reason.to_owned(), out);
                continue;
            }
            if !self.scenarios[index].active || self.scenarios[index].cleaning {
                continue;
            }
            if self.can_park(index) {
                self.eligible.retain(|slot| slot.scenario != index);
                self.park(index, reason, now, out);
                continue;
            }
            for phase in 0..self.scenarios[index].phases.len() {
                let scenario = &mut self.scenarios[index];
                let always = scenario.declared.phases[phase].always;
                match scenario.phases[phase].state {
                    PhaseState::Executing if at_once || !always => out.push(Command::Cancel {
                        key: scenario.key(phase).attempt(scenario.phases[phase].attempts),
                        reason: reason.to_owned(),
                    }),
                    PhaseState::Pending | PhaseState::Waiting if at_once || !always => {
                        let cause = Cause::Interrupted {
                            reason: reason.to_owned(),
                        };
                        self.eligible.remove(&Slot {
                            scenario: index,
                            phase,
                        });
                        let from = scenario.change(phase, PhaseState::Aborted, Some(cause));
                        out.push(Command::Emit(scenario.changed(phase, from)));
                    }
                    _ => {}
                }
            }
            self.settle(index, now, out);
        }
    }
}
