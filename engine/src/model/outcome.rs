//! The states of a phase and the ends of a scenario.

use serde::{Deserialize, Serialize};

/// Where a phase stands. The last five are terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseState {
    /// Its needs are not met yet.
    #[default]
    Pending,
    /// Its needs are met, but it is not ready: polled, without holding anything.
    Waiting,
    Executing,
    Passed,
    /// The product is wrong.
    Failed,
    Skipped,
    /// Ended from outside while executing.
    Aborted,
    /// Its time ran out, or the harness or machine is wrong.
    Defective,
}

impl PhaseState {
    /// All of them, in order of a life.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Waiting,
        Self::Executing,
        Self::Passed,
        Self::Failed,
        Self::Skipped,
        Self::Aborted,
        Self::Defective,
    ];

    /// The five that end a phase.
    pub const TERMINAL: [Self; 5] = [
        Self::Passed,
        Self::Failed,
        Self::Skipped,
        Self::Aborted,
        Self::Defective,
    ];

    /// Whether nothing more happens to a phase in this state.
    pub fn is_terminal(self) -> bool {
        Self::TERMINAL.contains(&self)
    }

    /// The word scripts and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Executing => "executing",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Aborted => "aborted",
            Self::Defective => "defective",
        }
    }

    /// The state a script means by `name`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Why a phase came into its state, where that needs saying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// The script called `skip`.
    Script { reason: String },
    /// A need can no longer be met.
    Needs { phase: String, state: PhaseState },
    /// A condition of the declaration: `skip`, `skip_in`, `requires`.
    Condition { reason: String },
    /// `stop_when` ended it.
    Stopped { phase: String, state: PhaseState },
    /// The run was interrupted or stopped early.
    Interrupted { reason: String },
    /// A failed attempt is repeated.
    Retry { attempt: u32 },
    /// The process that executed it is gone; it is executed again.
    Killed,
    /// The message it waited for arrived.
    Signal { name: String },
}

/// How a scenario ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    Failed,
    /// A fault, a timeout, or a usage error: nothing was learnt about the product.
    Errored,
    Skipped,
    Interrupted,
    /// The run ended while a phase was still waiting, on purpose.
    Parked,
}

impl Outcome {
    /// The word reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
            Self::Parked => "parked",
        }
    }

    /// Whether someone has to look at it.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Errored | Self::Interrupted)
    }
}
