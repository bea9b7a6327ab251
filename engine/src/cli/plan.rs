//! `scenario plan`: what a run would do, in which order.

use super::exit::Exit;
use super::tell::{Done, say};
use super::{prepare, select};
use crate::config::Flags;
use crate::report::clean::name as clean;
use scenario_stdlib::host::duration::show;

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
        for phase in &declared.phases {
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
