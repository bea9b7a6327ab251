//! Letting go of scenarios that wait, for a later process to go on with.

use super::graph::{ancestors, is_doomed};
use super::scenario::{Running, Slot};
use super::{Command, Dispatcher, Rules};
use crate::model::{Cause, Outcome, PhaseKey, PhaseState};
use std::time::Instant;

/// Which phases may begin: all, unless the run stops behind one of them or the scenario is about to be parked.
pub fn gate(scenario: &Running, rules: &Rules) -> Vec<bool> {
    let phases = &scenario.declared.phases;
    let is_open = |phase: usize| phases[phase].always || is_within(scenario, phase, rules);
    if scenario.parking.is_some() {
        return phases.iter().map(|phase| phase.always).collect();
    }
    (0..phases.len()).map(is_open).collect()
}

/// Whether the run goes as far as this phase.
fn is_within(scenario: &Running, phase: usize, rules: &Rules) -> bool {
    let Some(until) = &rules.until else {
        return true;
    };
    let phases = &scenario.declared.phases;
    let Some(last) = phases.iter().position(|phase| phase.name == *until) else {
        return true;
    };
    let needed = ancestors(&scenario.declared, last);
    let watches = phases[phase]
        .during
        .as_ref()
        .and_then(|other| phases.iter().position(|phase| phase.name == *other));
    phase == last || needed[phase] || watches.is_some_and(|other| other == last || needed[other])
}

impl Dispatcher {
    /// Parks a scenario as soon as nothing of it executes.
    pub(super) fn park(
        &mut self,
        index: usize,
        reason: &str,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let scenario = &mut self.scenarios[index];
        if scenario.active && !scenario.cleaning {
            scenario.parking.get_or_insert_with(|| reason.to_owned());
            self.settle(index, now, out);
        }
    }

    /// Whether a scenario has come to where it is to be parked. One that is bad already is brought to its end instead.
    pub(super) fn park_if_at_rest(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let scenario = &self.scenarios[index];
        if !scenario.active || scenario.cleaning || scenario.asking {
            return;
        }
        let Some(reason) = self.stops_here(index) else {
            return;
        };
        let open = self.open_phases(index);
        let scenario = &mut self.scenarios[index];
        let is_doomed = is_doomed(scenario);
        if open.is_empty() && (is_doomed || self.rules.unparkable.is_some()) {
            // Only what must always run is left, and it is on its way.
            scenario.parking = None;
        } else if is_doomed {
            scenario.parking = None;
            let cause = Cause::Condition {
                reason: format!("not waited for any more: {reason}, and another phase had failed"),
            };
            self.end_open_phases(index, PhaseState::Skipped, &cause, out);
            self.settle(index, now, out);
        } else if let Some(why) = self.rules.unparkable.clone() {
            self.end_instead(index, &why, now, out);
        } else {
            scenario.parking.get_or_insert(reason);
            scenario.asking = true;
            let key = scenario.clean_up().phase;
            out.push(Command::MayPark(key));
        }
    }

    /// Why a scenario stops here, if nothing of it moves any more.
    fn stops_here(&self, index: usize) -> Option<String> {
        let scenario = &self.scenarios[index];
        let mut eligible = self.eligible.iter();
        let moves = scenario
            .phases
            .iter()
            .any(|run| run.state == PhaseState::Executing)
            || eligible.any(|slot| slot.scenario == index);
        if moves {
            return None;
        }
        if let Some(reason) = &scenario.parking {
            return Some(reason.clone());
        }
        let until = self.rules.until.as_ref()?;
        let goes_on = (0..scenario.phases.len()).any(|phase| {
            !scenario.phases[phase].state.is_terminal()
                && !scenario.declared.phases[phase].always
                && is_within(scenario, phase, &self.rules)
        });
        (!goes_on).then(|| format!("as far as --phase {until}"))
    }

    pub(super) fn may_park(
        &mut self,
        key: &PhaseKey,
        held: &[String],
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let Some(index) = self.find_try(key).filter(|at| self.scenarios[*at].asking) else {
            return;
        };
        self.scenarios[index].asking = false;
        if held.is_empty() {
            self.let_go(index, now, out);
        } else {
            let hint = match held.iter().any(|one| one.starts_with("service")) {
                true => "; `keep: true` keeps a service",
                false => "",
            };
            let held = held.join(", ");
            let why = format!("not parked, because {held} would have ended with this run{hint}");
            self.end_instead(index, &why, now, out);
        }
    }

    fn let_go(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        scenario.active = false;
        let waits: Vec<&str> = scenario
            .declared
            .phases
            .iter()
            .zip(&scenario.phases)
            .filter(|(phase, run)| run.state == PhaseState::Waiting && phase.during.is_none())
            .map(|(phase, _)| phase.name.as_str())
            .collect();
        let why = scenario.parking.clone().unwrap_or_default();
        let reason = match waits.as_slice() {
            [] => why,
            waits => format!("\"{}\" waits ({why})", waits.join("\", \"")),
        };
        scenario.wall = now.duration_since(scenario.begun.unwrap_or(now));
        out.push(Command::LetGo(scenario.clean_up().phase));
        self.end_scenario(index, Outcome::Parked, reason, out);
    }

    /// What cannot be parked is interrupted.
    fn end_instead(&mut self, index: usize, why: &str, now: Instant, out: &mut Vec<Command>) {
        self.scenarios[index].parking = None;
        let cause = Cause::Interrupted {
            reason: why.to_owned(),
        };
        self.end_open_phases(index, PhaseState::Aborted, &cause, out);
        self.settle(index, now, out);
    }

    /// Ends every phase that neither executes nor has to run always.
    pub(super) fn end_open_phases(
        &mut self,
        index: usize,
        to: PhaseState,
        cause: &Cause,
        out: &mut Vec<Command>,
    ) {
        for phase in self.open_phases(index) {
            self.eligible.remove(&Slot {
                scenario: index,
                phase,
            });
            let scenario = &mut self.scenarios[index];
            let from = scenario.change(phase, to, Some(cause.clone()));
            out.push(Command::Emit(scenario.changed(phase, from)));
        }
    }

    /// The phases that neither execute nor are over, but for those that must always run.
    fn open_phases(&self, index: usize) -> Vec<usize> {
        let scenario = &self.scenarios[index];
        let is_open = |phase: &usize| {
            let state = scenario.phases[*phase].state;
            matches!(state, PhaseState::Pending | PhaseState::Waiting)
                && !scenario.declared.phases[*phase].always
        };
        (0..scenario.phases.len()).filter(is_open).collect()
    }

    /// Whether an interrupt parks this scenario instead of ending it: something of it is done or waited for, and nothing
    /// of it executes.
    pub(super) fn can_park(&self, index: usize) -> bool {
        let scenario = &self.scenarios[index];
        let mut states = scenario.phases.iter().map(|run| run.state);
        self.rules.unparkable.is_none()
            && !is_doomed(scenario)
            && states.clone().all(|state| state != PhaseState::Executing)
            && states.any(|state| state == PhaseState::Waiting || state.is_terminal())
    }
}
