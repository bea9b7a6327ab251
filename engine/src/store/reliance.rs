//! Which events something later relies on, so that they must be on the disk before it begins. Only these cost a sync. Pure.

use crate::model::{Event, Outcome, ScenarioId, What};
use std::collections::HashSet;

/// What is known of the scenarios of a run, as far as it matters here.
#[derive(Debug, Default)]
pub(super) struct Reliance {
    /// Scenarios of one phase: nothing within them begins after its result.
    single: HashSet<ScenarioId>,
    /// Names of scenarios others wait for.
    needed: HashSet<String>,
}

impl Reliance {
    /// Whether something that comes after `event` relies on it: a later phase or scenario, or a resume. Scenarios this has
    /// not seen planned, those of a resumed run, are taken to have more phases.
    pub fn on(&mut self, event: &Event) -> bool {
        match &event.what {
            What::ScenarioPlanned { declared } => {
                if declared.phases.len() <= 1 {
                    self.single.insert(declared.id.clone());
                }
                self.needed.extend(declared.needs.iter().cloned());
                false
            }
            What::PhaseChanged { phase, to, .. } => {
                to.is_terminal() && !self.single.contains(&phase.scenario)
            }
            What::ScenarioEnded {
                scenario, outcome, ..
            } => {
                *outcome == Outcome::Parked
                    || self.needed.contains(scenario.name())
                    || self.needed.contains(&scenario.0)
            }
            _ => false,
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
        declared.needs = needs.iter().map(|name| (*name).to_owned()).collect();
        What::ScenarioPlanned {
            declared: Box::new(declared),
        }
    }

    fn told(reliance: &mut Reliance, what: What) -> bool {
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
}
