//! Messages from outside: who waits for one, and who gets it. Each scenario consumes each signal once.

use super::scenario::{Running, Slot};
use super::{Command, Dispatcher, Signal};
use crate::model::{AttemptKey, Cause, PhaseState, What};
use std::cmp::Reverse;
use std::time::Instant;

impl Dispatcher {
    /// A signal arrived: whoever waits for it gets it now, others find it later.
    pub(super) fn signalled(&mut self, signal: Signal, out: &mut Vec<Command>) {
        if self
            .signals
            .iter()
            .any(|known| known.number == signal.number)
        {
            return;
        }
        let name = signal.name.clone();
        self.signals.push(signal);
        for index in 0..self.scenarios.len() {
            for phase in 0..self.scenarios[index].phases.len() {
                if self.scenarios[index].declared.phases[phase]
                    .signal
                    .as_deref()
                    == Some(&name)
                {
                    self.answer(index, phase, out);
                }
            }
        }
        for (key, name) in std::mem::take(&mut self.wanting) {
            self.wants(key, name, out);
        }
    }

    /// The Enter key: the first manual phase that waits is done.
    pub(super) fn entered(&mut self, out: &mut Vec<Command>) {
        let waits = |(index, scenario): (usize, &Running)| {
            if !scenario.active || scenario.asking {
                return None;
            }
            let phases = scenario.declared.phases.iter().zip(&scenario.phases);
            let phase = phases
                .into_iter()
                .position(|(phase, run)| !phase.instruction.is_empty() && run.wait.is_some())?;
            Some((index, phase))
        };
        let Some((index, phase)) = self.scenarios.iter().enumerate().find_map(waits) else {
            return;
        };
        let scenario = &mut self.scenarios[index];
        let name = scenario.declared.phases[phase]
            .signal
            .clone()
            .unwrap_or_default();
        out.push(Command::Emit(What::Signalled {
            scenario: scenario.declared.id.clone(),
            name: name.clone(),
            data: serde_json::Value::Null,
            // It never was in the store, so that no number there can be this one's.
            signal: 0,
        }));
        self.begin_answered(index, phase, name);
    }

    fn begin_answered(&mut self, index: usize, phase: usize, name: String) {
        let run = &mut self.scenarios[index].phases[phase];
        run.wait = None;
        run.cause = Some(Box::new(Cause::Signal { name }));
        self.eligible.insert(Slot {
            scenario: index,
            phase,
        });
    }

    /// An attempt waits for a signal: it gets one that is there, or the next.
    pub(super) fn wants(&mut self, key: AttemptKey, name: String, out: &mut Vec<Command>) {
        let Some((index, phase)) = self.find(&key.phase) else {
            return;
        };
        let run = &self.scenarios[index].phases[phase];
        if run.state != PhaseState::Executing || run.attempts != key.attempt {
            return;
        }
        match self.consume(index, &name, out) {
            Some(data) => out.push(Command::Deliver { key, name, data }),
            // Who asks again has given up asking before: one answer is enough.
            None if self.wanting.contains(&(key.clone(), name.clone())) => {}
            None => self.wanting.push((key, name)),
        }
    }

    /// A phase has begun to wait in this process.
    pub(super) fn waits(
        &mut self,
        index: usize,
        phase: usize,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        if self.scenarios[index].declared.phases[phase]
            .signal
            .is_some()
        {
            self.answer(index, phase, out);
        }
        let Some(limit) = self.rules.max_wait else {
            return;
        };
        let Some(wait) = self.scenarios[index].phases[phase].wait.as_ref() else {
            return;
        };
        // What is not even looked at before this run gives up waiting need not be waited for at all.
        let at = match wait.session + limit {
            end if wait.first >= end => now,
            end => end,
        };
        let slot = Slot {
            scenario: index,
            phase: Slot::PATIENCE,
        };
        self.due.push(Reverse((at, slot)));
    }

    /// Lets a waiting phase go on if its signal is there.
    fn answer(&mut self, index: usize, phase: usize, out: &mut Vec<Command>) {
        let scenario = &self.scenarios[index];
        let run = scenario.phases.get(phase);
        let waits = run.is_some_and(|run| run.state == PhaseState::Waiting && run.wait.is_some());
        let (true, Some(name)) = (
            waits && scenario.active && !scenario.asking,
            scenario.declared.phases[phase].signal.clone(),
        ) else {
            return;
        };
        if self.consume(index, &name, out).is_some() {
            self.begin_answered(index, phase, name);
        }
    }

    /// The oldest signal of this name that the scenario has not consumed yet.
    fn consume(
        &mut self,
        index: usize,
        name: &str,
        out: &mut Vec<Command>,
    ) -> Option<serde_json::Value> {
        let scenario = &mut self.scenarios[index];
        let id = &scenario.declared.id;
        let received = scenario.received.get_or_insert_default();
        let is_for_it = |signal: &&Signal| {
            signal.name == name
                && !received.consumed.contains(&signal.number)
                && signal
                    .scenario
                    .as_deref()
                    .is_none_or(|only| only == id.0 || only == id.name())
        };
        let signal = self.signals.iter().find(is_for_it)?;
        received.consumed.insert(signal.number);
        let brought = (name.to_owned(), signal.data.clone());
        received.signals.push(brought);
        out.push(Command::Emit(What::Signalled {
            scenario: id.clone(),
            name: name.to_owned(),
            data: signal.data.clone(),
            signal: signal.number,
        }));
        Some(signal.data.clone())
    }
}
