//! A claim in a running script: what `expect` was given, and what becomes of a matcher's verdict.

use rhai::{Dynamic, NativeCallContext};
use serde_json::Value;

use super::body::{Matcher, Mismatch};
use super::error::ExpectError;
use crate::host::failure::{Code, Failure};
use crate::host::json::{self, JsonError};
use crate::host::location::Location;
use crate::host::mask::Masker;
use crate::host::script::{self, Raise};
use crate::time::Time;

/// Longest value shown beside the carets.
const INLINE: usize = 60;
/// What a negated matcher's name begins with.
const NOT: &str = "not_";

/// What `expect(value)` gives: a value that waits for a claim about it.
#[derive(Clone)]
pub struct Expectation {
    subject: Dynamic,
    message: Option<String>,
}

impl Expectation {
    pub fn new(subject: Dynamic, message: Option<String>) -> Self {
        Self {
            subject: subject.flatten(),
            message,
        }
    }

    pub(super) fn subject(&self) -> &Dynamic {
        &self.subject
    }

    /// Judges the claim of the matcher that `ctx` is a call of. It gives back `true`, so that a claim can end the
    /// closure of a wait.
    pub(super) fn judge(
        &self,
        ctx: &NativeCallContext,
        matcher: impl FnOnce() -> Result<Matcher, Failure>,
    ) -> Result<bool, Raise> {
        let attempt = script::attempt(ctx)?;
        attempt.count_assertion();
        let negated = ctx.fn_name().starts_with(NOT);
        let result = matcher().and_then(|matcher| {
            let received = self.received()?;
            judge(matcher, received, negated, &attempt.world().masker)
        });
        let Err(mut failure) = result else {
            return Ok(true);
        };
        let claim = match script::call_location(ctx, attempt.sources()) {
            Some(at) => {
                let (claim, at) = quote(&at, ctx.fn_name());
                failure.location = Some(at);
                claim
            }
            None => format!("expect(…).{}(…)", ctx.fn_name()),
        };
        failure.message = failure.message.replace("{claim}", &claim);
        if let Some(message) = &self.message {
            failure.message = format!("{message}: {}", failure.message);
        }
        Err(script::fail(ctx, &attempt, failure))
    }

    fn received(&self) -> Result<Value, Failure> {
        if let Some(time) = self.subject.read_lock::<Time>() {
            return Ok(Value::String(time.to_string()));
        }
        json::to_json(&self.subject, "what `expect` was given").map_err(|error| not_json(&error))
    }
}

/// Judges the values as they are, and explains them with secrets hidden. Hiding them in the finished text would be too
/// late: an excerpt or a cut may hold half a secret, which nobody recognises.
fn judge(
    mut matcher: Matcher,
    mut received: Value,
    negated: bool,
    masker: &Masker,
) -> Result<(), Failure> {
    let verdict = matcher.judge(&received, negated);
    if verdict == Ok(Ok(())) {
        return Ok(());
    }
    masker.mask_json(&mut received);
    matcher.each_value(|value| masker.mask_json(value));
    match (matcher.judge(&received, negated), verdict) {
        (Ok(Err(mismatch)), Ok(Err(_))) => Err(from_mismatch(*mismatch)),
        (Err(error), Err(_)) => Err(from_usage(&error)),
        // Hidden, the two sides may look alike; what can be said then is that they are not.
        (_, Ok(_)) => Err(
            Failure::product(Code::Assertion, "expectation failed: `{claim}`")
                .hint("the values differ only in what is masked"),
        ),
        (_, Err(_)) => {
            Err(Failure::usage("`{claim}` cannot be judged")
                .hint("the reason lies in what is masked"))
        }
    }
}

/// An argument of a matcher as JSON.
pub(super) fn argument(value: &Dynamic) -> Result<Value, Failure> {
    json::to_json(value, "the argument").map_err(|error| not_json(&error))
}

fn not_json(error: &JsonError) -> Failure {
    let failure = Failure::usage(error.to_string());
    match error {
        JsonError::NotJson { what, .. } => match what.as_str() {
            "bytes" => failure.hint("claim something about `.len()` or `sha256(bytes)`"),
            "a closure" => failure.hint("call it first: expect(f.call())"),
            "a Time" => failure.hint("write it as text: `.to_string()`"),
            _ => failure.hint("pick the property the claim is about"),
        },
        JsonError::NotANumber { .. } | JsonError::TooDeep { .. } => failure,
    }
}

fn from_usage(error: &ExpectError) -> Failure {
    let mut failure = Failure::usage(format!("`{{claim}}` cannot be judged: {error}"));
    failure.hint = error.hint();
    failure
}

fn from_mismatch(mismatch: Mismatch) -> Failure {
    let places = mismatch.details.len() + mismatch.omitted;
    let label = match places {
        0 | 1 if mismatch.received.chars().count() <= INLINE => {
            format!("received {}", mismatch.received)
        }
        0 => String::new(),
        1 => "1 mismatch".to_string(),
        many => format!("{many} mismatches"),
    };
    let listing = mismatch.listing();
    let mut failure = Failure::product(Code::Assertion, "expectation failed: `{claim}`")
        .label(label)
        .detail("expected", mismatch.expected)
        .detail("received", mismatch.received);
    if let Some(listing) = listing {
        failure = failure.detail("mismatches", listing);
    }
    if let Some(diff) = mismatch.diff {
        failure = failure.detail("diff", diff);
    }
    failure
}

/// The claim as written, and its place. Rhai places a method call at its name; the claim begins at `expect`, where
/// that stands on the same line.
pub(crate) fn quote(at: &Location, matcher: &str) -> (String, Location) {
    let line: Vec<char> = at.text.chars().collect();
    let name = (at.column.saturating_sub(1) as usize).min(line.len());
    // Rhai's place may be the dot before the name.
    let name = (name..line.len())
        .find(|i| starts_with(&line[*i..], matcher))
        .unwrap_or(name);
    let begin = (0..=name)
        .rev()
        .find(|i| starts_with(&line[*i..], "expect("));
    let open = name + matcher.chars().count();
    let close = line
        .get(open..)
        .and_then(closing)
        .map(|length| open + length);
    let subject = match begin {
        Some(begin) => line[begin..name].iter().collect(),
        None => "expect(…).".to_string(),
    };
    let arguments = match close {
        Some(close) => line[open..close].iter().collect(),
        None => "(…)".to_string(),
    };
    let begin = begin.unwrap_or(name);
    let end = close.unwrap_or(line.len()).max(begin + 1);
    let mut place = at.clone().with_width((end - begin) as u32);
    place.column = begin as u32 + 1;
    (format!("{subject}{matcher}{arguments}"), place)
}

fn starts_with(line: &[char], word: &str) -> bool {
    let mut rest = line.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

/// How long the bracket that opens `line` is, with its closing counterpart, if that is on the line.
fn closing(line: &[char]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in line.iter().enumerate() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if *c == '\\' => escaped = true,
            Some(open) if *c == open => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '`' | '\'' => quote = Some(*c),
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ if depth == 0 => return None,
                _ => {}
            },
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(line: &str, column: u32, matcher: &str) -> (String, u32, u32) {
        let at = Location::in_source("t.rhai", line, 1, column);
        let (claim, place) = quote(&at, matcher);
        (claim, place.column, place.width)
    }

    #[test]
    fn a_claim_on_one_line_is_quoted_whole() {
        let line = r#"  expect(res.get("a)")).to_equal([1, "]"]); // done"#;
        let column = line.find("to_equal").expect("a matcher") as u32 + 1;
        let (claim, begin, width) = quoted(line, column, "to_equal");
        assert_eq!(claim, r#"expect(res.get("a)")).to_equal([1, "]"])"#);
        assert_eq!((begin, width), (3, 40));
    }

    #[test]
    fn a_claim_over_several_lines_is_shortened() {
        assert_eq!(
            quoted("    .to_match(#{", 6, "to_match"),
            ("expect(…).to_match(…)".to_string(), 6, 11)
        );
        assert_eq!(
            quoted("expect(x).to_match(#{", 11, "to_match").0,
            "expect(x).to_match(…)"
        );
        assert_eq!(quoted("", 1, "to_match").0, "expect(…).to_match(…)");
    }
}
