//! What keeps the processes of a run together, from the least to the most that this machine permits.

use std::fmt;
use std::path::PathBuf;

/// The level in force. The guard is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Containment {
    /// The control group that holds the guard and all it starts.
    pub cgroup: Option<PathBuf>,
    /// Whether the next run will find what a killed guard has left.
    pub ledger: bool,
}

impl fmt::Display for Containment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cgroup {
            Some(_) => "guard+cgroup",
            None => "guard",
        })
    }
}
