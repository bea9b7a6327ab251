//! `scenario signal`: a message from a person or another system to a run that waits for it.

use super::exit::Exit;
use super::tell::{Done, Trouble, say};
use super::{resume, stored};
use crate::config::OutputFlags;
use crate::model::progress::{Progress, Standing};
use crate::store::{Home, Keeper, Store};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use scenario_stdlib::signal::check_name;
use serde_json::Value;

/// Sends a signal to all scenarios of a run that wait or will wait for it.
#[derive(clap::Args)]
pub struct Args {
    /// Id of a run or its beginning; "latest" is the newest
    run: String,
    /// The name they wait for
    name: String,
    /// Only to the scenario of this name
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// What to send with it; scripts find it in `state.signals.NAME`
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
    #[command(flatten)]
    place: stored::Place,
}

pub fn main(args: &Args) -> Done {
    check_name(&args.name)?;
    let data = data(args.data.as_deref())?;
    let settings = stored::settings(&args.place, OutputFlags::default())?;
    let home = Home::new(&settings.project.store);
    let store = Store::open_existing(&home).map_err(stored::trouble)?;
    let run = store.find(&args.run).map_err(stored::trouble)?;
    let progress = resume::progress(&store, &run)?;
    let takers = takers(&progress, args.scenario.as_deref(), &args.name, &run.0)?;
    drop(store);
    Keeper::open(&home)
        .and_then(|mut keeper| keeper.send(&run, args.scenario.as_deref(), &args.name, &data))
        .map_err(stored::trouble)?;
    say(format_args!("sent \"{}\" to {run}: {takers}", args.name));
    Ok(Exit::Passed)
}

fn data(text: Option<&str>) -> Result<Value, Trouble> {
    let Some(text) = text else {
        return Ok(Value::Null);
    };
    serde_json::from_str(text).map_err(|error| {
        Failure::usage(format!("--data is no JSON: {error}"))
            .detail("got", text.to_owned())
            .hint("quote it for the shell: --data '{\"by\": \"ada\"}', or --data '\"text\"'")
            .into()
    })
}

/// Who takes the signal, in words; nobody is an error.
fn takers(
    progress: &Progress,
    only: Option<&str>,
    name: &str,
    run: &str,
) -> Result<String, Trouble> {
    let open: Vec<&Standing> = progress.scenarios.iter().filter(|s| s.goes_on()).collect();
    if open.is_empty() {
        return Err(Failure::usage(format!(
            "run {run} is over: nobody in it takes a signal any more"
        ))
        .into());
    }
    let means = |standing: &&&Standing| {
        only.is_none_or(|only| {
            only == standing.declared.id.name() || only == standing.declared.id.0
        })
    };
    let addressed: Vec<&&Standing> = open.iter().filter(means).collect();
    if let (true, Some(only)) = (addressed.is_empty(), only) {
        let mut failure = Failure::usage(format!("no scenario \"{only}\" of run {run} goes on"));
        failure.hint = suggest::hint(only, open.iter().map(|s| s.declared.id.name()));
        return Err(failure.into());
    }
    let takes = |standing: &Standing| {
        let signals = &standing.declared.terms.signals;
        signals.iter().any(|signal| signal == name || signal == ANY)
    };
    let count = addressed.iter().filter(|standing| takes(standing)).count();
    if count == 0 {
        let known = addressed
            .iter()
            .flat_map(|standing| &standing.declared.terms.signals);
        let known: Vec<&str> = known.map(String::as_str).collect();
        let mut failure =
            Failure::usage(format!("nobody in run {run} waits for a signal \"{name}\""));
        failure.hint = suggest::hint(name, known.iter().copied()).or_else(|| {
            (!known.is_empty()).then(|| format!("they wait for \"{}\"", known.join("\", \"")))
        });
        return Err(failure.into());
    }
    let plural = if count == 1 { "" } else { "s" };
    Ok(format!("{count} scenario{plural} may take it"))
}

/// Stands for a name that the script computes.
const ANY: &str = "*";
