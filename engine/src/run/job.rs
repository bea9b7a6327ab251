//! The messages between the dispatcher and those who work for it. Plain data: a worker could be another process.

use crate::model::{AttemptKey, Cause, PhaseKey, PhaseState};
use scenario_stdlib::host::failure::Failure;
use serde_json::{Map, Value};
use std::time::Duration;

/// An attempt to execute. Names the code; the worker finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub key: AttemptKey,
    /// What the phase sees of the phases it needs.
    pub state: Map<String, Value>,
    pub timeout: Duration,
    /// What the timeout is called when it runs out: "phase `prepare`", "scenario `Export`".
    pub timeout_of: String,
    pub seed: u64,
    /// Whether it is repeated if it fails: what it began is then ended first.
    pub may_be_repeated: bool,
    /// Whether it is repeated anyway should it lose what it works with.
    pub may_lose: bool,
    /// Whether it builds on the result of another phase, which must be durable first.
    pub after_another: bool,
    /// Whether it builds on results of other scenarios.
    pub after_others: bool,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub state: PhaseState,
    pub cause: Option<Cause>,
    pub took: Duration,
    pub assertions: u64,
    /// What it put on `state`, and what it took off.
    pub writes: Map<String, Value>,
    pub removed: Vec<String>,
    /// A fault or usage error among the bad news: repeating cannot help.
    pub hopeless: bool,
    /// A person wants it to be begun anew.
    pub again: bool,
    /// What it worked with is gone, and another attempt gets a new one.
    pub lost: bool,
}

impl Report {
    /// A clean-up with nothing to do.
    pub fn nothing() -> Self {
        Self {
            state: PhaseState::Passed,
            hopeless: false,
            ..Self::hopeless()
        }
    }

    /// An attempt that learnt nothing, and would not another time.
    pub fn hopeless() -> Self {
        Self {
            state: PhaseState::Defective,
            cause: None,
            took: Duration::ZERO,
            assertions: 0,
            writes: Map::new(),
            removed: Vec::new(),
            hopeless: true,
            again: false,
            lost: false,
        }
    }
}

/// A readiness poll to make.
#[derive(Clone, Debug, PartialEq)]
pub struct PollJob {
    pub phase: PhaseKey,
    pub state: Map<String, Value>,
    pub timeout: Duration,
    pub seed: u64,
    /// The time to be ready is nearly up: should it not be, the exchange behind the answer will be shown.
    pub may_be_last: bool,
}

/// What a readiness poll found.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Ready,
    NotYet {
        seen: String,
        /// The last exchange with the system under test, if it was asked for.
        exchange: Option<String>,
    },
    /// It can never be ready, or its script is wrong.
    Never(Box<Failure>),
    /// A person left the phase out.
    Skipped(String),
    /// Stopped from outside; says nothing.
    Stopped,
}
