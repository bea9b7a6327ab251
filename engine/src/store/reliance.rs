//! How soon an event has to be in the store, and how firmly: whether something later relies on it, and whether somebody
//! waits for it. Only the first costs a sync. Pure.

use crate::model::{Event, Outcome, ScenarioId, What};
use std::collections::HashSet;

/// How much hangs on an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It can wait a moment for company.
    #[default]
    Light,
    /// Nothing comes before it is committed.
    Awaited,
    /// Something that comes later relies on it: it has to be on the disk.
    ReliedOn,
}

/// What is known of the scenarios of a run, as far as it matters here.
#[derive(Debug, Default)]
pub(super) struct Reliance {
    /// Scenarios of one phase: nothing within them begins after its result.
    single: HashSet<ScenarioId>,
    /// Names of scenarios others wait for.
    needed: HashSet<String>,
    /// How many scenarios have not ended.
    open: u64,
}

impl Reliance {
    /// How much hangs on `event`. Scenarios this has not seen planned, those of a resumed run, are taken to have more phases.
    pub fn on(&mut self, event: &Event) -> Weight {
        match &event.what {
            What::ScenarioPlanned { declared } => {
                if declared.phases.len() <= 1 {
                    self.single.insert(declared.id.clone());
                }
                self.needed.extend(declared.terms.needs.iter().cloned());
                self.open += 1;
                Weight::Light
            }
            What::PhaseChanged { phase, to, .. }
                if to.is_terminal() && !self.single.contains(&phase.scenario) =>
            {
                Weight::ReliedOn
            }
            What::ScenarioEnded {
                scenario, outcome, ..
            } => {
                self.open = self.open.saturating_sub(1);
                let is_relied_on = *outcome == Outcome::Parked
                    || self.needed.contains(scenario.name())
                    || self.needed.contains(scenario.0.as_str());
                match self.open {
                    _ if is_relied_on => Weight::ReliedOn,
                    0 => Weight::Awaited,
                    _ => Weight::Light,
                }
            }
            What::RunEnded { .. } => Weight::Awaited,
            _ => Weight::Light,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::story::{self, declared};
    use super::*;
    use crate::model::PhaseState;

    fn planned(name: &str, phases: &[&str], needs: &[&str]) -> What {
        let mut declared = declared(name, phases);
        declared.terms_mut().needs = needs.iter().map(|name| (*name).to_owned()).collect();
        What::ScenarioPlanned {
            declared: declared.into(),
        }
    }

    fn told(reliance: &mut Reliance, what: What) -> bool {
        weight(reliance, what) == Weight::ReliedOn
    }

    fn weight(reliance: &mut Reliance, what: What) -> Weight {
        reliance.on(&story::event(1, what))
    }

    #[test]
    fn a_phase_others_may_follow_is_relied_on_once_it_ended() {
        let mut reliance = Reliance::default();
        assert!(!told(&mut reliance, planned("two", &["a", "b"], &[])));
        let changed = |to| story::changed("two", "a", to);
        assert!(!told(&mut reliance, changed(PhaseState::Waiting)));
        assert!(!told(&mut reliance, changed(PhaseState::Executing)));
        for state in PhaseState::TERMINAL {
            assert!(told(&mut reliance, changed(state)), "{state:?}");
        }
    }

    #[test]
    fn the_only_phase_of_a_scenario_is_not() {
        let mut reliance = Reliance::default();
        told(&mut reliance, planned("one", &["a"], &[]));
        let passed = story::changed("one", "a", PhaseState::Passed);
        assert!(!told(&mut reliance, passed));
        assert!(!told(&mut reliance, story::ended("one", Outcome::Passed)));
    }

    #[test]
    fn a_scenario_is_if_it_is_parked_or_another_one_needs_it() {
        let mut reliance = Reliance::default();
        told(&mut reliance, planned("one", &["a"], &[]));
        told(&mut reliance, planned("next", &["a"], &["first"]));
        assert!(told(&mut reliance, story::ended("one", Outcome::Parked)));
        assert!(told(&mut reliance, story::ended("first", Outcome::Passed)));
        assert!(!told(&mut reliance, story::ended("next", Outcome::Failed)));
    }

    #[test]
    fn of_a_scenario_planned_by_a_former_process_the_worst_is_assumed() {
        let passed = story::changed("one", "a", PhaseState::Passed);
        assert!(told(&mut Reliance::default(), passed));
    }

    #[test]
    fn the_last_end_and_the_end_of_the_run_are_awaited() {
        let mut reliance = Reliance::default();
        for name in ["one", "two"] {
            told(&mut reliance, planned(name, &["a"], &[]));
        }
        let mut ended = |name| weight(&mut reliance, story::ended(name, Outcome::Failed));
        assert_eq!(ended("one"), Weight::Light);
        assert_eq!(ended("two"), Weight::Awaited);
        assert_eq!(weight(&mut reliance, story::run_ended(1)), Weight::Awaited);
    }
}
