//! What reaches the pump, and where its events go.

use crate::model::{AttemptKey, Event, PhaseKey, View, What};
use crate::run::dispatcher::Signal;
use crate::run::job::{Answer, Report};
use crate::run::wanting::Reply;
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::scope::Owner;

/// What reaches the pump.
#[derive(Debug)]
pub enum Note {
    /// At its own time: it is taken up a little later.
    Happened(Timestamp, What),
    Ended(AttemptKey, Report),
    Polled(PhaseKey, Answer),
    /// An attempt waits for a signal of this name.
    Wants {
        key: AttemptKey,
        name: String,
        reply: Reply,
    },
    Signal(Signal),
    /// Whoever watches the run says that what a `manual` phase asked for is done.
    Enter,
    /// Somebody wants to know what is going on.
    Status,
    /// What a file or the run shared has ended.
    Closed(Owner),
    /// Every event up to this number will survive a crash.
    Durable(u64),
    /// Events can no longer be stored; the run goes on without.
    Lost(Box<Failure>),
    Interrupt {
        reason: String,
        now: bool,
    },
}

impl Note {
    /// What happened just now.
    pub fn happened(what: What) -> Self {
        Self::Happened(Timestamp::now(), what)
    }

    /// Whether something follows from it that should not wait.
    pub fn is_urgent(&self) -> bool {
        !matches!(
            self,
            Self::Happened(..) | Self::Polled(_, Answer::NotYet { .. })
        )
    }
}

/// Where events go. `store` first; once they are durable, `publish`.
pub trait Outlet {
    /// Takes events for storing; answers later with [`Note::Durable`].
    fn store(&mut self, events: &[Event]);
    /// Takes events that are durable, for views and reporters.
    fn publish(&mut self, event: &Event);
    /// Called several times a second while nothing happens.
    fn tick(&mut self);
    /// Somebody wants to know what is going on.
    fn tell_status(&mut self) {}
    /// The run as published so far.
    fn view(&self) -> &View;
}
