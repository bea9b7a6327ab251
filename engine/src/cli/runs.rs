//! `scenario runs`: what is stored.

use super::exit::Exit;
use super::tell::{Done, Trouble, say};
use super::{resume, stored};
use crate::model::RunId;
use crate::model::progress::Standing;
use crate::model::view::Counts;
use crate::report::clean;
use crate::store::{Life, Store};
use scenario_stdlib::host::duration::show;

/// Lists stored runs, newest first.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: stored::Place,
    /// How many to list
    #[arg(short = 'n', long, default_value_t = 20)]
    number: usize,
}

pub fn main(args: &Args) -> Done {
    let Some(store) = stored::open_if_any(&args.place)? else {
        say(format_args!("no runs yet"));
        return Ok(Exit::Passed);
    };
    let runs = store.runs().map_err(stored::trouble)?;
    for run in runs.iter().take(args.number) {
        let state = match &run.life {
            Life::Running(holder) => format!("running (pid {})", holder.process.pid),
            Life::Ended { exit, took, .. } => format!("exit {exit} after {}", show(*took)),
            Life::Killed { .. } => "killed".into(),
        };
        let counts = &run.counts;
        say(format_args!(
            "{}  {state}: {}  scenario {}",
            run.run,
            in_words(counts),
            clean::name(&run.args.join(" ")),
        ));
        let goes_on = counts.parked > 0 || matches!(run.life, Life::Killed { .. });
        if goes_on {
            waiting(&store, &run.run)?;
        }
    }
    if runs.is_empty() {
        say(format_args!("no runs yet"));
    }
    Ok(Exit::Passed)
}

/// `2 passed, 1 parked of 5`.
fn in_words(counts: &Counts) -> String {
    match counts.outcomes().as_str() {
        "" => format!("0 of {}", counts.total),
        words => format!("{words} of {}", counts.total),
    }
}

/// What the scenarios of a run that can be resumed wait for, and what was begun and not ended.
fn waiting(store: &Store, run: &RunId) -> Result<(), Trouble> {
    let progress = resume::progress(store, run)?;
    let open: Vec<&Standing> = progress
        .scenarios
        .iter()
        .filter(|standing| standing.goes_on())
        .collect();
    for standing in open.iter().take(SHOWN) {
        let waits = resume::waits_for(standing);
        let owes = match (standing.outcome, resume::owes(standing)) {
            (Some(_), _) | (None, None) => String::new(),
            (None, Some(phase)) => format!("; owes \"{phase}\""),
        };
        say(format_args!(
            "    {}: {}{}",
            clean::name(&standing.declared.id.0),
            clean::line(&waits, clean::NAME),
            clean::line(&owes, clean::NAME)
        ));
    }
    if open.len() > SHOWN {
        say(format_args!("    … and {} more", open.len() - SHOWN));
    }
    if !open.is_empty() {
        say(format_args!(
            "    go on with: {}",
            crate::report::next::resume(run)
        ));
    }
    Ok(())
}

/// How many scenarios of a run are listed.
const SHOWN: usize = 10;
