//! How the line of an event is written quickly. As it is derived, each key passes through the layers that it is flattened into;
//! the kinds that a long run has thousands of are therefore written key by key. All others are written as they are derived,
//! and a test holds the two against each other, byte by byte.

use super::event::{Event, What};
use super::ids::{AttemptKey, PhaseKey, ScenarioId};
use jiff::Timestamp;
use scenario_stdlib::host::json_text;
use scenario_stdlib::host::record::{Begin, End, Record};
use serde::Serialize;
use serde::ser::Error;
use serde_json::Result;

impl Event {
    /// The event as one JSON object.
    pub fn line(&self) -> Result<String> {
        let mut out = Vec::new();
        self.write(&mut out, &mut Clock::default())?;
        String::from_utf8(out).map_err(Error::custom)
    }

    /// Appends the event to `out`, as one JSON object. What was appended before an error is left there. `clock` is best kept from
    /// one event to the next.
    pub fn write(&self, out: &mut Vec<u8>, clock: &mut Clock) -> Result<()> {
        let before = out.len();
        let mut line = Line { out, clock };
        if line.event(self)? {
            return Ok(());
        }
        out.truncate(before);
        serde_json::to_writer(out, self)
    }
}

/// Times as text: many events happen in one second, so its text is kept and only the rest of each is made.
#[derive(Debug, Default)]
pub struct Clock {
    second: i64,
    text: String,
}

impl Clock {
    fn put(&mut self, at: Timestamp, out: &mut Vec<u8>) -> Result<()> {
        let Ok(nanos) = u32::try_from(at.subsec_nanosecond()) else {
            // Before 1970 the rest counts backwards.
            return serde_json::to_writer(out, &at);
        };
        let second = at.as_second();
        if self.second != second || self.text.is_empty() {
            let whole = Timestamp::from_second(second).map_err(Error::custom)?;
            self.second = second;
            self.text = whole.to_string();
            self.text.pop();
        }
        out.push(b'"');
        out.extend_from_slice(self.text.as_bytes());
        if nanos > 0 {
            let mut rest = nanos;
            let mut digits = [0; 9];
            for digit in digits.iter_mut().rev() {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
            let zeros = digits.iter().rev().take_while(|digit| **digit == b'0');
            let kept = digits.len() - zeros.count();
            out.push(b'.');
            out.extend_from_slice(&digits[..kept]);
        }
        out.extend_from_slice(b"Z\"");
        Ok(())
    }
}

struct Line<'o> {
    out: &'o mut Vec<u8>,
    clock: &'o mut Clock,
}

impl Line<'_> {
    /// `false`, if it is of another kind; then something is written that has to go.
    fn event(&mut self, event: &Event) -> Result<bool> {
        self.put(r#"{"seq":"#, &event.seq)?;
        self.text(r#","at":"#);
        self.clock.put(event.at, self.out)?;
        match &event.what {
            What::Recorded { attempt, record } => {
                self.text(r#","event":"recorded""#);
                self.attempt(attempt)?;
                if !self.record(record)? {
                    return Ok(false);
                }
            }
            What::PhaseChanged {
                phase,
                from,
                to,
                cause: None,
            } => {
                self.text(r#","event":"phase_changed""#);
                self.phase(phase)?;
                self.put(r#","from":"#, from)?;
                self.put(r#","to":"#, to)?;
            }
            What::AttemptStarted { attempt, seed } => {
                self.text(r#","event":"attempt_started""#);
                self.attempt(attempt)?;
                self.put(r#","seed":"#, seed)?;
            }
            What::AttemptEnded {
                attempt,
                state,
                micros,
                assertions,
                writes,
                removed,
            } => {
                self.text(r#","event":"attempt_ended""#);
                self.attempt(attempt)?;
                self.put(r#","state":"#, state)?;
                self.put(r#","micros":"#, micros)?;
                self.put(r#","assertions":"#, assertions)?;
                if !writes.is_empty() {
                    self.put(r#","writes":"#, writes)?;
                }
                if !removed.is_empty() {
                    self.put(r#","removed":"#, removed)?;
                }
            }
            What::TryStarted {
                scenario,
                round,
                try_number,
            } => {
                self.text(r#","event":"try_started""#);
                self.one_try(scenario, *round, *try_number)?;
            }
            What::TryEnded {
                scenario,
                round,
                try_number,
                outcome,
                micros,
            } => {
                self.text(r#","event":"try_ended""#);
                self.one_try(scenario, *round, *try_number)?;
                self.put(r#","outcome":"#, outcome)?;
                self.put(r#","micros":"#, micros)?;
            }
            What::ScenarioPlanned { declared } => {
                self.text(r#","event":"scenario_planned""#);
                self.put(r#","declared":"#, declared)?;
            }
            What::ScenarioEnded {
                scenario,
                outcome,
                flaky,
                quarantined,
                reason,
                micros,
                assertions,
            } => {
                self.text(r#","event":"scenario_ended""#);
                self.string(r#","scenario":"#, &scenario.0);
                self.put(r#","outcome":"#, outcome)?;
                if *flaky {
                    self.text(r#","flaky":true"#);
                }
                if *quarantined {
                    self.text(r#","quarantined":true"#);
                }
                if !reason.is_empty() {
                    self.string(r#","reason":"#, reason);
                }
                self.put(r#","micros":"#, micros)?;
                self.put(r#","assertions":"#, assertions)?;
            }
            _ => return Ok(false),
        }
        self.text("}");
        Ok(true)
    }

    fn record(&mut self, record: &Record) -> Result<bool> {
        match record {
            Record::StepBegan(begin) => {
                self.text(r#","record":"step_began""#);
                self.begin(begin)?;
            }
            Record::StepEnded { step, end } => {
                self.put(r#","record":"step_ended","step":"#, step)?;
                self.end(end)?;
            }
            Record::Step { begin, end } => {
                self.text(r#","record":"step""#);
                self.begin(begin)?;
                self.end(end)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn begin(&mut self, begin: &Begin) -> Result<()> {
        self.put(r#","step":"#, &begin.step)?;
        if let Some(parent) = &begin.parent {
            self.put(r#","parent":"#, parent)?;
        }
        self.string(r#","kind":"#, &begin.kind);
        self.string(r#","title":"#, &begin.title);
        if !begin.site.is_empty() {
            self.string(r#","site":"#, &begin.site);
        }
        Ok(())
    }

    fn end(&mut self, end: &End) -> Result<()> {
        self.put(r#","outcome":"#, &end.outcome)?;
        self.put(r#","micros":"#, &end.micros)?;
        if let Some(data) = end.data.text() {
            self.text(r#","data":"#);
            self.text(data);
        }
        Ok(())
    }

    fn attempt(&mut self, key: &AttemptKey) -> Result<()> {
        self.phase(&key.phase)?;
        self.put(r#","attempt":"#, &key.attempt)
    }

    fn phase(&mut self, key: &PhaseKey) -> Result<()> {
        self.one_try(&key.scenario, key.round, key.try_number)?;
        self.string(r#","phase":"#, &key.phase);
        Ok(())
    }

    fn one_try(&mut self, scenario: &ScenarioId, round: u32, try_number: u32) -> Result<()> {
        self.string(r#","scenario":"#, &scenario.0);
        self.put(r#","round":"#, &round)?;
        self.put(r#","try":"#, &try_number)
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A key with the text around it, and its text.
    fn string(&mut self, key: &str, value: &str) {
        self.text(key);
        json_text::string(value, self.out);
    }

    /// A key with the text around it, and its value.
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        self.text(key);
        serde_json::to_writer(&mut *self.out, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_they_are_derived() {
        let mut clock = Clock::default();
        for (second, nanos) in [
            (0, 0),
            (0, 1),
            (1_800_000_000, 120_000_000),
            (1_800_000_000, 123_456_789),
            (1_800_000_000, 999_999_999),
            (1_800_000_001, 0),
            (1_799_999_999, 5_000),
            (-1, 0),
            (-1, -500_000_000),
            (0, 0),
            (253_402_207_200, 999_999_999),
        ] {
            let at = Timestamp::new(second, nanos).unwrap();
            let mut written = Vec::new();
            clock.put(at, &mut written).unwrap();
            let derived = serde_json::to_string(&at).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), derived);
        }
    }
}
