//! Ctrl-C and its kin: once to end in order, twice to end now.

use crate::run::notes::Notes;
use crate::run::pump::Note;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

/// Listens for the rest of the process's life.
pub fn listen(runtime: &Handle, notes: &Notes) {
    for (kind, name) in [
        (SignalKind::interrupt(), "Ctrl-C"),
        (SignalKind::terminate(), "SIGTERM"),
        (SignalKind::hangup(), "SIGHUP"),
    ] {
        let notes = notes.clone();
        runtime.spawn(async move {
            // Without the right to listen, the default holds: the signal ends the process.
            let Ok(mut signals) = signal(kind) else {
                return;
            };
            let mut now = false;
            while signals.recv().await.is_some() {
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
