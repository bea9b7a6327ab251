//! The next command to type, ready to be copied into a shell.

use super::clean;
use crate::model::declared::Declared;
use crate::model::view::View;
use crate::model::{Outcome, PhaseState, RunId};
use jiff::Timestamp;
use std::path::Path;

/// What the one phase of a plain script is called.
const PLAIN_PHASE: &str = "run";

/// Runs the one scenario again, and no other that a loop declares on the same line: `scenario run 'a.rhai::login as Ada'`.
/// The only scenario of a plain script goes by its file.
pub fn rerun(declared: &Declared) -> String {
    let id = &declared.id;
    let place = if is_plain(declared) {
        id.file().to_owned()
    } else if id.0 == clean::line(&id.0, usize::MAX) {
        id.to_string()
    } else {
        // What would do something else than be shown cannot be typed either.
        format!("{}:{}", id.file(), declared.line)
    };
    // A name that begins with a dash would be taken for an option.
    let place = if place.starts_with('-') {
        format!("./{place}")
    } else {
        place
    };
    command(&["scenario", "run", &place])
}

/// Whether the whole file is one scenario, named after it.
fn is_plain(declared: &Declared) -> bool {
    let stem = Path::new(declared.id.file()).file_stem();
    let [phase] = declared.phases.as_slice() else {
        return false;
    };
    phase.name == PLAIN_PHASE && stem.is_some_and(|stem| stem == declared.id.name())
}

/// Looks closer at a run: `scenario show 20261121-101500-k3f9`.
pub fn show(run: &RunId) -> String {
    command(&["scenario", "show", &run.0])
}

/// Goes on with what is parked: `scenario resume 20261121-101500-k3f9`.
pub fn resume(run: &RunId) -> String {
    command(&["scenario", "resume", &run.0])
}

/// Says that something is done: `scenario signal 20261121-101500-k3f9 approved`.
pub fn signal(run: &RunId, name: &str) -> String {
    command(&["scenario", "signal", &run.0, name])
}

/// When it is useful to come back: the first time that something waited for may be there, if that is later than now.
pub fn earliest(view: &View) -> Option<Timestamp> {
    let parked = view
        .scenarios
        .iter()
        .filter(|scenario| scenario.outcome == Some(Outcome::Parked));
    let due = parked.flat_map(|scenario| {
        let phases = scenario
            .last_try()
            .into_iter()
            .flat_map(|tried| &tried.phases);
        phases
            .filter(|phase| phase.state == PhaseState::Waiting)
            .map(|phase| {
                let declared = scenario.declared.phase(&phase.name);
                let wait = declared.and_then(|declared| declared.not_before);
                let (began, _) = phase.changes.last()?;
                began.checked_add(wait?).ok()
            })
    });
    // One that can be there at any time makes every time useful.
    let due: Vec<Timestamp> = due.collect::<Option<_>>()?;
    due.into_iter()
        .min()
        .filter(|at| view.now.is_none_or(|now| *at > now))
}

/// The words as a shell reads them, each taken literally.
fn command(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| quote(word))
        .collect::<Vec<_>>()
        .join(" ")
}

fn quote(word: &str) -> String {
    let word = clean::line(word, 4096);
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Phase, ScenarioId};

    fn again(file: &str, name: &str, phase: &str) -> String {
        let declared = Declared {
            phases: vec![Phase::new(phase)].into(),
            ..Declared::new(ScenarioId::new(file, name), 7)
        };
        rerun(&declared)
    }

    #[test]
    fn exactly_the_one_scenario_is_run_again() {
        assert_eq!(
            again("a.rhai", "login as Ada", "login as Ada"),
            "scenario run 'a.rhai::login as Ada'"
        );
        assert_eq!(
            again("a.rhai", "it's \"$HOME\"", "x"),
            r#"scenario run 'a.rhai::it'\''s "$HOME"'"#
        );
        assert_eq!(again("-a/b.rhai", "b", "run"), "scenario run ./-a/b.rhai");
        assert_eq!(again("a/b.rhai", "b", "b"), "scenario run a/b.rhai::b");
        assert_eq!(again("a.rhai", "x\u{1b}[2J", "x"), "scenario run a.rhai:7");
    }

    #[test]
    fn hostile_names_are_one_word_for_the_shell() {
        assert_eq!(
            command(&["scenario", "run", "a/b.rhai:3"]),
            "scenario run a/b.rhai:3"
        );
        assert_eq!(quote("my tests/a.rhai:1"), "'my tests/a.rhai:1'");
        assert_eq!(quote("a;rm -rf $HOME.rhai:1"), "'a;rm -rf $HOME.rhai:1'");
        assert_eq!(quote("it's.rhai:1"), r"'it'\''s.rhai:1'");
    }
}
