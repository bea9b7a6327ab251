//! `scenario run`: a new run.

use super::drive::{self, Course, Driven};
use super::exit::Exit;
use super::prepare;
use super::scripts;
use super::select;
use super::system::System;
use super::tell::{Done, Trouble};
use super::watch;
use crate::config::Flags;
use crate::model::event::{RunStarted, VERSION};
use crate::model::{View, What};
use crate::run::dispatcher::Former;
use std::time::Instant;

/// Runs scenarios and reports on them.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Run again what an edit touches, until q or Ctrl-C
    #[arg(long, help_heading = "How they are run")]
    watch: bool,
}

pub fn main(args: Args) -> Done {
    if args.watch {
        watch::refuse(&args.flags)?;
        return watch::main(&args.flags);
    }
    let began = Instant::now();
    let settings = prepare::settings(&args.flags)?;
    let runtime = drive::runtime()?;
    let system = System::start(&settings, &runtime)?;
    let prepared = prepare::prepare(settings, system.base_url.clone())?;
    let driven = begin(&prepared, &runtime, &system, false, began);
    system.stop(&runtime);
    // The process ends now: taking the language and the runtime apart would cost more than a small run.
    let exit = driven.as_ref().map(|driven| driven.exit).ok();
    let trouble = driven.err();
    std::mem::forget((prepared, runtime));
    trouble.map_or_else(|| Ok(exit.unwrap_or(Exit::Fault)), Err)
}

/// Runs what the settings choose. `keeps_run`: what the run shares is left for the next round.
pub fn begin(
    prepared: &prepare::Prepared,
    runtime: &tokio::runtime::Runtime,
    system: &System,
    keeps_run: bool,
    began: Instant,
) -> Result<Driven, Trouble> {
    let settings = &prepared.settings;
    let choice = select::select(prepared)?;
    if choice.planned.is_empty() {
        return Err(select::nothing(&choice));
    }
    scripts::keep(prepared, &choice.planned);
    let mut first = vec![What::RunStarted(RunStarted {
        version: VERSION,
        run: prepared.run.clone(),
        program: env!("CARGO_PKG_VERSION").into(),
        args: std::env::args().skip(1).collect(),
        profile: settings.project.profile.clone(),
        base_url: system.base_url.clone(),
        vars: settings.vars.clone(),
        seed: settings.run.seed,
        jobs: settings.run.jobs,
        scenarios: choice.planned.len(),
        pid: std::process::id(),
        host: prepare::host(),
    })];
    first.extend(choice.planned.iter().map(|planned| What::ScenarioPlanned {
        declared: planned.declared.clone(),
    }));
    first.extend(
        choice
            .not_selected
            .iter()
            .map(|(scenario, reason)| What::ScenarioNotSelected {
                scenario: scenario.clone(),
                reason: reason.clone(),
            }),
    );
    let course = Course {
        planned: choice.planned,
        first,
        past: View::default(),
        seq: 0,
        lease: None,
        former: Former::Continued,
        keeps_run,
        unparkable: system.unparkable(),
    };
    drive::drive(prepared, runtime, course, began)
}
