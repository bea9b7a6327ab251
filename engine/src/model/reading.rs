//! How the line of an event is read quickly. Serde keeps everything aside for a tag inside an object and once more for
//! keys flattened into it, which is most of the work of a resume; the kinds that a long run has thousands of are
//! therefore read with all their keys side by side. All others are read as they are derived, and so is what is not
//! understood here: that way tells what is wrong with it.

use super::declared::Declared;
use super::event::{Event, What};
use super::ids::{Name, PhaseKey, ScenarioId};
use super::outcome::{Cause, Outcome, PhaseState};
use jiff::Timestamp;
use scenario_stdlib::host::record::{Record, StepId, StepOutcome};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as WordError;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Every key of the kinds that are read here.
#[derive(Deserialize)]
struct Line<'l> {
    seq: u64,
    at: Timestamp,
    #[serde(borrow)]
    event: Cow<'l, str>,
    #[serde(borrow)]
    record: Option<Cow<'l, str>>,
    declared: Option<Arc<Declared>>,
    scenario: Option<ScenarioId>,
    round: Option<u32>,
    #[serde(rename = "try")]
    try_number: Option<u32>,
    phase: Option<Name>,
    attempt: Option<u32>,
    seed: Option<u64>,
    from: Option<PhaseState>,
    to: Option<PhaseState>,
    cause: Option<Cause>,
    state: Option<PhaseState>,
    micros: Option<u64>,
    assertions: Option<u64>,
    #[serde(default)]
    writes: Map<String, Value>,
    #[serde(default)]
    removed: Vec<String>,
    /// Of a step or of a scenario, which have different words.
    #[serde(borrow)]
    outcome: Option<Cow<'l, str>>,
    #[serde(default)]
    flaky: bool,
    #[serde(default)]
    quarantined: bool,
    #[serde(default)]
    reason: String,
    step: Option<StepId>,
    parent: Option<StepId>,
    kind: Option<String>,
    title: Option<String>,
    #[serde(default)]
    site: String,
    #[serde(default)]
    data: Value,
    key: Option<String>,
    value: Option<Value>,
}

impl Event {
    /// The event that was written as `line`.
    pub fn read(line: &str) -> serde_json::Result<Self> {
        match serde_json::from_str(line).ok().and_then(Line::event) {
            Some(event) => Ok(event),
            None => serde_json::from_str(line),
        }
    }
}

impl Line<'_> {
    /// Nothing, if it is of another kind or a key is missing.
    fn event(mut self) -> Option<Event> {
        let (seq, at) = (self.seq, self.at);
        let what = self.what()?;
        Some(Event { seq, at, what })
    }

    fn what(&mut self) -> Option<What> {
        Some(match &*self.event {
            "recorded" => What::Recorded {
                record: self.record()?,
                attempt: self.phase()?.attempt(self.attempt?),
            },
            "phase_changed" => What::PhaseChanged {
                from: self.from?,
                to: self.to?,
                cause: self.cause.take(),
                phase: self.phase()?,
            },
            "attempt_started" => What::AttemptStarted {
                seed: self.seed?,
                attempt: self.phase()?.attempt(self.attempt?),
            },
            "attempt_ended" => What::AttemptEnded {
                state: self.state?,
                micros: self.micros?,
                assertions: self.assertions?,
                writes: std::mem::take(&mut self.writes),
                removed: std::mem::take(&mut self.removed),
                attempt: self.phase()?.attempt(self.attempt?),
            },
            "try_started" => What::TryStarted {
                scenario: self.scenario.take()?,
                round: self.round?,
                try_number: self.try_number?,
            },
            "try_ended" => What::TryEnded {
                scenario: self.scenario.take()?,
                round: self.round?,
                try_number: self.try_number?,
                outcome: word(self.outcome.as_deref()?)?,
                micros: self.micros?,
            },
            "scenario_planned" => What::ScenarioPlanned {
                declared: self.declared.take()?,
            },
            "scenario_ended" => What::ScenarioEnded {
                scenario: self.scenario.take()?,
                outcome: word::<Outcome>(self.outcome.as_deref()?)?,
                flaky: self.flaky,
                quarantined: self.quarantined,
                reason: std::mem::take(&mut self.reason),
                micros: self.micros?,
                assertions: self.assertions?,
            },
            _ => return None,
        })
    }

    fn record(&mut self) -> Option<Record> {
        Some(match self.record.as_deref()? {
            "step_began" => Record::StepBegan {
                step: self.step?,
                parent: self.parent,
                kind: self.kind.take()?,
                title: self.title.take()?,
                at: std::mem::take(&mut self.site),
            },
            "step_ended" => Record::StepEnded {
                step: self.step?,
                outcome: word::<StepOutcome>(self.outcome.as_deref()?)?,
                micros: self.micros?,
                data: std::mem::take(&mut self.data),
            },
            "state" => Record::State {
                key: self.key.take()?,
                value: self.value.take(),
            },
            _ => return None,
        })
    }

    fn phase(&mut self) -> Option<PhaseKey> {
        Some(PhaseKey {
            scenario: self.scenario.take()?,
            round: self.round?,
            try_number: self.try_number?,
            phase: self.phase.take()?,
        })
    }
}

/// One of the words of `T`.
fn word<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    T::deserialize(IntoDeserializer::<WordError>::into_deserializer(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Declared, Need, Phase};
    use serde_json::json;
    use std::time::Duration;

    fn scenario() -> ScenarioId {
        ScenarioId::new("orders/a.rhai", "says \"go\"\n twice")
    }

    fn phase() -> PhaseKey {
        PhaseKey {
            scenario: scenario(),
            round: 2,
            try_number: 3,
            phase: "prepare \\ ö".into(),
        }
    }

    fn recorded(record: Record) -> What {
        let attempt = phase().attempt(4);
        What::Recorded { attempt, record }
    }

    /// One of each kind that is read quickly, with and without what may be left out.
    fn quick() -> Vec<What> {
        let mut waits = Phase::new("validate");
        waits.needs = vec![Need::of("prepare")];
        waits.every = Some(Duration::from_millis(1500));
        let declared = Declared {
            phases: Arc::new(vec![Phase::new("prepare"), waits]),
            tags: vec!["smoke".into()],
            ..Declared::new(scenario(), 7)
        };
        let step = |parent, at: &str| Record::StepBegan {
            step: 9,
            parent,
            kind: "http".into(),
            title: "GET /\u{1b}[31m".into(),
            at: at.into(),
        };
        let done = |outcome, data| Record::StepEnded {
            step: 9,
            outcome,
            micros: 12,
            data,
        };
        let wrote = |value| Record::State {
            key: "task".into(),
            value,
        };
        let changed = |cause| What::PhaseChanged {
            phase: phase(),
            from: PhaseState::Waiting,
            to: PhaseState::Skipped,
            cause,
        };
        let ended = |writes: Value, removed| What::AttemptEnded {
            attempt: phase().attempt(1),
            state: PhaseState::Passed,
            micros: 5,
            assertions: 6,
            writes: writes.as_object().cloned().unwrap_or_default(),
            removed,
        };
        let over = |flaky, reason: &str| What::ScenarioEnded {
            scenario: scenario(),
            outcome: Outcome::Parked,
            flaky,
            quarantined: flaky,
            reason: reason.into(),
            micros: 8,
            assertions: 9,
        };
        vec![
            What::ScenarioPlanned {
                declared: Arc::new(declared),
            },
            What::TryStarted {
                scenario: scenario(),
                round: 1,
                try_number: 2,
            },
            changed(None),
            changed(Some(Cause::Needs {
                phase: "prepare".into(),
                state: PhaseState::Failed,
            })),
            changed(Some(Cause::Killed)),
            What::AttemptStarted {
                attempt: phase().attempt(1),
                seed: u64::MAX,
            },
            recorded(step(None, "")),
            recorded(step(Some(1), "a.rhai:3")),
            recorded(done(StepOutcome::Skipped, Value::Null)),
            recorded(done(
                StepOutcome::Failed,
                json!({ "scenario": [1, -2, 2.5] }),
            )),
            recorded(wrote(None)),
            recorded(wrote(Some(json!({ "to": { "from": null } })))),
            ended(Value::Null, Vec::new()),
            ended(json!({ "a": "b", "event": 1 }), vec!["c".into()]),
            What::TryEnded {
                scenario: scenario(),
                round: 1,
                try_number: 2,
                outcome: Outcome::Errored,
                micros: 3,
            },
            over(false, ""),
            over(true, "the reason"),
        ]
    }

    fn line(what: What) -> (Event, String) {
        let (seq, at) = (7, Timestamp::UNIX_EPOCH);
        let event = Event { seq, at, what };
        let line = serde_json::to_string(&event).unwrap();
        (event, line)
    }

    #[test]
    fn what_is_read_quickly_is_what_was_written() {
        for what in quick() {
            let (event, line) = line(what);
            let read = serde_json::from_str(&line).ok().and_then(Line::event);
            assert_eq!(read.as_ref(), Some(&event), "{line}");
            assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
        }
    }

    #[test]
    fn all_else_is_read_as_it_is_derived() {
        let warned = What::Warned { text: "x".into() };
        let log = Record::Log {
            step: None,
            level: scenario_stdlib::host::record::Level::Warn,
            text: "y".into(),
        };
        for what in [warned, recorded(log)] {
            let (event, line) = line(what);
            assert_eq!(Event::read(&line).unwrap(), event);
        }
        let news = r#"{"seq":1,"at":"1970-01-01T00:00:00Z","event":"try_started","scenario":"a::b","round":1,"try":1,"news":[{}]}"#;
        assert!(Event::read(news).is_ok(), "a key of a later version");
    }

    #[test]
    fn what_cannot_be_read_says_what_is_wrong_with_it() {
        for (line, why) in [
            (r#"{"seq":1"#, "EOF"),
            (
                r#"{"seq":1,"at":"1970-01-01T00:00:00Z","event":"danced"}"#,
                "danced",
            ),
            (
                r#"{"seq":1,"at":"1970-01-01T00:00:00Z","event":"try_started","scenario":"a::b","round":1}"#,
                "try",
            ),
        ] {
            let error = Event::read(line).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
