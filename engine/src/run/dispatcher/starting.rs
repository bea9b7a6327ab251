//! Giving free slots away: first to phases of started scenarios, then to new ones.

use super::locking::Locking;
use super::needs::Others;
use super::scenario::Slot;
use super::{Command, Dispatcher, Verdict, graph};
use crate::model::{Outcome, PhaseState, What};
use std::collections::VecDeque;
use std::time::Instant;

impl Dispatcher {
    /// Gives free slots away: first to phases of started scenarios, then to new ones.
    pub(super) fn fill(&mut self, now: Instant, out: &mut Vec<Command>) {
        let mut blocked: Vec<Slot> = Vec::new();
        while let Some(slot) = self.eligible.pop_first() {
            if !self.execute(slot, now, out) {
                blocked.push(slot);
            }
            if self.free == 0 {
                break;
            }
        }
        self.eligible.extend(blocked);
        let mut passed_over = VecDeque::new();
        while self.free > 0
            && self.stopping().is_none()
            && let Some(index) = self.queue.pop_front()
        {
            let runs = self.scenarios[index].verdict == Verdict::Run;
            if self.admits(index) && (!runs || self.holds_locks(index, out)) {
                self.start_scenario(index, now, out);
            } else {
                passed_over.push_back(index);
                if self.scenarios[index].locking == Locking::Asking {
                    // The answer comes at once: nobody else takes its place meanwhile.
                    break;
                }
            }
        }
        while let Some(index) = passed_over.pop_back() {
            self.queue.push_front(index);
        }
        self.give_up_the_rest(out);
    }

    /// Ends what will not be started any more; after the one it is given up for, so that the cause comes first.
    fn give_up_the_rest(&mut self, out: &mut Vec<Command>) {
        if self.stopping().is_none() || self.scenarios.iter().any(|scenario| scenario.cleaning) {
            return;
        }
        while let Some(index) = self.queue.pop_front() {
            self.end_unstarted(index, out);
        }
    }

    /// Why no further scenario is started, if so.
    pub(super) fn stopping(&self) -> Option<String> {
        if let Some(reason) = &self.interrupted {
            return Some(reason.clone());
        }
        let most = self.rules.max_fail?;
        (self.bad >= most).then(|| {
            let plural = if most == 1 { "" } else { "s" };
            format!("stopped after {most} failure{plural}")
        })
    }

    pub(super) fn admits(&self, index: usize) -> bool {
        let scenario = &self.scenarios[index];
        if scenario.verdict != Verdict::Run {
            return true;
        }
        match self.others(index) {
            Others::Open => return false,
            Others::Ended { .. } => return true,
            Others::Passed => {}
        }
        let mut locks = scenario.declared.terms.locks.iter();
        self.needed_slots(index) <= self.free
            && (scenario.locking != Locking::Free || locks.all(|lock| !self.locks.contains(lock)))
    }

    /// More slots than there are would never be free: a heavy scenario then runs alone.
    pub(super) fn needed_slots(&self, index: usize) -> usize {
        (self.scenarios[index].declared.terms.slots as usize).clamp(1, self.rules.jobs.max(1))
    }

    pub(super) fn start_scenario(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        match self.scenarios[index].verdict.clone() {
            Verdict::Skip(reason) => self.end_scenario(index, Outcome::Skipped, reason, out),
            Verdict::Error(reason) => self.end_scenario(index, Outcome::Errored, reason, out),
            Verdict::Run => {
                if let Others::Ended { reason, outcome } = self.others(index) {
                    return self.end_for_want(index, reason, outcome, out);
                }
                self.scenarios[index].begun = Some(now);
                self.inherit(index);
                match self.scenarios[index].standing.take() {
                    Some(standing) => self.resume(index, &standing, now, out),
                    None => self.start_try(index, now, out),
                }
            }
        }
    }

    pub(super) fn start_try(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        scenario.begin_try(now);
        out.push(Command::Emit(What::TryStarted {
            scenario: scenario.declared.id.clone(),
            round: scenario.round,
            try_number: scenario.try_number,
        }));
        self.settle(index, now, out);
        // A try whose first phases fit the free slots starts right away, before another scenario takes them.
        let mine: Vec<Slot> = self
            .eligible
            .iter()
            .filter(|slot| slot.scenario == index)
            .copied()
            .collect();
        for slot in mine {
            if self.free > 0 && self.execute(slot, now, out) {
                self.eligible.remove(&slot);
            }
        }
    }

    pub(super) fn execute(&mut self, slot: Slot, now: Instant, out: &mut Vec<Command>) -> bool {
        let scenario = &self.scenarios[slot.scenario];
        let is_open = scenario.active
            && matches!(
                scenario.phases[slot.phase].state,
                PhaseState::Pending | PhaseState::Waiting
            );
        if !is_open {
            // It was given up since it became eligible.
            return true;
        }
        let slots = self.needed_slots(slot.scenario);
        let always = scenario.declared.phases[slot.phase].always;
        let goes_anyway =
            (always && self.interrupted.is_some()) || graph::runs_beside(scenario, slot.phase);
        if self.free < slots && !goes_anyway {
            return false;
        }
        let scenario = &mut self.scenarios[slot.scenario];
        let taken = slots.min(self.free);
        self.free -= taken;
        let job = scenario.begin_attempt(slot.phase, taken, now, &self.rules);
        let from = scenario.change(slot.phase, PhaseState::Executing, None);
        out.push(Command::Emit(scenario.changed(slot.phase, from)));
        out.push(Command::Emit(What::AttemptStarted {
            attempt: job.key.clone(),
            seed: job.seed,
        }));
        out.push(Command::Execute(job));
        self.settle(slot.scenario, now, out);
        true
    }
}
