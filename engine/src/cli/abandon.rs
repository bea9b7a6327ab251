//! `scenario abandon`: a parked or killed run is brought to its end.

use super::resume;
use super::tell::Done;
use crate::config::Flags;
use crate::run::dispatcher::Former;

/// Gives a run up: what its scenarios must always do is done, nothing else is run.
#[derive(clap::Args)]
pub struct Args {
    /// Id of a run or its beginning; the newest that can be resumed if none is given
    run: Option<String>,
    #[command(flatten)]
    settings: crate::config::SettingFlags,
    #[command(flatten)]
    output: crate::config::OutputFlags,
}

pub fn main(args: Args) -> Done {
    let flags = Flags {
        settings: args.settings,
        output: args.output,
        ..Flags::default()
    };
    resume::go_on(resume::Wanted {
        run: args.run,
        flags,
        former: Former::Abandoned,
        from: None,
        accepts_edits: true,
    })
}
