//! Scenarios that need other scenarios: names become ids, circles are drawn. Knows nothing of phases.

use super::circle;
use super::error::PlanError;
use super::place;
use crate::model::{Declared, ScenarioId};
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::host::suggest;
use std::collections::HashMap;
use std::sync::Arc;

/// For each scenario the positions of those it needs, and all that is wrong.
pub fn resolve(declared: &[Arc<Declared>], sources: &Sources) -> (Vec<Vec<usize>>, Vec<PlanError>) {
    if declared
        .iter()
        .all(|scenario| scenario.terms.needs.is_empty())
    {
        return (vec![Vec::new(); declared.len()], Vec::new());
    }
    let index = Index::of(declared);
    let mut errors = Vec::new();
    let needs: Vec<Vec<usize>> = declared
        .iter()
        .map(|scenario| {
            let mut found = Vec::new();
            for need in &scenario.terms.needs {
                match index.find(&scenario.id, need) {
                    Ok(positions) => found.extend(positions),
                    Err(problem) => errors.push(problem.error(declared, scenario, need, sources)),
                }
            }
            found.sort_unstable();
            found.dedup();
            found
        })
        .collect();
    if let Some(circle) = circle::find(needs.len(), |node| &needs[node]) {
        let first = &declared[circle[0]];
        let word = first.terms.needs.first().map_or("", String::as_str);
        errors.push(PlanError::ScenarioCircle {
            chain: circle
                .iter()
                .map(|at| declared[*at].id.to_string())
                .collect(),
            at: place::of_word(sources, first.id.file(), first.line, word),
        });
    }
    (needs, errors)
}

struct Index<'a> {
    ids: HashMap<&'a str, usize>,
    names: HashMap<&'a str, Vec<usize>>,
    files: HashMap<&'a str, Vec<usize>>,
}

enum Problem {
    Unknown,
    Ambiguous(Vec<usize>),
}

impl<'a> Index<'a> {
    fn of(declared: &'a [Arc<Declared>]) -> Self {
        let mut index = Self {
            ids: HashMap::new(),
            names: HashMap::new(),
            files: HashMap::new(),
        };
        for (at, scenario) in declared.iter().enumerate() {
            index.ids.insert(&scenario.id.0, at);
            index.names.entry(scenario.id.name()).or_default().push(at);
            index.files.entry(scenario.id.file()).or_default().push(at);
        }
        index
    }

    /// `file.rhai::name`; a name in the same file; a name that only one file has; a file, whole or by its last parts,
    /// which means all its scenarios.
    fn find(&self, from: &ScenarioId, need: &str) -> Result<Vec<usize>, Problem> {
        let same_file = ScenarioId::new(from.file(), need);
        let exact = self
            .ids
            .get(need)
            .or_else(|| self.ids.get(same_file.0.as_str()));
        if let Some(at) = exact {
            return Ok(vec![*at]);
        }
        match self.names.get(need).map(Vec::as_slice) {
            Some([one]) => return Ok(vec![*one]),
            Some(many) => return Err(Problem::Ambiguous(many.to_vec())),
            None => {}
        }
        let ending = format!("/{need}");
        let files: Vec<&Vec<usize>> = self
            .files
            .iter()
            .filter(|(file, _)| **file == need || file.ends_with(&ending))
            .map(|(_, scenarios)| scenarios)
            .collect();
        match files.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(Problem::Unknown),
            many => {
                let mut firsts: Vec<usize> = many.iter().map(|file| file[0]).collect();
                firsts.sort_unstable();
                Err(Problem::Ambiguous(firsts))
            }
        }
    }
}

impl Problem {
    fn error(
        self,
        declared: &[Arc<Declared>],
        scenario: &Declared,
        need: &str,
        sources: &Sources,
    ) -> PlanError {
        let at = place::of_word(sources, scenario.id.file(), scenario.line, need);
        let need = need.to_owned();
        match self {
            Self::Unknown => {
                let others = declared.iter().filter(|other| other.id != scenario.id);
                let names = others
                    .clone()
                    .map(|other| other.id.name())
                    .chain(others.clone().map(|other| other.id.file()));
                PlanError::UnknownNeed {
                    hint: suggest::hint(&need, names),
                    need,
                    scenario: scenario.id.to_string(),
                    at,
                }
            }
            Self::Ambiguous(candidates) => PlanError::AmbiguousNeed {
                candidates: candidates
                    .into_iter()
                    .map(|index| {
                        let id = &declared[index].id;
                        match id.name() == need {
                            true => format!("`{id}`"),
                            false => format!("`{}`", id.file()),
                        }
                    })
                    .collect(),
                need,
                scenario: scenario.id.to_string(),
                at,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{scenario, shared};
    use super::*;
    use scenario_stdlib::host::failure::Failure;

    fn needing(file: &str, name: &str, needs: &[&str]) -> Declared {
        let mut declared = scenario(file, name, 1);
        declared.terms_mut().needs = needs.iter().map(|need| (*need).to_owned()).collect();
        declared
    }

    fn resolved(declared: &[Declared]) -> Vec<Vec<usize>> {
        let (needs, errors) = resolve(&shared(declared), &Sources::default());
        assert_eq!(errors, []);
        needs
    }

    fn refused(declared: &[Declared]) -> String {
        let (_, errors) = resolve(&shared(declared), &Sources::default());
        assert_eq!(errors.len(), 1, "{errors:?}");
        Failure::from(errors[0].clone()).render()
    }

    #[test]
    fn c34_scenarios_depend_on_others_by_name_or_file() {
        let declared = [
            needing("s/a.rhai", "seed", &[]),
            needing("s/a.rhai", "warm", &[]),
            needing("s/b.rhai", "seed", &[]),
            needing("s/b.rhai", "same file", &["seed"]),
            needing("s/c.rhai", "by name", &["warm"]),
            needing("s/c.rhai", "by id", &["s/a.rhai::seed"]),
            needing("s/c.rhai", "by file", &["a.rhai", "warm"]),
        ];
        let expected: [&[usize]; 7] = [&[], &[], &[], &[2], &[1], &[0], &[0, 1]];
        assert_eq!(resolved(&declared), expected);
    }

    #[test]
    fn c34_an_unknown_need_has_neighbours() {
        let declared = [
            needing("a.rhai", "seed", &[]),
            needing("a.rhai", "x", &["sede"]),
        ];
        let message = refused(&declared);
        assert!(message.starts_with("scenario `a.rhai::x` needs `sede`, which does not exist"));
        assert!(message.ends_with("hint: did you mean `seed`?"));
    }

    #[test]
    fn c34_a_name_in_two_files_must_be_told_apart() {
        let declared = [
            needing("a.rhai", "seed", &[]),
            needing("b.rhai", "seed", &[]),
            needing("c.rhai", "x", &["seed"]),
        ];
        assert!(
            refused(&declared)
                .ends_with("hint: name its file too: `a.rhai::seed` or `b.rhai::seed`")
        );
        let declared = [
            needing("s/a.rhai", "p", &[]),
            needing("t/a.rhai", "q", &[]),
            needing("c.rhai", "x", &["a.rhai"]),
        ];
        assert!(refused(&declared).ends_with("`s/a.rhai` or `t/a.rhai`"));
    }

    #[test]
    fn c9_a_circle_of_scenarios_is_drawn() {
        let declared = [
            needing("a.rhai", "x", &["y"]),
            needing("a.rhai", "y", &["z"]),
            needing("a.rhai", "z", &["x"]),
        ];
        assert!(refused(&declared).starts_with(
            "scenarios need each other in a circle: a.rhai::x -> a.rhai::y -> a.rhai::z -> a.rhai::x"
        ));
    }
}
