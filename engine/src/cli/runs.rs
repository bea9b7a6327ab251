//! `scenario runs`: what is stored.

use super::exit::Exit;
use super::stored;
use super::tell::{Done, say};
use crate::store::Life;
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
            "{}  {}  {state}: {} passed, {} failed, {} errored of {}  scenario {}",
            run.run,
            run.started.strftime("%Y-%m-%d %H:%M:%S"),
            counts.passed,
            counts.failed,
            counts.errored,
            counts.total,
            crate::report::clean::name(&run.args.join(" ")),
        ));
    }
    if runs.is_empty() {
        say(format_args!("no runs yet"));
    }
    Ok(Exit::Passed)
}
