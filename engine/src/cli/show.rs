//! `scenario show [RUN]`: a stored run, as the terminal showed it.

use super::exit::Exit;
use super::tell::Done;
use super::{report, stored};
use crate::config::OutputFlags;

/// Shows a stored run.
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
    report::replay(&settings, &args.run, &["terminal".to_owned()])?;
    Ok(Exit::Passed)
}
