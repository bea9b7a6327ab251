//! `scenario report RUN --reporter NAME[=FILE]`: reports of a stored run, also one that was killed.

use super::exit::Exit;
use super::tell::{Done, Trouble};
use super::{output, stored};
use crate::config::{OutputFlags, Settings};
use crate::model::View;
use crate::report::{Reporters, Spec};
use scenario_stdlib::host::failure::Failure;

/// Writes reports of a stored run.
#[derive(clap::Args)]
pub struct Args {
    /// Id of a run or its beginning
    #[arg(default_value = "latest")]
    run: String,
    #[command(flatten)]
    place: stored::Place,
    #[command(flatten)]
    output: OutputFlags,
}

pub fn main(args: Args) -> Done {
    let settings = stored::settings(&args.place, args.output)?;
    let wanted: Vec<String> = settings
        .output
        .reporters
        .iter()
        .map(|reporter| match &reporter.path {
            Some(path) => format!("{}={}", reporter.name, path.display()),
            None => reporter.name.clone(),
        })
        .collect();
    replay(&settings, &args.run, &wanted)
}

/// Feeds the events of a stored run to reporters.
pub fn replay(settings: &Settings, run: &str, wanted: &[String]) -> Result<Exit, Trouble> {
    let stored::Read {
        run,
        events,
        is_live,
    } = stored::read(settings, run)?;
    let run_dir = settings.project.store.join("runs").join(&run.0);
    let options = crate::report::Options {
        screen: crate::report::Screen::still(std::io::stderr()),
        ..output::options(settings, &run_dir)
    };
    let specs: Result<Vec<Spec>, _> = wanted.iter().map(|text| Spec::parse(text)).collect();
    let specs = specs.map_err(|error| Failure::usage(error.to_string()))?;
    let mut reporters =
        Reporters::open(&specs, &options).map_err(|error| Failure::fault(error.to_string()))?;
    let mut view = View::default();
    for event in &events {
        view.apply(event);
        reporters.on(event, &view);
    }
    if is_live && view.ended.is_none() {
        view.goes_on();
    }
    let broken = !reporters.finish(&view).is_empty();
    Ok(if broken { Exit::Fault } else { Exit::Passed })
}
