//! Ctrl-C and its kin: once to end in order, twice to end now.

use crate::run::notes::Notes;
use crate::run::pump::Note;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

/// Listens for the rest of the process's life. `is_elsewhere`: the first signal is meant for somebody at a prompt.
pub fn listen(
    runtime: &Handle,
    notes: &Notes,
    is_elsewhere: impl Fn() -> bool + Clone + Send + 'static,
) {
    status_on_request(runtime, notes);
    for (kind, name) in [
        (SignalKind::interrupt(), "Ctrl-C"),
        (SignalKind::terminate(), "SIGTERM"),
        (SignalKind::hangup(), "SIGHUP"),
    ] {
        let notes = notes.clone();
        let is_elsewhere = is_elsewhere.clone();
        runtime.spawn(async move {
            // Without the right to listen, the default holds: the signal ends the process.
            let Ok(mut signals) = signal(kind) else {
                return;
            };
            let mut now = false;
            while signals.recv().await.is_some() {
                if kind == SignalKind::interrupt() && is_elsewhere() {
                    continue;
                }
                let note = Note::Interrupt {
                    reason: name.to_owned(),
                    now,
                };
                notes.send(note);
                now = true;
            }
        });
    }
}

/// SIGUSR1 asks what is going on.
fn status_on_request(runtime: &Handle, notes: &Notes) {
    let notes = notes.clone();
    runtime.spawn(async move {
        let Ok(mut signals) = signal(SignalKind::user_defined1()) else {
            return;
        };
        while signals.recv().await.is_some() {
            notes.send(Note::Status);
        }
    });
}
