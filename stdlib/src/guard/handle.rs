//! The host's end of the guard.

use super::error::GuardError;
use super::process::Process;
use super::spawn::Spawn;
use crate::host::world::World;
use std::path::Path;
use std::sync::Arc;

/// The guard of this process. Dropping it, or dying, ends everything it started.
#[derive(Debug)]
pub struct Guard {}

impl Guard {
    /// The guard of this run, started on first need.
    pub fn of(_world: &World) -> Result<Arc<Self>, GuardError> {
        Err(GuardError::Gone)
    }

    /// Starts a process. Answers once it executes; fails when it cannot. Must be awaited inside the runtime.
    pub async fn spawn(&self, _spawn: Spawn) -> Result<Process, GuardError> {
        Err(GuardError::Gone)
    }

    /// Has a directory removed, with all in it, when the run is over, also when it was killed.
    pub fn remove_on_end(&self, _path: &Path) -> Result<(), GuardError> {
        Err(GuardError::Gone)
    }

    /// Takes [`Guard::remove_on_end`] back.
    pub fn keep(&self, _path: &Path) -> Result<(), GuardError> {
        Err(GuardError::Gone)
    }

    /// Ends everything in order and waits until nothing is left.
    pub async fn finish(&self) {}
}
