//! `scenario plan`: what a run would do, in which order.

use super::exit::Exit;
use super::tell::{Done, say};
use super::{prepare, select};
use crate::config::Flags;
use crate::model::ScenarioId;
use crate::plan::repeat::declared_id;
use crate::report::clean::name as clean;
use crate::run::dispatcher::{Planned, Verdict};
use scenario_stdlib::host::duration::show;
use std::collections::BTreeMap;
use std::time::Duration;

/// Shows the order of a run with the same flags, each phase with what it needs, and what is left out.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub fn main(args: Args) -> Done {
    let prepared = prepare::prepare(prepare::settings(&args.flags)?, None)?;
    let choice = select::select(&prepared)?;
    for (index, planned) in choice.planned.iter().enumerate() {
        let declared = &planned.declared;
        let verdict = select::in_words(&planned.verdict)
            .map(|why| format!("  ({why})"))
            .unwrap_or_default();
        say(format_args!(
            "{:>4}  {}{}",
            index + 1,
            clean(&declared.id.0),
            clean(&verdict)
        ));
        if declared.phases.len() < 2 {
            continue;
        }
        for phase in declared.phases.iter() {
            let mut notes = Vec::new();
            if !phase.needs.is_empty() {
                let needs: Vec<&str> = phase.needs.iter().map(|need| need.phase.as_str()).collect();
                notes.push(format!("after {}", needs.join(", ")));
            }
            if phase.has_ready {
                let within = phase
                    .within
                    .map(|within| format!(" within {}", show(within)))
                    .unwrap_or_default();
                notes.push(format!("when ready{within}"));
            }
            if let Some(first) = phase.not_before {
                notes.push(format!("not before {}", show(first)));
            }
            if phase.always {
                notes.push("always".into());
            }
            let notes = if notes.is_empty() {
                String::new()
            } else {
                format!("  ({})", notes.join("; "))
            };
            say(format_args!(
                "        {}{}",
                clean(&phase.name),
                clean(&notes)
            ));
        }
    }
    let jobs = prepared.settings.run.jobs;
    let past = select::durations(&prepared.home, &prepared.declared());
    if let Some(end) = forecast(&choice.planned, &past, jobs) {
        say(format_args!(
            "\nby what they took before: about {}",
            show(end)
        ));
    }
    say(format_args!(
        "\n{}, {jobs} at a time, seed {}",
        match choice.planned.len() {
            1 => "1 scenario".to_owned(),
            count => format!("{count} scenarios"),
        },
        prepared.settings.run.seed
    ));
    select::tell_left_out(&choice);
    Ok(if choice.planned.is_empty() {
        Exit::NothingSelected
    } else {
        Exit::Passed
    })
}

/// How long the run will take if each scenario takes what it took before: the next one goes to whoever is free first.
/// `None` if none was ever seen.
fn forecast(
    planned: &[Planned],
    past: &BTreeMap<ScenarioId, Duration>,
    jobs: usize,
) -> Option<Duration> {
    let runs: Vec<&Planned> = planned
        .iter()
        .filter(|planned| planned.verdict == Verdict::Run)
        .collect();
    let took = |planned: &&Planned| past.get(&declared_id(&planned.declared.id)).copied();
    let known: Vec<Duration> = runs.iter().filter_map(took).collect();
    let usual =
        known.iter().sum::<Duration>() / u32::try_from(known.len()).ok().filter(|n| *n > 0)?;
    let mut lanes = vec![Duration::ZERO; jobs.max(1)];
    for planned in &runs {
        let first = lanes.iter_mut().min()?;
        *first += took(planned).unwrap_or(usual);
    }
    lanes.into_iter().max()
}
