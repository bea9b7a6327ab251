//! `scenario config`: the settings in force, and where each came from.

use super::exit::Exit;
use super::prepare;
use super::tell::{Done, say};
use crate::config::Flags;
use crate::report::clean::name as clean;

/// Shows the settings in force; secrets are masked.
#[derive(clap::Args)]
pub struct Args {
    /// Also say where each value came from
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    flags: Flags,
}

pub fn main(args: Args) -> Done {
    let settings = prepare::settings(&args.flags)?;
    let width = settings
        .explained
        .iter()
        .map(|row| row.name.chars().count())
        .max()
        .unwrap_or(0);
    for row in &settings.explained {
        let value = clean(row.shown());
        if args.explain {
            say(format_args!(
                "{:width$}  {value}  ({})",
                row.name,
                clean(&row.came_from())
            ));
        } else {
            say(format_args!("{:width$}  {value}", row.name));
        }
    }
    Ok(Exit::Passed)
}
