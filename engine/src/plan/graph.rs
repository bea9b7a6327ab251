//! Whether the phases of a scenario can be run at all: none may wait for itself through others. That the phases it names
//! exist was checked when it was loaded; when a need holds is said by [`Need::verdict`](crate::model::Need::verdict).

use super::circle;
use super::error::PlanError;
use super::place;
use crate::model::Declared;
use scenario_stdlib::host::sources::Sources;

/// The first circle of needs, drawn.
pub fn check(declared: &Declared, sources: &Sources) -> Option<PlanError> {
    let phases = &declared.phases;
    let position = |name: &str| phases.iter().position(|phase| phase.name == name);
    let needs: Vec<Vec<usize>> = phases
        .iter()
        .enumerate()
        .map(|(at, phase)| match phase.waits_for_earlier {
            true => (0..at).collect(),
            false => phase
                .needs
                .iter()
                .filter_map(|need| position(&need.phase))
                .collect(),
        })
        .collect();
    let circle = circle::find(needs.len(), |node| &needs[node])?;
    let first = &phases[*circle.first()?];
    let names = circle.iter().map(|node| phases[*node].name.to_string());
    Some(PlanError::PhaseCircle {
        scenario: declared.id.to_string(),
        chain: names.collect(),
        at: place::of_word(sources, declared.id.file(), first.line, &first.name),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{phase, scenario};
    use super::*;
    use crate::model::Phase;
    use scenario_stdlib::host::failure::Failure;

    fn message(phases: Vec<Phase>) -> Option<String> {
        let mut declared = scenario("a.rhai", "x", 1);
        declared.phases = phases.into();
        let sources = Sources::default();
        sources.add("a.rhai", "phase(\"a\", #{ needs: [\"b\"] }, || ());");
        check(&declared, &sources).map(|error| Failure::from(error).render())
    }

    #[test]
    fn c9_a_circle_of_phases_is_drawn_before_anything_runs() {
        let message = message(vec![
            phase("start", &[]),
            phase("a", &["b"]),
            phase("b", &["c"]),
            phase("c", &["start", "a"]),
        ]);
        assert_eq!(
            message.as_deref(),
            Some(
                "phases of scenario `a.rhai::x` need each other in a circle: a -> b -> c -> a\n  --> a.rhai:1:7\n   |\n 1 | phase(\"a\", #{ needs: [\"b\"] }, || ());\n   |       ^^^\n  hint: an arrow points to what is needed; take one of them out of its `needs`"
            )
        );
    }

    #[test]
    fn c9_a_default_need_can_close_a_circle() {
        let found = message(vec![phase("a", &["b"]), phase("b", &["a"])]);
        assert!(found.is_some_and(|text| text.contains("a -> b -> a")));
    }

    #[test]
    fn c9_a_phase_cannot_need_a_clean_up_that_waits_for_it() {
        let mut tidy = phase("tidy", &[]);
        tidy.always = true;
        tidy.waits_for_earlier = true;
        let found = message(vec![phase("a", &["tidy"]), tidy.clone()]);
        assert!(found.is_some_and(|text| text.contains("a -> tidy -> a")));
        assert_eq!(
            message(vec![phase("a", &[]), tidy, phase("b", &["tidy"])]),
            None
        );
    }

    #[test]
    fn two_ways_to_one_phase_are_no_circle() {
        let phases = vec![phase("a", &[]), phase("b", &["a"]), phase("c", &["a", "b"])];
        assert_eq!(message(phases), None);
    }
}
