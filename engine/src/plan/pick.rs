//! Which scenarios were asked for. Each that was not has a reason, so that nothing is left out silently.

use super::error::PlanError;
use super::pattern::NamePattern;
use super::repeat;
use super::tags::{self, Expr};
use super::{Request, Spots};
use crate::model::{Declared, ScenarioId};
use scenario_stdlib::host::suggest;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The questions a scenario has to pass, read once.
pub struct Picker<'a> {
    request: &'a Request,
    expr: Option<(&'a str, Expr)>,
    pattern: Option<(&'a str, NamePattern)>,
    /// The lines at which chosen scenarios begin, by file.
    begins: BTreeMap<&'a str, BTreeSet<u32>>,
}

impl<'a> Picker<'a> {
    /// Reads the request; says what in it is wrong.
    pub fn new(declared: &[Arc<Declared>], request: &'a Request) -> Result<Self, Vec<PlanError>> {
        let mut errors = Vec::new();
        let mut expr = None;
        if let Some(text) = request.tags.as_deref() {
            match Expr::parse(text) {
                Ok(parsed) => expr = Some((text, parsed)),
                Err(error) => errors.push(error),
            }
        }
        let mut pattern = None;
        if let Some(text) = request.grep.as_deref() {
            match NamePattern::parse(text) {
                Ok(parsed) => pattern = Some((text, parsed)),
                Err(error) => errors.push(error),
            }
        }
        if let (Some((text, expr)), Some(known)) = (&expr, &request.declared_tags) {
            errors.extend(undeclared(text, expr, known));
        }
        let mut begins = BTreeMap::new();
        for (file, spots) in &request.spots {
            let (lines, wrong) = begins_of(declared, file, spots);
            begins.insert(file.as_str(), lines);
            errors.extend(wrong);
        }
        match errors.is_empty() {
            true => Ok(Self {
                request,
                expr,
                pattern,
                begins,
            }),
            false => Err(errors),
        }
    }

    /// Why a scenario was not asked for; `None` if it was.
    pub fn refuses(&self, scenario: &Declared) -> Option<String> {
        let id = &scenario.id;
        if let Some(spots) = self.request.spots.get(id.file()) {
            let at_line = self.begins[id.file()].contains(&scenario.line);
            let named = spots
                .names
                .iter()
                .any(|name| repeat::means(name, id.name()));
            if !at_line && !named {
                return Some(format!("other scenarios of {} were asked for", id.file()));
            }
        }
        if let Some((text, expr)) = &self.expr
            && !expr.holds(&scenario.terms.tags)
        {
            return Some(match scenario.terms.tags.as_slice() {
                [] => format!("it has no tags, and `{text}` was asked for"),
                tags => format!("its tags [{}] do not match `{text}`", tags.join(", ")),
            });
        }
        if let Some((text, pattern)) = &self.pattern
            && !pattern.matches(&id.0)
        {
            return Some(format!("its name does not match `{text}`"));
        }
        if let Some(failed) = &self.request.last_failed
            && !is_among(id, failed)
        {
            return Some("it did not fail in the last run".into());
        }
        None
    }

    /// What was asked for although no scenario is like that; may be a slip.
    pub fn warnings(&self, declared: &[Arc<Declared>]) -> Vec<String> {
        let Some((_, expr)) = &self.expr else {
            return Vec::new();
        };
        let known: BTreeSet<&str> = declared
            .iter()
            .flat_map(|scenario| scenario.terms.tags.iter().map(String::as_str))
            .collect();
        let unused = expr
            .tags()
            .into_iter()
            .filter(|(tag, _)| !known.contains(tag));
        unused
            .filter_map(|(tag, _)| {
                let near = suggest::nearest(tag, known.iter().copied())?;
                Some(format!(
                    "no scenario has the tag `{tag}`: did you mean `{near}`?"
                ))
            })
            .collect()
    }
}

fn is_among(id: &ScenarioId, failed: &BTreeSet<ScenarioId>) -> bool {
    let numbered = ScenarioId(format!("{id} (").into());
    failed.contains(id)
        || failed
            .range(numbered..)
            .take_while(|other| other.0.starts_with(&format!("{id} (")))
            .any(|other| repeat::declared_id(other) == *id)
}

fn undeclared(text: &str, expr: &Expr, known: &[String]) -> Vec<PlanError> {
    let unknown = expr
        .tags()
        .into_iter()
        .filter(|(tag, _)| !known.iter().any(|k| k == tag));
    unknown
        .map(|(tag, column)| PlanError::UnknownTag {
            tag: tag.to_owned(),
            hint: suggest::hint(tag, known.iter().map(String::as_str)),
            at: tags::place(text, column, tag.chars().count()),
        })
        .collect()
}

/// The first lines of the scenarios that the lines of `spots` lie in: the nearest that begin at or before. Those a loop
/// declares share a line and are meant together.
fn begins_of(
    declared: &[Arc<Declared>],
    file: &str,
    spots: &Spots,
) -> (BTreeSet<u32>, Vec<PlanError>) {
    let of_file = || {
        declared
            .iter()
            .filter(|scenario| scenario.id.file() == file)
    };
    let all: BTreeSet<u32> = of_file().map(|scenario| scenario.line).collect();
    let mut begins = BTreeSet::new();
    let mut errors = Vec::new();
    for &line in &spots.lines {
        match all.range(..=line).next_back() {
            Some(begin) => {
                begins.insert(*begin);
            }
            None => errors.push(PlanError::NothingAtLine {
                file: file.to_owned(),
                line,
                first: all.first().copied(),
            }),
        }
    }
    for name in &spots.names {
        if !of_file().any(|scenario| repeat::means(name, scenario.id.name())) {
            errors.push(PlanError::NoSuchScenario {
                file: file.to_owned(),
                name: name.clone(),
                hint: suggest::hint(name, of_file().map(|s| s.id.name()).collect::<Vec<_>>()),
            });
        }
    }
    (begins, errors)
}

/// Scenarios that were not asked for but are needed by one that was, each with who needs it.
pub fn needed(chosen: &[bool], needs: &[Vec<usize>]) -> HashMap<usize, usize> {
    let mut pulled = HashMap::new();
    let mut queue: Vec<usize> = (0..chosen.len()).filter(|at| chosen[*at]).collect();
    while let Some(at) = queue.pop() {
        for &need in &needs[at] {
            if !chosen[need] && !pulled.contains_key(&need) {
                pulled.insert(need, at);
                queue.push(need);
            }
        }
    }
    pulled
}
