//! `scenario state`: the values that the scenarios of a run carry from phase to phase, to look at and to mend.

use super::exit::Exit;
use super::tell::{Done, Trouble, say};
use super::{resume, stored};
use crate::config::OutputFlags;
use crate::model::progress::{Progress, Standing};
use crate::model::{Event, PhaseKey, PhaseState, RunId, What};
use crate::report::clean;
use crate::store::{Home, Keeper, Store, Writer};
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use serde_json::Value;

/// Shows the state of scenarios; --set changes that of a parked or killed one before it is resumed.
#[derive(clap::Args)]
pub struct Args {
    /// Id of a run or its beginning
    #[arg(default_value = "latest")]
    run: String,
    /// Only of the scenario of this name
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Set a value; VALUE is JSON if it can be, else text
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Remove a value
    #[arg(long, value_name = "KEY")]
    unset: Vec<String>,
    #[command(flatten)]
    place: stored::Place,
}

pub fn main(args: &Args) -> Done {
    let settings = stored::settings(&args.place, OutputFlags::default())?;
    let home = Home::new(&settings.project.store);
    let store = Store::open_existing(&home).map_err(stored::trouble)?;
    let run = store.find(&args.run).map_err(stored::trouble)?;
    let changes = changes(args)?;
    if changes.is_empty() {
        let progress = resume::progress(&store, &run)?;
        return show(&progress, args.scenario.as_deref());
    }
    let lease = Keeper::open(&home)
        .and_then(|mut keeper| keeper.acquire(&run))
        .map_err(stored::trouble)?;
    let progress = resume::progress(&store, &run)?;
    let phase = place(&progress, args.scenario.as_deref(), &run)?;
    let mut writer = Writer::resume(&home, lease, |_| {});
    for (seq, (key, value)) in (progress.seq + 1..).zip(changes) {
        writer.append(&[Event {
            seq,
            at: Timestamp::now(),
            what: What::StateMended {
                phase: phase.clone(),
                key,
                value,
            },
        }]);
    }
    if let Some(error) = writer.finish(None).error {
        return Err(stored::trouble(error));
    }
    let progress = resume::progress(&store, &run)?;
    show(&progress, args.scenario.as_deref())
}

fn changes(args: &Args) -> Result<Vec<(String, Option<Value>)>, Trouble> {
    let mut changes = Vec::new();
    for set in &args.set {
        let Some((key, value)) = set.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::usage(format!("--set {set}: expected KEY=VALUE"))
                .hint("for example --set task=7, or --set 'user={\"name\": \"ada\"}'")
                .into());
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.into()));
        changes.push((key.to_owned(), Some(value)));
    }
    changes.extend(args.unset.iter().map(|key| (key.clone(), None)));
    Ok(changes)
}

fn find<'p>(progress: &'p Progress, name: Option<&str>) -> Result<Vec<&'p Standing>, Trouble> {
    let Some(name) = name else {
        return Ok(progress.scenarios.iter().collect());
    };
    let found: Vec<&Standing> = progress
        .scenarios
        .iter()
        .filter(|standing| standing.declared.id.name() == name || standing.declared.id.0 == name)
        .collect();
    if found.is_empty() {
        let names = progress.scenarios.iter().map(|s| s.declared.id.name());
        let mut failure = Failure::usage(format!("the run has no scenario \"{name}\""));
        failure.hint = suggest::hint(name, names);
        return Err(failure.into());
    }
    Ok(found)
}

fn show(progress: &Progress, name: Option<&str>) -> Done {
    let found = find(progress, name)?;
    let is_one = found.len() == 1;
    for standing in found {
        let state = Value::Object(standing.state());
        let text = serde_json::to_string_pretty(&state).unwrap_or_default();
        if !is_one {
            say(format_args!("{}", clean::name(&standing.declared.id.0)));
        }
        say(format_args!("{}", clean::block(&text, clean::BLOCK)));
    }
    Ok(Exit::Passed)
}

/// Where a change is written: the last passed phase of the one scenario that can be resumed.
fn place(progress: &Progress, name: Option<&str>, run: &RunId) -> Result<PhaseKey, Trouble> {
    let open: Vec<&Standing> = find(progress, name)?
        .into_iter()
        .filter(|standing| standing.goes_on())
        .collect();
    let standing = match open.as_slice() {
        [one] => one,
        [] => {
            return Err(Failure::usage(format!(
                "no such scenario of run {run} is left to resume: its state counts no more"
            ))
            .into());
        }
        _ => {
            return Err(Failure::usage(format!(
                "{} scenarios of run {run} can be resumed",
                open.len()
            ))
            .hint("say which one with --scenario NAME")
            .into());
        }
    };
    let passed = standing.declared.phases.iter().rev().find(|phase| {
        let now = standing.phases.get(&phase.name);
        now.is_some_and(|now| now.state == PhaseState::Passed)
    });
    let Some(phase) = passed else {
        return Err(Failure::usage(
            "no phase of it has passed yet, so that it has no state to change",
        )
        .into());
    };
    Ok(PhaseKey {
        scenario: standing.declared.id.clone(),
        round: standing.round,
        try_number: standing.try_number,
        phase: phase.name.clone(),
    })
}
