//! The host's end of one guarded process.

use super::error::GuardError;
use super::log::Log;
use super::outcome::{Ended, Exit};

/// A process under the guard. Clones are the same process; when the last is dropped, the process is ended in the
/// background, unless it is one to keep.
#[derive(Clone, Debug)]
pub struct Process {}

impl Process {
    /// The number of the main process.
    pub fn pid(&self) -> i32 {
        0
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        ""
    }

    /// Resolves as soon as the main process has ended and all it wrote is in the log; any number may wait.
    pub async fn exited(&self) -> Exit {
        std::future::pending().await
    }

    /// How the main process ended, if it has.
    pub fn try_exit(&self) -> Option<Exit> {
        None
    }

    /// Sends a signal to the main process, by name: `HUP`, `SIGUSR1`.
    pub async fn signal(&self, _name: &str) -> Result<(), GuardError> {
        Err(GuardError::Gone)
    }

    /// Stops (as in Ctrl-Z) the main process and all its descendants.
    pub async fn pause(&self) -> Result<(), GuardError> {
        Err(GuardError::Gone)
    }

    /// Lets them go on.
    pub async fn resume(&self) -> Result<(), GuardError> {
        Err(GuardError::Gone)
    }

    /// Ends it by its plan, with all its descendants; resolves when none is left. Asked twice, it answers the same.
    pub async fn stop(&self) -> Ended {
        std::future::pending().await
    }

    /// Ends it, with all its descendants, by KILL at once.
    pub async fn kill(&self) -> Ended {
        std::future::pending().await
    }

    /// Resolves when nothing of it is left, whoever ended it.
    pub async fn ended(&self) -> Ended {
        std::future::pending().await
    }

    /// What it wrote.
    pub fn log(&self) -> &Log {
        unreachable!("there is no process yet")
    }
}
