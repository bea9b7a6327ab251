//! What an attempt has to undo when it ends.

use super::{Attempt, lock};
use crate::host::failure::Failure;

/// What a [`Cleanup`] does.
pub type CleanupFn = Box<dyn FnOnce(&Attempt) -> Result<(), Failure> + Send>;

/// Undoes something the attempt did; runs when the phase ends, in reverse order.
pub struct Cleanup {
    pub title: String,
    pub run: CleanupFn,
}

impl Attempt {
    /// Registers what has to be undone when the phase ends, whatever happens.
    pub fn on_end(&self, cleanup: Cleanup) {
        lock(&self.shared.cleanups).push(cleanup);
    }

    /// Takes the last registered clean-up. Called by whoever runs the attempt until it answers `None`,
    /// because a clean-up may register another.
    pub fn next_cleanup(&self) -> Option<Cleanup> {
        lock(&self.shared.cleanups).pop()
    }
}
