//! `scenario status`: what a run that goes on in another process is doing. Everything it tells is in the store, which the
//! run writes as it goes.

use super::exit::Exit;
use super::tell::{Done, say};
use super::{output, resume, stored};
use crate::config::{Color, OutputFlags};
use crate::model::RunId;
use crate::report::{Palette, status};
use crate::store::{Home, Life, Store};
use jiff::Timestamp;

/// Says what runs, what waits for what, for how long, and what was seen last.
#[derive(clap::Args)]
pub struct Args {
    /// Id of a run or its beginning; all that go on if none is given
    run: Option<String>,
    #[command(flatten)]
    place: stored::Place,
    /// Whether to write in colour
    #[arg(long, value_name = "WHEN")]
    color: Option<Color>,
}

pub fn main(args: &Args) -> Done {
    let flags = OutputFlags {
        color: args.color,
        ..OutputFlags::default()
    };
    let settings = stored::settings(&args.place, flags)?;
    let home = Home::new(&settings.project.store);
    if args.run.is_none() && !home.database().exists() {
        return nothing();
    }
    let store = Store::open_existing(&home).map_err(stored::trouble)?;
    let live: Vec<(RunId, u32)> = match &args.run {
        Some(text) => {
            let run = store.find(text).map_err(stored::trouble)?;
            let summary = store.summary(&run).map_err(stored::trouble)?;
            match summary.life {
                Life::Running(holder) => vec![(run, holder.process.pid)],
                Life::Ended { exit, .. } => {
                    say(format_args!(
                        "run {run} has ended with exit code {exit}; `scenario show {run}` tells more"
                    ));
                    return Ok(Exit::Passed);
                }
                Life::Killed { .. } => {
                    say(format_args!(
                        "run {run} was killed; `scenario resume {run}` goes on"
                    ));
                    return Ok(Exit::Passed);
                }
            }
        }
        None => {
            let runs = store.runs().map_err(stored::trouble)?;
            let live = runs.into_iter().filter_map(|run| match run.life {
                Life::Running(holder) => Some((run.run, holder.process.pid)),
                _ => None,
            });
            live.collect()
        }
    };
    if live.is_empty() {
        return nothing();
    }
    let palette = Palette::new(output::colors(&settings));
    let columns = console::Term::stdout().size_checked();
    let columns = columns.map_or(160, |(_, columns)| usize::from(columns));
    for (index, (run, pid)) in live.iter().enumerate() {
        let view = resume::view(&store, run)?;
        if index > 0 {
            say(format_args!(""));
        }
        let text = status(&view, Timestamp::now(), columns, palette);
        say(format_args!("{text}\n  pid {pid}"));
    }
    Ok(Exit::Passed)
}

fn nothing() -> Done {
    say(format_args!("no run is going on"));
    Ok(Exit::Passed)
}
