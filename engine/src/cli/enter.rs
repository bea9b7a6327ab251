//! The Enter key, for whoever watches a run and has just done what a `manual` phase asked for.

use crate::run::dispatcher::Planned;
use crate::run::notes::Notes;
use crate::run::pump::Note;
use std::io::{IsTerminal, stdin};

/// Listens if somebody is there and a scenario may ask for something.
pub fn listen(planned: &[Planned], notes: &Notes) {
    let asks = planned
        .iter()
        .flat_map(|planned| planned.declared.phases.iter())
        .any(|phase| !phase.instruction.is_empty());
    if !asks || !stdin().is_terminal() {
        return;
    }
    let notes = notes.clone();
    // Ends with the process: a read from a terminal cannot be called off.
    let _ = std::thread::Builder::new()
        .name("enter".into())
        .spawn(move || {
            let mut line = String::new();
            while stdin().read_line(&mut line).is_ok_and(|read| read > 0) {
                notes.send(Note::Enter);
                line.clear();
            }
        });
}
