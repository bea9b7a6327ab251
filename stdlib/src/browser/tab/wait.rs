//! Waiting for something to become true of a page. Woken by its events; nobody polls.

use super::super::error::TabError;
use super::super::host::lock;
use super::Tab;
use super::state::State;
use std::time::{Duration, Instant};

/// What a look at the state says.
pub enum Look<T> {
    Yes(T),
    /// Look again when something happens.
    NotYet,
    /// Look again then, too.
    At(Instant),
}

impl Tab {
    /// Why nothing can be asked of it any more, if so.
    pub(in super::super) fn check(&self) -> Result<(), TabError> {
        let state = lock(&self.state);
        if let Some(cause) = self.host.fate() {
            return Err(TabError::Gone(cause));
        }
        if state.is_closed {
            return Err(TabError::Closed);
        }
        if state.is_crashed {
            return Err(TabError::Crashed);
        }
        match state.dialogs.storm() {
            Some((count, last)) => Err(TabError::Dialogs { count, last }),
            None => Ok(()),
        }
    }

    /// Resolves when nothing can be asked of it any more.
    pub(super) async fn lost(&self) -> TabError {
        let mut changed = self.changed.subscribe();
        loop {
            if let Err(error) = self.check() {
                return error;
            }
            tokio::select! {
                _ = changed.changed() => {}
                cause = self.host.ended() => return TabError::Gone(cause),
            }
        }
    }

    /// Resolves when another main document is there than the first `count`.
    pub(in super::super) async fn next_document(&self, count: usize) {
        let mut changed = self.changed.subscribe();
        while self.documents() <= count && changed.changed().await.is_ok() {}
    }

    /// Waits until `look` says yes, for as long as `limit`; `what` did not happen then.
    pub(in super::super) async fn until<T>(
        &self,
        what: &str,
        limit: Duration,
        mut look: impl FnMut(&State) -> Look<T>,
    ) -> Result<T, TabError> {
        let mut changed = self.changed.subscribe();
        let end = Instant::now() + limit;
        loop {
            let next = match look(&lock(&self.state)) {
                Look::Yes(found) => return Ok(found),
                Look::NotYet => end,
                Look::At(at) => at.min(end),
            };
            self.check()?;
            if Instant::now() >= end {
                return Err(TabError::Late {
                    what: what.to_owned(),
                    limit,
                });
            }
            tokio::select! {
                _ = changed.changed() => {}
                () = tokio::time::sleep_until(next.into()) => {}
                cause = self.host.ended() => return Err(TabError::Gone(cause)),
            }
        }
    }
}
