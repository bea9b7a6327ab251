//! How the line of an event is read quickly. Serde keeps everything aside for a tag inside an object and once more for
//! keys flattened into it, which is most of the work of a resume. The kinds that a long run has thousands of are
//! therefore read from left to right, in the order in which they are written. All others are read as they are derived, and
//! so is what is not understood here: that way tells what is wrong with it.

use super::event::{Event, What};
use super::ids::{AttemptKey, PhaseKey, ScenarioId};
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::record::{Begin, End, Record};
use serde::de::value::Error as WordError;
use serde::de::{DeserializeOwned, IgnoredAny, IntoDeserializer};
use std::borrow::Cow;
use std::str::FromStr;

impl Event {
    /// The event that was written as `line`.
    pub fn read(line: &str) -> serde_json::Result<Self> {
        match (Line { rest: line }).event() {
            Some(event) => Ok(event),
            None => serde_json::from_str(line),
        }
    }
}

/// What is left to read of a line. `None` is whatever was not expected there.
struct Line<'l> {
    rest: &'l str,
}

impl<'l> Line<'l> {
    fn event(mut self) -> Option<Event> {
        self.skip(r#"{"seq":"#)?;
        let seq = self.number()?;
        self.skip(r#","at":"#)?;
        let at = self.text()?.parse().ok()?;
        self.skip(r#","event":"#)?;
        let kind = self.text()?;
        let what = self.what(&kind)?;
        (self.rest.trim_end() == "}").then_some(Event { seq, at, what })
    }

    fn what(&mut self, kind: &str) -> Option<What> {
        Some(match kind {
            "recorded" => What::Recorded {
                attempt: self.attempt()?,
                record: self.record()?,
            },
            "phase_changed" => What::PhaseChanged {
                phase: self.phase()?,
                from: self.word(r#","from":"#)?,
                to: self.word(r#","to":"#)?,
                cause: self.json_if(r#","cause":"#)?,
            },
            "attempt_started" => What::AttemptStarted {
                attempt: self.attempt()?,
                seed: self.number_of(r#","seed":"#)?,
            },
            "attempt_ended" => What::AttemptEnded {
                attempt: self.attempt()?,
                state: self.word(r#","state":"#)?,
                micros: self.number_of(r#","micros":"#)?,
                assertions: self.number_of(r#","assertions":"#)?,
                writes: self.json_if(r#","writes":"#)?.unwrap_or_default(),
                removed: self.json_if(r#","removed":"#)?.unwrap_or_default(),
            },
            "try_started" => What::TryStarted {
                scenario: self.scenario()?,
                round: self.number_of(r#","round":"#)?,
                try_number: self.number_of(r#","try":"#)?,
            },
            "try_ended" => What::TryEnded {
                scenario: self.scenario()?,
                round: self.number_of(r#","round":"#)?,
                try_number: self.number_of(r#","try":"#)?,
                outcome: self.word(r#","outcome":"#)?,
                micros: self.number_of(r#","micros":"#)?,
            },
            "scenario_planned" => What::ScenarioPlanned {
                declared: self.json_if(r#","declared":"#)??,
            },
            "scenario_ended" => What::ScenarioEnded {
                scenario: self.scenario()?,
                outcome: self.word(r#","outcome":"#)?,
                flaky: self.has(r#","flaky":true"#),
                quarantined: self.has(r#","quarantined":true"#),
                reason: self.text_if(r#","reason":"#)?,
                micros: self.number_of(r#","micros":"#)?,
                assertions: self.number_of(r#","assertions":"#)?,
            },
            _ => return None,
        })
    }

    fn record(&mut self) -> Option<Record> {
        self.skip(r#","record":"#)?;
        Some(match &*self.text()? {
            "step" => Record::Step {
                begin: self.begin()?,
                end: self.end()?,
            },
            "step_began" => Record::StepBegan(self.begin()?),
            "step_ended" => Record::StepEnded {
                step: self.number_of(r#","step":"#)?,
                end: self.end()?,
            },
            "state" => Record::State {
                key: self.text_of(r#","key":"#)?.into_owned(),
                value: self.json_if(r#","value":"#)??,
            },
            _ => return None,
        })
    }

    fn begin(&mut self) -> Option<Begin> {
        Some(Begin {
            step: self.number_of(r#","step":"#)?,
            parent: match self.has(r#","parent":"#) {
                true => Some(self.number()?),
                false => None,
            },
            kind: self.text_of(r#","kind":"#)?.into_owned(),
            title: self.text_of(r#","title":"#)?.into_owned(),
            site: self.text_if(r#","site":"#)?,
        })
    }

    fn end(&mut self) -> Option<End> {
        Some(End {
            outcome: self.word(r#","outcome":"#)?,
            micros: self.number_of(r#","micros":"#)?,
            data: self.details()?,
        })
    }

    fn attempt(&mut self) -> Option<AttemptKey> {
        Some(AttemptKey {
            phase: self.phase()?,
            attempt: self.number_of(r#","attempt":"#)?,
        })
    }

    fn phase(&mut self) -> Option<PhaseKey> {
        Some(PhaseKey {
            scenario: self.scenario()?,
            round: self.number_of(r#","round":"#)?,
            try_number: self.number_of(r#","try":"#)?,
            phase: (&*self.text_of(r#","phase":"#)?).into(),
        })
    }

    fn scenario(&mut self) -> Option<ScenarioId> {
        let id = self.text_of(r#","scenario":"#)?;
        Some(ScenarioId((&*id).into()))
    }

    /// What a step has to show, which stays as it is written.
    fn details(&mut self) -> Option<Details> {
        if !self.has(r#","data":"#) {
            return Some(Details::default());
        }
        let before = self.rest;
        self.json::<IgnoredAny>()?;
        let length = before.len() - self.rest.len();
        Some(Details::written(&before[..length]))
    }

    // ---- pieces of a line --------------------------------------------------------------------------

    fn skip(&mut self, expected: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    /// Whether `expected` is next; then it is skipped.
    fn has(&mut self, expected: &str) -> bool {
        self.skip(expected).is_some()
    }

    fn number<T: FromStr>(&mut self) -> Option<T> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        number.parse().ok()
    }

    fn number_of<T: FromStr>(&mut self, key: &str) -> Option<T> {
        self.skip(key)?;
        self.number()
    }

    fn text(&mut self) -> Option<Cow<'l, str>> {
        let inner = self.rest.strip_prefix('"')?;
        let end = inner
            .bytes()
            .position(|byte| matches!(byte, b'"' | b'\\'))?;
        if inner.as_bytes()[end] == b'\\' {
            return self.json().map(Cow::Owned);
        }
        self.rest = &inner[end + 1..];
        Some(Cow::Borrowed(&inner[..end]))
    }

    fn text_of(&mut self, key: &str) -> Option<Cow<'l, str>> {
        self.skip(key)?;
        self.text()
    }

    /// The text behind `key`, which is left out if it is empty.
    fn text_if(&mut self, key: &str) -> Option<String> {
        match self.has(key) {
            true => self.text().map(Cow::into_owned),
            false => Some(String::new()),
        }
    }

    /// One of the words of `T`.
    fn word<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let word = self.text_of(key)?;
        T::deserialize(IntoDeserializer::<WordError>::into_deserializer(&*word)).ok()
    }

    /// A value of any kind.
    fn json<T: DeserializeOwned>(&mut self) -> Option<T> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter();
        let value = values.next()?.ok()?;
        self.rest = &self.rest[values.byte_offset()..];
        Some(value)
    }

    /// The value behind `key`; within, `None` if it was left out.
    fn json_if<T: DeserializeOwned>(&mut self, key: &str) -> Option<Option<T>> {
        match self.has(key) {
            true => self.json().map(Some),
            false => Some(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::writing::Clock;
    use crate::model::{Cause, Declared, Need, Outcome, Phase, PhaseState, Terms};
    use jiff::Timestamp;
    use scenario_stdlib::host::record::StepOutcome;
    use serde_json::{Value, json};
    use std::sync::Arc;
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
            terms: Arc::new(Terms {
                tags: vec!["smoke".into()],
                ..Terms::default()
            }),
            ..Declared::new(scenario(), 7)
        };
        let begin = |parent, site: &str| Begin {
            step: 9,
            parent,
            kind: "http".into(),
            title: "GET \"/\"\u{1b}[31m".into(),
            site: site.into(),
        };
        let end = |outcome, data: Value| End {
            outcome,
            micros: 12,
            data: Details::of(&data),
        };
        let done = |outcome, data| Record::StepEnded {
            step: 9,
            end: end(outcome, data),
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
            recorded(Record::StepBegan(begin(None, ""))),
            recorded(Record::StepBegan(begin(Some(1), "a.rhai:3"))),
            recorded(done(StepOutcome::Skipped, Value::Null)),
            recorded(done(
                StepOutcome::Failed,
                json!({ "scenario": [1, -2, 2.5] }),
            )),
            recorded(Record::Step {
                begin: begin(None, ""),
                end: end(StepOutcome::Passed, Value::Null),
            }),
            recorded(Record::Step {
                begin: begin(Some(2), "a.rhai:3"),
                end: end(
                    StepOutcome::Failed,
                    json!({ "record": "step", "data": [{}] }),
                ),
            }),
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
            let read = Line { rest: &line }.event();
            assert_eq!(read.as_ref(), Some(&event), "{line}");
            let mut written = Vec::new();
            event.write(&mut written, &mut Clock::default()).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), line);
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
            let mut written = b"before".to_vec();
            event.write(&mut written, &mut Clock::default()).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), format!("before{line}"));
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
