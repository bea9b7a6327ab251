//! `scenario list`: what there is, and what would be left out.

use super::exit::Exit;
use super::tell::{Done, say};
use super::{prepare, select};
use crate::config::Flags;
use crate::report::clean::name as clean;

/// Lists the scenarios that a run with the same flags would choose.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub fn main(args: Args) -> Done {
    let json = args.flags.output.json;
    let prepared = prepare::prepare(prepare::settings(&args.flags)?, None)?;
    let choice = select::select(&prepared)?;
    for planned in &choice.planned {
        let declared = &planned.declared;
        if json {
            let line = serde_json::to_string(declared.as_ref()).unwrap_or_default();
            say(format_args!("{line}"));
            continue;
        }
        let tags = if declared.terms.tags.is_empty() {
            String::new()
        } else {
            format!("  [{}]", declared.terms.tags.join(", "))
        };
        let verdict = select::in_words(&planned.verdict)
            .map(|why| format!("  ({why})"))
            .unwrap_or_default();
        let phases = if declared.phases.len() > 1 {
            format!("  {} phases", declared.phases.len())
        } else {
            String::new()
        };
        say(format_args!(
            "{}:{}  {}{}{}{}",
            declared.id.file(),
            declared.line,
            clean(declared.id.name()),
            clean(&tags),
            phases,
            clean(&verdict)
        ));
    }
    if !json {
        select::tell_left_out(&choice);
    }
    Ok(if choice.planned.is_empty() {
        Exit::NothingSelected
    } else {
        Exit::Passed
    })
}
