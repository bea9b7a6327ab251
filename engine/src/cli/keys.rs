//! Keys that whoever watches a run may press: Enter for what a `manual` phase asked for, `s` for the status.

use crate::report::Screen;
use crate::report::foreground::is_foreground;
use crate::run::dispatcher::Planned;
use crate::run::notes::Notes;
use crate::run::pump::Note;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{IsTerminal, stdin};
use std::time::Duration;

/// How long a key may lie before it is seen that somebody else reads them.
const GLANCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

/// Listens if somebody is there and something may be asked for.
pub fn listen(planned: &[Planned], screen: &Screen, notes: &Notes) {
    let asks = planned
        .iter()
        .flat_map(|planned| planned.declared.phases.iter())
        .any(|phase| !phase.instruction.is_empty());
    if !(asks || screen.is_live()) || !stdin().is_terminal() {
        return;
    }
    let (notes, screen) = (notes.clone(), screen.clone());
    // Ends with the process or with what is drawn.
    let _ = std::thread::Builder::new()
        .name("keys".into())
        .spawn(move || {
            while !screen.is_over() {
                match next(&screen) {
                    Some(b'\n' | b'\r') => notes.send(Note::Enter),
                    Some(b's' | b'S') => notes.send(Note::Status),
                    Some(_) => {}
                    None => std::thread::sleep(Duration::from_millis(10)),
                }
            }
        });
}

/// The next key, if one is pressed soon and it is ours to read: a prompt may have the terminal, or another process.
fn next(screen: &Screen) -> Option<u8> {
    let input = stdin();
    if screen.is_lent() {
        std::thread::sleep(Duration::from_millis(50));
        return None;
    }
    let mut fds = [PollFd::new(&input, PollFlags::IN)];
    let ready = poll(&mut fds, Some(&GLANCE)).ok()?;
    if ready == 0 || !is_foreground(&input) || screen.is_lent() || screen.is_over() {
        return None;
    }
    let mut key = [0];
    match rustix::io::read(&input, &mut key) {
        Ok(1) => Some(key[0]),
        _ => {
            // The terminal is gone.
            std::thread::sleep(Duration::from_secs(1));
            None
        }
    }
}
