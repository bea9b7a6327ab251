//! `scenario completions SHELL`.

use super::exit::Exit;
use super::tell::Done;

/// Prints completions; source them in the shell's start-up file.
#[derive(clap::Args)]
pub struct Args {
    shell: clap_complete::Shell,
}

pub fn main(args: &Args, command: &mut clap::Command) -> Done {
    clap_complete::generate(args.shell, command, "scenario", &mut std::io::stdout());
    Ok(Exit::Passed)
}
