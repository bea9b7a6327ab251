//! What a run has left, for a session of the REPL that begins where a scenario stopped.

use super::tell::Trouble;
use super::{former, prepare, resume, stored};
use crate::config::Flags;
use crate::model::progress::Standing;
use crate::model::{Outcome, RunId, View};
use crate::repl::Look;
use crate::report::clean;
use crate::store::{Home, Store};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use serde_json::{Map, Value};

/// A scenario of a stored run.
pub struct Past {
    pub run: RunId,
    standing: Standing,
    view: View,
}

impl Past {
    /// Reads it; the settings of that run hold here, too.
    pub fn read(text: &str, name: Option<&str>, flags: &mut Flags) -> Result<Self, Trouble> {
        let settings = prepare::settings(flags)?;
        let home = Home::new(&settings.project.store);
        let store = Store::open_existing(&home).map_err(stored::trouble)?;
        let run = store.find(text).map_err(stored::trouble)?;
        let past = resume::past(&store, &run)?;
        former::keep(flags, &past.started, &settings, &run)?;
        let standing = choose(&past.progress.scenarios, name, &run)?.clone();
        Ok(Self {
            view: past.view,
            run,
            standing,
        })
    }

    /// What its passed phases put on the state.
    pub fn state(&self) -> Map<String, Value> {
        let mut state = self.standing.inherited.clone();
        state.extend(self.standing.state());
        state
    }

    /// The script, if it is still there.
    pub fn file(&self) -> Option<String> {
        let file = self.standing.declared.id.file();
        std::path::Path::new(file)
            .is_file()
            .then(|| file.to_owned())
    }

    /// Says where this begins, and what went wrong there.
    pub fn tell(&self, look: &Look) {
        let name = clean::name(&self.standing.declared.id.0);
        let how = match self.standing.outcome {
            None => "was cut off",
            Some(Outcome::Passed) => "passed",
            Some(Outcome::Failed | Outcome::Errored) => "did not pass",
            Some(Outcome::Parked) => "is parked",
            Some(Outcome::Skipped) => "was skipped",
            Some(Outcome::Interrupted) => "was interrupted",
        };
        let values = match self.state().len() {
            1 => "1 value".to_owned(),
            count => format!("{count} values"),
        };
        eprintln!("{name} of run {} {how}; `state` has {values}", self.run);
        let scenario = self.view.scenario(&self.standing.declared.id);
        let failures = scenario
            .and_then(|scenario| scenario.last_try())
            .into_iter()
            .flat_map(|tried| &tried.phases)
            .filter_map(|phase| phase.attempts.last())
            .filter_map(|attempt| attempt.failures.first());
        for failure in failures.take(1) {
            let text = clean::failure(failure, look.columns.saturating_sub(8).max(20));
            eprintln!("{}", look.palette.dim(text));
        }
    }
}

/// The scenario that is meant: by name, else the only one that did not pass.
fn choose<'s>(
    all: &'s [Standing],
    name: Option<&str>,
    run: &RunId,
) -> Result<&'s Standing, Trouble> {
    let names = || all.iter().map(|standing| standing.declared.id.name());
    if let Some(name) = name {
        let found = all
            .iter()
            .find(|standing| standing.declared.id.name() == name || standing.declared.id.0 == name);
        return found.ok_or_else(|| {
            let mut failure = Failure::usage(format!("run {run} has no scenario \"{name}\""));
            failure.hint = suggest::hint(name, names().collect::<Vec<_>>());
            failure.into()
        });
    }
    let open: Vec<&Standing> = all
        .iter()
        .filter(|standing| standing.outcome != Some(Outcome::Passed))
        .collect();
    match (all, open.as_slice()) {
        ([one], _) => Ok(one),
        (_, [one]) => Ok(*one),
        (_, several) => {
            let mut failure = Failure::usage(format!("run {run} has {} scenarios", all.len()))
                .hint("say which one with --scenario NAME");
            for standing in several.iter().take(10) {
                failure = failure.detail("it did not pass", standing.declared.id.name());
            }
            Err(failure.into())
        }
    }
}
