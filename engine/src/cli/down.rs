//! `scenario down`: ends stacks that `scenario up` holds.

use super::exit::Exit;
use super::stacks_up::{self, Entry};
use super::stored;
use super::tell::{Done, say};
use rustix::process::{Pid, Signal, kill_process};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use std::time::{Duration, Instant};

/// Ends a stack that is up, or all of them, and waits until nothing of it is left.
#[derive(clap::Args)]
pub struct Args {
    /// Which one; all if none is given
    name: Option<String>,
    #[command(flatten)]
    place: stored::Place,
}

/// How long a stack may take to end.
const LIMIT: Duration = Duration::from_secs(90);

pub fn main(args: &Args) -> Done {
    let home = stacks_up::home(&args.place)?;
    let mut entries = Entry::all(&home)?;
    if let Some(name) = &args.name {
        let names: Vec<String> = entries.iter().map(|entry| entry.name.clone()).collect();
        entries.retain(|entry| entry.name == *name);
        if entries.is_empty() {
            let mut failure = Failure::usage(format!("no stack \"{name}\" is up"));
            failure.hint = suggest::hint(name, names.iter().map(String::as_str));
            return Err(failure.into());
        }
    }
    if entries.is_empty() {
        say(format_args!("no stack is up"));
    }
    for entry in entries {
        end(&entry)?;
        say(format_args!("{} is down", entry.name));
    }
    Ok(Exit::Passed)
}

fn end(entry: &Entry) -> Result<(), Failure> {
    if let Some(pid) = i32::try_from(entry.pid).ok().and_then(Pid::from_raw)
        && entry.lives()
    {
        let _ = kill_process(pid, Signal::TERM);
    }
    let began = Instant::now();
    while entry.lives() {
        if began.elapsed() > LIMIT {
            return Err(Failure::fault(format!(
                "process {} still holds the stack \"{}\"",
                entry.pid, entry.name
            ))
            .hint(format!(
                "kill -9 {} ends it with all its services",
                entry.pid
            )));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    entry.withdraw();
    Ok(())
}
