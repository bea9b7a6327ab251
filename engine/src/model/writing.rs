//! How the line of an event is written quickly. As it is derived, each key passes through the layers that it is flattened into;
//! the kinds that a long run has thousands of are therefore written key by key. All others are written as they are derived,
//! and a test holds the two against each other, byte by byte.

use super::event::{Event, What};
use super::ids::{AttemptKey, PhaseKey};
use scenario_stdlib::host::record::Record;
use serde::Serialize;
use serde_json::Result;

impl Event {
    /// Appends the event to `out`, as one JSON object. What was appended before an error is left there.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        let before = out.len();
        let mut line = Line { out };
        if line.event(self)? {
            return Ok(());
        }
        out.truncate(before);
        serde_json::to_writer(out, self)
    }
}

struct Line<'o> {
    out: &'o mut Vec<u8>,
}

impl Line<'_> {
    /// `false`, if it is of another kind; then something is written that has to go.
    fn event(&mut self, event: &Event) -> Result<bool> {
        self.put(r#"{"seq":"#, &event.seq)?;
        self.put(r#","at":"#, &event.at)?;
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
                self.put(r#","scenario":"#, scenario)?;
                self.put(r#","round":"#, round)?;
                self.put(r#","try":"#, try_number)?;
            }
            _ => return Ok(false),
        }
        self.text("}");
        Ok(true)
    }

    fn record(&mut self, record: &Record) -> Result<bool> {
        match record {
            Record::StepBegan {
                step,
                parent,
                kind,
                title,
                at,
            } => {
                self.put(r#","record":"step_began","step":"#, step)?;
                if let Some(parent) = parent {
                    self.put(r#","parent":"#, parent)?;
                }
                self.put(r#","kind":"#, kind)?;
                self.put(r#","title":"#, title)?;
                if !at.is_empty() {
                    self.put(r#","site":"#, at)?;
                }
            }
            Record::StepEnded {
                step,
                outcome,
                micros,
                data,
            } => {
                self.put(r#","record":"step_ended","step":"#, step)?;
                self.put(r#","outcome":"#, outcome)?;
                self.put(r#","micros":"#, micros)?;
                if !data.is_null() {
                    self.put(r#","data":"#, data)?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn attempt(&mut self, key: &AttemptKey) -> Result<()> {
        self.phase(&key.phase)?;
        self.put(r#","attempt":"#, &key.attempt)
    }

    fn phase(&mut self, key: &PhaseKey) -> Result<()> {
        self.put(r#","scenario":"#, &key.scenario)?;
        self.put(r#","round":"#, &key.round)?;
        self.put(r#","try":"#, &key.try_number)?;
        self.put(r#","phase":"#, &key.phase)
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A key with the text around it, and its value.
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        self.text(key);
        serde_json::to_writer(&mut *self.out, value)
    }
}
