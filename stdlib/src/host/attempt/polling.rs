//! Polls, and what is known of the last exchange when one of them fails.

use super::{Attempt, lock};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Builds the text of the last exchange only if someone will read it.
pub type Evidence = Arc<dyn Fn() -> String + Send + Sync>;

impl Attempt {
    /// Runs `body` as one poll: bad news inside it is not latched and its steps are not recorded,
    /// because a poll that fails only means *not yet*.
    pub fn polled<T>(&self, body: impl FnOnce() -> T) -> T {
        *lock(&self.lane.trouble) = None;
        self.lane.polling.fetch_add(1, Ordering::Relaxed);
        let result = body();
        self.lane.polling.fetch_sub(1, Ordering::Relaxed);
        result
    }

    /// Runs `body` as part of a soft claim: expectations that do not hold in it are kept as soft.
    pub fn softly<T>(&self, body: impl FnOnce() -> T) -> T {
        self.lane.softening.fetch_add(1, Ordering::Relaxed);
        let result = body();
        self.lane.softening.fetch_sub(1, Ordering::Relaxed);
        result
    }

    /// Whether this is inside a poll.
    pub fn is_polling(&self) -> bool {
        self.lane.polling.load(Ordering::Relaxed) > 0
    }

    /// Remembers that the last exchange was one that means *not yet* in a poll: no answer, 404, 5xx, an empty
    /// body. `None` clears it. A missing property after such an exchange means *not yet* too.
    pub fn set_trouble(&self, trouble: Option<String>) {
        *lock(&self.lane.trouble) = trouble;
    }

    /// What was wrong with the last exchange, see [`Attempt::set_trouble`].
    pub fn trouble(&self) -> Option<String> {
        lock(&self.lane.trouble).clone()
    }

    /// Remembers how to show the last exchange with the system under test, for the failure that may follow.
    pub fn set_evidence(&self, evidence: Evidence) {
        *lock(&self.lane.evidence) = Some(evidence);
    }

    /// Forgets the last exchange: the failure that follows tells its own.
    pub fn forget_evidence(&self) {
        *lock(&self.lane.evidence) = None;
    }

    /// The last exchange with the system under test, in full.
    pub fn last_exchange(&self) -> Option<String> {
        let evidence = lock(&self.lane.evidence).clone();
        evidence.map(|evidence| evidence())
    }
}
