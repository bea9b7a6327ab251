//! What keeps the processes of a run together, from the least to the most that this machine permits.

use std::fmt;
use std::path::PathBuf;

/// The variable that asks for less: `guard` does without the control group.
pub const LEVEL: &str = "SCENARIO_CONTAINMENT";

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

impl Containment {
    /// What holds at this level when host, guard and keepers are all killed at once, the one case in which it matters.
    pub fn explain(&self) -> &'static str {
        match (&self.cgroup, self.ledger) {
            (Some(_), true) => {
                "killed all at once, what they leave is ended by the next run, found by its control group and its environment"
            }
            (None, true) => {
                "killed all at once, what they leave is ended by the next run, found by its environment; no control group of \
                 version 2 can be made here, which would find what has emptied its environment, too"
            }
            (_, false) => {
                "killed all at once, what they leave is not found by the next run: there is no ledger, since neither \
                 XDG_RUNTIME_DIR nor the temporary directory can be used"
            }
        }
    }
}
