//! `scenario check`: everything that can be known without running.

use super::exit::Exit;
use super::prepare;
use super::select;
use super::tell::{Done, say};
use crate::config::Flags;

/// Checks scripts: syntax, names, arguments, options, tags, needs.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    flags: Flags,
}

pub fn main(args: Args) -> Done {
    let prepared = prepare::prepare(prepare::settings(&args.flags)?, None)?;
    select::select(&prepared)?;
    let scenarios: usize = prepared.files.iter().map(|file| file.declared.len()).sum();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    say(format_args!(
        "{} file{}, {scenarios} scenario{}: nothing wrong",
        prepared.files.len(),
        plural(prepared.files.len()),
        plural(scenarios)
    ));
    Ok(Exit::Passed)
}
