//! `scenario report RUN --reporter NAME[=FILE]`: reports of a stored run, also one that was killed.

use super::exit::Exit;
use super::tell::{Done, Trouble};
use super::{output, serve, stored};
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
    /// Show it as a page that keeps up while the run goes on, for browsers on this machine
    #[arg(long, conflicts_with_all = ["reporter", "json"])]
    serve: bool,
    /// Port of that page; 0 takes a free one
    #[arg(long, default_value_t = 0, requires = "serve")]
    port: u16,
    #[command(flatten)]
    output: OutputFlags,
}

pub fn main(args: Args) -> Done {
    let settings = stored::settings(&args.place, args.output)?;
    if args.serve {
        return serve::main(&settings, &args.run, args.port);
    }
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
    view.set_live(is_live);
    let broken = !reporters.finish(&view).is_empty();
    Ok(if broken { Exit::Fault } else { Exit::Passed })
}
