//! Ctrl-C and its kin: once to end in order, twice to end now.

use crate::run::notes::Notes;
use crate::run::pump::Note;
use nix::unistd::{getpid, getsid};
use scenario_stdlib::host::pace;
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for the rest of the process's life. `is_elsewhere`: the first signal is meant for somebody at a prompt.
pub fn listen(
    runtime: &Handle,
    notes: &Notes,
    is_elsewhere: impl Fn() -> bool + Clone + Send + 'static,
) {
    status_on_request(runtime, notes);
    stop_on_request(runtime);
    for (kind, name) in [
        (SignalKind::interrupt(), "Ctrl-C"),
        (SignalKind::terminate(), "SIGTERM"),
        (SignalKind::hangup(), "SIGHUP"),
    ] {
        // Without the right to listen, the default holds: the signal ends the process.
        let Some(mut signals) = arrivals(runtime, kind) else {
            continue;
        };
        let notes = notes.clone();
        let is_elsewhere = is_elsewhere.clone();
        runtime.spawn(async move {
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
    let Some(mut signals) = arrivals(runtime, SignalKind::user_defined1()) else {
        return;
    };
    let notes = notes.clone();
    runtime.spawn(async move {
        while signals.recv().await.is_some() {
            notes.send(Note::Status);
        }
    });
}

/// Ctrl-Z stops the program, and the time of all its limits with it. Services go on: they are in sessions of their own.
fn stop_on_request(runtime: &Handle) {
    // Nobody could let the first process of a session go on again. Asked of nix: in a container the session may be one of
    // outside, of number 0, for which rustix has no word.
    if getsid(None).is_ok_and(|session| session == getpid()) {
        return;
    }
    let kind = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
    let Some(mut signals) = arrivals(runtime, kind) else {
        return;
    };
    runtime.spawn(async move {
        while signals.recv().await.is_some() {
            pace::stop();
        }
    });
}

/// Signals of this kind, from now on: what arrives before somebody waits for it counts, too.
pub fn arrivals(runtime: &Handle, kind: SignalKind) -> Option<Signal> {
    let _entered = runtime.enter();
    signal(kind).ok()
}
