//! Everything that happens in a run, in order. The stream is the single truth: it is stored first, and views,
//! reports and history are folded from it. A file format: versioned, small values only.

use super::declared::Declared;
use super::ids::{AttemptKey, PhaseKey, RunId, ScenarioId};
use super::outcome::{Cause, Outcome, PhaseState};
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::Record;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Grows when a reader of the former version would misread the stream.
pub const VERSION: u32 = 2;

/// What is observed of a phase with `during` while it holds.
pub const HOLDS: &str = "holds";

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Position in the run's stream, from 1, without gaps.
    pub seq: u64,
    /// Wall-clock time; durations are measured by a steady clock and stand in the events.
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    RunStarted(RunStarted),
    /// Follows the start, once a scenario.
    ScenarioPlanned {
        declared: Arc<Declared>,
    },
    /// Known but not chosen; named so that nothing is left out silently.
    ScenarioNotSelected {
        scenario: ScenarioId,
        reason: String,
    },
    /// Another process goes on with a run that was parked or killed.
    RunResumed(RunResumed),
    /// A parked or killed scenario goes on where it was.
    ScenarioResumed {
        scenario: ScenarioId,
    },
    /// A message from outside reached a scenario, which consumes it.
    Signalled {
        scenario: ScenarioId,
        name: String,
        data: serde_json::Value,
        /// Its number in the store: nobody consumes it twice.
        signal: u64,
    },
    /// A person changed the state of a try.
    StateMended {
        #[serde(flatten)]
        phase: PhaseKey,
        key: String,
        value: Option<serde_json::Value>,
    },
    TryStarted {
        scenario: ScenarioId,
        round: u32,
        #[serde(rename = "try")]
        try_number: u32,
    },
    /// A phase changed its state.
    PhaseChanged {
        #[serde(flatten)]
        phase: PhaseKey,
        from: PhaseState,
        to: PhaseState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
    },
    AttemptStarted {
        #[serde(flatten)]
        attempt: AttemptKey,
        seed: u64,
    },
    /// An entry of an attempt's own account.
    Recorded {
        #[serde(flatten)]
        attempt: AttemptKey,
        #[serde(flatten)]
        record: Record,
    },
    AttemptEnded {
        #[serde(flatten)]
        attempt: AttemptKey,
        state: PhaseState,
        micros: u64,
        assertions: u64,
        /// What the attempt wrote to `state`, kept if it passed.
        #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
        writes: serde_json::Map<String, serde_json::Value>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<String>,
    },
    /// A waiting phase was seen in a new condition; equal sightings are counted, not repeated.
    Observed {
        #[serde(flatten)]
        phase: PhaseKey,
        seen: String,
        polls: u64,
    },
    /// Bad news about a phase outside any attempt, such as a wait that ran out.
    PhaseFailed {
        #[serde(flatten)]
        phase: PhaseKey,
        failure: Box<Failure>,
    },
    TryEnded {
        scenario: ScenarioId,
        round: u32,
        #[serde(rename = "try")]
        try_number: u32,
        outcome: Outcome,
        micros: u64,
    },
    ScenarioEnded {
        scenario: ScenarioId,
        outcome: Outcome,
        /// Passed after a failed try or attempt.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        flaky: bool,
        /// In quarantine and not expired: does not gate.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        quarantined: bool,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        micros: u64,
        assertions: u64,
    },
    /// A person or a limit asked the run to end.
    Interrupted {
        reason: String,
        now: bool,
    },
    /// Something the reader of the report should know; not tied to an attempt.
    Warned {
        text: String,
    },
    /// Something was kept of what the scenarios of a file shared, or, without a file, all of them.
    Shared {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        file: String,
        #[serde(flatten)]
        record: Record,
    },
    RunEnded {
        exit: u8,
        micros: u64,
        /// How many secret values were hidden in this stream.
        #[serde(default)]
        masked: u64,
        /// In what, such as `logs`, and how many.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        masked_in: BTreeMap<String, u64>,
    },
}

/// How a run began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStarted {
    pub version: u32,
    pub run: RunId,
    /// Version of the program that wrote it.
    pub program: String,
    /// The command line as typed.
    pub args: Vec<String>,
    pub profile: String,
    #[serde(default)]
    pub base_url: Option<String>,
    /// `--var` and profile variables; secrets are masked as everywhere.
    #[serde(default)]
    pub vars: BTreeMap<String, serde_json::Value>,
    pub seed: u64,
    pub jobs: usize,
    pub scenarios: usize,
    pub pid: u32,
    pub host: String,
}

/// Who goes on with a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunResumed {
    /// Version of the program.
    pub program: String,
    /// The command line as typed.
    pub args: Vec<String>,
    #[serde(default)]
    pub base_url: Option<String>,
    pub jobs: usize,
    pub pid: u32,
    pub host: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario_stdlib::host::record::Begin;

    #[test]
    fn an_event_survives_a_round_trip_as_one_flat_line() {
        let phase = PhaseKey {
            scenario: ScenarioId::new("a.rhai", "b"),
            round: 1,
            try_number: 2,
            phase: "prepare".into(),
        };
        let event = Event {
            seq: 7,
            at: Timestamp::UNIX_EPOCH,
            what: What::Recorded {
                attempt: phase.attempt(3),
                record: Record::State {
                    key: "task".into(),
                    value: Some(42.into()),
                },
            },
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(
            line,
            r#"{"seq":7,"at":"1970-01-01T00:00:00Z","event":"recorded","scenario":"a.rhai::b","round":1,"try":2,"phase":"prepare","attempt":3,"record":"state","key":"task","value":42}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }

    #[test]
    fn a_step_says_when_and_where_it_began() {
        let phase = PhaseKey {
            scenario: ScenarioId::new("a.rhai", "b"),
            round: 1,
            try_number: 1,
            phase: "b".into(),
        };
        let event = Event {
            seq: 8,
            at: Timestamp::UNIX_EPOCH,
            what: What::Recorded {
                attempt: phase.attempt(1),
                record: Record::StepBegan(Begin {
                    step: 1,
                    parent: None,
                    kind: "http".into(),
                    title: "GET /".into(),
                    site: "a.rhai:3".into(),
                }),
            },
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
