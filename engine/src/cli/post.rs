//! Signals that others leave in the store while a run goes on.

use crate::model::RunId;
use crate::run::dispatcher::Signal;
use crate::run::notes::Notes;
use crate::run::pump::Note;
use crate::store::{Home, Store};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How often it is looked for new ones.
const EVERY: Duration = Duration::from_millis(250);

/// Looks for signals until it is dropped.
pub struct Post {
    _stop: Sender<()>,
}

/// Takes signals to `run` as they come, and those that came before. A run that is over sooner than the first look never opens the
/// store for it.
pub fn listen(home: &Home, run: &RunId, notes: &Notes) -> Post {
    let (stop, stopped) = channel();
    let (home, run, notes) = (home.clone(), run.clone(), notes.clone());
    // Without a thread for it no signal arrives; the run itself does not depend on it.
    let _ = std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let mut store = None;
            let mut after = 0;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(EVERY) {
                if store.is_none() {
                    store = Store::open_existing(&home).ok();
                }
                let Some(Ok(sent)) = store.as_ref().map(|store| store.signals(&run, after)) else {
                    continue;
                };
                for signal in sent {
                    after = signal.number;
                    notes.send(Note::Signal(Signal {
                        number: signal.number,
                        name: signal.name,
                        scenario: signal.scenario,
                        data: signal.data,
                    }));
                }
            }
        });
    Post { _stop: stop }
}
