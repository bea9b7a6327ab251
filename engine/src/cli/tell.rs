//! Bad news of the command line itself: printed to standard error, each with its place and hint.

use super::exit::Exit;
use crate::report::clean;
use scenario_stdlib::host::failure::{Failure, Kind};
use std::io::Write;

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Trouble {
    pub news: Vec<Failure>,
    pub exit: Exit,
}

impl Trouble {
    /// Prints it and says how the program ends.
    pub fn print(self) -> Exit {
        let terminal = console::Term::stderr().size_checked();
        // What stands before a line of the script takes the rest.
        let columns = terminal.map_or(clean::LINE, |(_, columns)| {
            usize::from(columns).saturating_sub(8)
        });
        let mut err = std::io::stderr().lock();
        let mut told: Vec<&Failure> = Vec::new();
        for failure in &self.news {
            // A slip in a module comes with each file that imports it.
            if told.contains(&failure) {
                continue;
            }
            told.push(failure);
            let _ = writeln!(err, "error: {}\n", clean::failure(failure, columns));
        }
        if told.len() > 1 {
            let _ = writeln!(err, "{} errors", told.len());
        }
        self.exit
    }
}

impl From<Vec<Failure>> for Trouble {
    fn from(news: Vec<Failure>) -> Self {
        let exit = news
            .iter()
            .map(|failure| match failure.kind {
                Kind::Usage => Exit::Usage,
                Kind::Fault => Exit::Fault,
                Kind::Failure => Exit::Failure,
            })
            .fold(Exit::Passed, Exit::or);
        Self { news, exit }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        vec![failure].into()
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Failure::fault(error.to_string()).into()
    }
}

/// What every command gives back.
pub type Done = Result<Exit, Trouble>;

/// Prints a line of data; a closed pipe is nobody's fault.
pub fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
