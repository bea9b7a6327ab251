//! Names of traces and spans, so that what the system under test did can be found beside what a scenario did. They are
//! derived from where a step stands in its run: nobody has to hand them on or store them. Trace Context, level 1.

use super::attempt::Attempt;
use super::record::StepId;
use sha2::{Digest, Sha256};
use std::fmt;

/// The trace of one try of a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId([u8; 16]);

/// Something within a trace that took time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanId([u8; 8]);

/// The trace of a try.
pub fn trace(run: &str, scenario: &str, round: u32, try_number: u32) -> TraceId {
    let mut id = [0; 16];
    id.copy_from_slice(
        &digest(&[run, scenario, &round.to_string(), &try_number.to_string()])[..16],
    );
    TraceId(id)
}

impl TraceId {
    /// The span of the whole try.
    pub fn root(self) -> SpanId {
        self.span(&["try"])
    }

    /// The span of a phase.
    pub fn phase(self, phase: &str) -> SpanId {
        self.span(&["phase", phase])
    }

    /// The span of an attempt.
    pub fn attempt(self, phase: &str, attempt: u32) -> SpanId {
        self.span(&["attempt", phase, &attempt.to_string()])
    }

    /// The span of a step.
    pub fn step(self, phase: &str, attempt: u32, step: StepId) -> SpanId {
        self.span(&["step", phase, &attempt.to_string(), &step.to_string()])
    }

    fn span(self, words: &[&str]) -> SpanId {
        let trace = self.to_string();
        let mut all = vec![trace.as_str()];
        all.extend(words);
        let mut id = [0; 8];
        id.copy_from_slice(&digest(&all)[..8]);
        SpanId(id)
    }
}

/// Words keep their borders: `ab c` is another name than `a bc`.
fn digest(words: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for word in words {
        hash.update((word.len() as u64).to_le_bytes());
        hash.update(word.as_bytes());
    }
    hash.finalize().into()
}

/// The header that makes what a request causes part of the trace; below the step if there is one.
pub fn parent(attempt: &Attempt, step: Option<StepId>) -> String {
    let who = attempt.identity();
    let trace = trace(
        &attempt.world().run_id,
        &who.scenario,
        who.round,
        who.try_number,
    );
    let span = match step {
        Some(step) => trace.step(&who.phase, who.attempt, step),
        None => trace.attempt(&who.phase, who.attempt),
    };
    format!("00-{trace}-{span}-01")
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

/// In one piece: every request and every poll has its header, and formatting numbers would be a tenth of a poll.
fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
    let mut text = [0; 32];
    for (place, byte) in bytes.iter().enumerate() {
        text[2 * place] = digit(byte >> 4);
        text[2 * place + 1] = digit(byte & 15);
    }
    let text = str::from_utf8(&text[..2 * bytes.len()]);
    f.write_str(text.map_err(|_| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_every_process_and_differ_in_every_place() {
        let first = trace("r1", "a.rhai::b", 1, 1);
        assert_eq!(first, trace("r1", "a.rhai::b", 1, 1));
        assert_eq!(first.to_string().len(), 32);
        assert_eq!(
            SpanId([0, 1, 15, 16, 171, 205, 239, 255]).to_string(),
            "00010f10abcdefff"
        );
        let others = [
            trace("r2", "a.rhai::b", 1, 1),
            trace("r1", "a.rhai::c", 1, 1),
            trace("r1", "a.rhai::b", 2, 1),
            trace("r1", "a.rhai::b", 1, 2),
        ];
        assert!(others.iter().all(|other| *other != first));
        let spans = [
            first.root(),
            first.phase("a"),
            first.attempt("a", 1),
            first.attempt("a", 2),
            first.step("a", 1, 1),
            first.step("a", 1, 11),
            first.step("a", 11, 1),
        ];
        for (place, span) in spans.iter().enumerate() {
            assert_eq!(span.to_string().len(), 16);
            assert!(!spans[..place].contains(span));
        }
    }
}
