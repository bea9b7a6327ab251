//! `scenario run`: a new run.

use super::drive::{self, Course};
use super::prepare;
use super::scripts;
use super::select;
use super::system::System;
use super::tell::Done;
use crate::config::Flags;
use crate::model::What;
use crate::model::event::{RunStarted, VERSION};
use crate::run::dispatcher::Former;
use std::time::Instant;

/// Runs scenarios and reports on them.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub fn main(args: Args) -> Done {
    let began = Instant::now();
    let settings = prepare::settings(&args.flags)?;
    let runtime = drive::runtime()?;
    let system = System::start(&settings, &runtime)?;
    let prepared = prepare::prepare(settings, system.base_url.clone())?;
    let exit = begin(&prepared, &runtime, &system, began);
    system.stop(&runtime);
    // The process ends now: taking the language and the runtime apart would cost more than a small run.
    std::mem::forget((prepared, runtime));
    exit
}

fn begin(
    prepared: &prepare::Prepared,
    runtime: &tokio::runtime::Runtime,
    system: &System,
    began: Instant,
) -> Done {
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
        past: Vec::new(),
        lease: None,
        former: Former::Continued,
        unparkable: system.unparkable(),
    };
    drive::drive(prepared, runtime, course, began)
}
