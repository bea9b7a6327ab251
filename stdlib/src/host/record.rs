//! What an attempt tells about itself. These records are a file format: the engine wraps them into
//! its events and stores them.

use super::details::Details;
use super::failure::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The media type of what a service wrote, kept line by line: `{"at": microseconds since 1970, "err": bool, "text": …}`.
pub const SERVICE_LINES: &str = "application/vnd.scenario.service-log+jsonl";

/// A step, numbered within its attempt from 1.
pub type StepId = u32;

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    Passed,
    Failed,
    Skipped,
}

/// How a step begins: one primitive call, or a `step("title", || …)` block around several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begin {
    pub step: StepId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<StepId>,
    /// The primitive: `http`, `step`, `wait_until`, …
    pub kind: String,
    pub title: String,
    /// `file:line` of the call; empty if no script asked for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
}

/// How a step ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    pub outcome: StepOutcome,
    pub micros: u64,
    /// What its primitive has to show, such as an HTTP exchange.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub data: Details,
}

/// One entry in the account an attempt gives of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    StepBegan(Begin),
    StepEnded {
        step: StepId,
        #[serde(flatten)]
        end: End,
    },
    /// A step that began and ended with nothing to tell in between, as most do: both in one, at the time it began.
    Step {
        #[serde(flatten)]
        begin: Begin,
        #[serde(flatten)]
        end: End,
    },
    /// Bad news, once, where it arose. `verify` marks it soft.
    Failed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        failure: Box<Failure>,
    },
    /// The script wrote `state.key`; `None` removed it.
    State {
        key: String,
        value: Option<Value>,
    },
    /// `log(..)`, `print(..)`, or a warning of the host.
    Log {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        level: Level,
        text: String,
    },
    /// A file kept with the run; `path` is relative to the run's directory.
    Attached {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        name: String,
        path: String,
        media_type: String,
        bytes: u64,
    },
    /// Something happened to a service. Beside the steps, since a service outlives them: these may come after the attempt
    /// that started it has ended.
    Service {
        name: String,
        what: ServiceNews,
        #[serde(default, skip_serializing_if = "Details::is_empty")]
        data: Details,
    },
    /// Lines a service wrote. Recorded only when somebody looks on; all of it is in the log file.
    Output {
        service: String,
        /// Written to standard error.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        error: bool,
        text: String,
    },
    /// A wait saw something else than before.
    Observed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<StepId>,
        seen: String,
        polls: u64,
    },
}

/// What happened to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceNews {
    Started,
    Ready,
    /// It had ended by itself and was started again.
    Restarted,
    /// It ended by itself.
    Exited,
    /// It was ended.
    Stopped,
    /// Processes of it were left, and ended.
    Escaped,
    /// Its directory stays.
    Kept,
}

/// How loud a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Debug,
    Info,
    Warn,
}
