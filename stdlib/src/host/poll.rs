//! What one poll of a condition means: done, not yet, or never. Shared by all that waits.

use super::attempt::Attempt;
use super::clock::Stop;
use super::failure::{Code, Failure, Kind};
use super::json;
use super::script::{self, Meaning, Raise};
use rhai::{Array, Dynamic, EvalAltResult, ImmutableString, Map};

/// The answer of one poll.
#[derive(Debug)]
pub enum Poll {
    /// The condition holds; its value.
    Done(Dynamic),
    /// It does not hold yet; what was seen, in a few words.
    NotYet(String),
    /// It can never hold, or the script is wrong: the wait ends now.
    Never(Box<Failure>),
    /// The attempt, or a limit around this wait, was stopped.
    Stopped(Stop),
}

/// Calls `condition` once and reads its answer by the rules all waits share: transport errors, 404, 5xx, empty bodies
/// and failed assertions mean *not yet*; so does a missing property when the exchange before it was such a one.
/// Unknown names, wrong types and other missing properties end the wait at once, and so does `give_up`.
pub fn poll(
    attempt: &Attempt,
    file: Option<&str>,
    condition: impl FnOnce() -> Result<Dynamic, Raise>,
) -> Poll {
    let result = attempt.polled(condition);
    match result {
        Ok(value) => match truthy(&value) {
            Ok(true) => Poll::Done(value),
            Ok(false) => Poll::NotYet(match attempt.trouble() {
                Some(trouble) => format!("{} ({trouble})", json::show(&value, 200)),
                None => json::show(&value, 200),
            }),
            Err(failure) => Poll::Never(Box::new(failure)),
        },
        Err(error) => read_error(attempt, file, &error),
    }
}

fn read_error(attempt: &Attempt, file: Option<&str>, error: &EvalAltResult) -> Poll {
    match script::explain(error, file, attempt.sources()) {
        Meaning::Stopped(stop) => Poll::Stopped(stop),
        Meaning::News(failure) => match (failure.kind, failure.code) {
            (Kind::Failure, Code::Assertion | Code::Traffic | Code::WaitTimeout) => {
                Poll::NotYet(in_one_line(&failure))
            }
            (Kind::Usage, Code::Script) if is_missing_property(error) => match attempt.trouble() {
                Some(trouble) => Poll::NotYet(trouble),
                None => Poll::Never(failure),
            },
            _ => Poll::Never(failure),
        },
    }
}

fn in_one_line(failure: &Failure) -> String {
    let mut text = failure.message.clone();
    if !failure.label.is_empty() {
        text.push_str(&format!(" ({})", failure.label));
    }
    json::cut(&text, 300)
}

fn is_missing_property(error: &EvalAltResult) -> bool {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => is_missing_property(inner),
        EvalAltResult::ErrorPropertyNotFound(..) | EvalAltResult::ErrorArrayBounds(..) => true,
        // Reading on through a value that was not there.
        EvalAltResult::ErrorIndexingType(name, _) | EvalAltResult::ErrorDotExpr(name, _) => {
            name.contains("()")
        }
        _ => false,
    }
}

/// Whether a value counts as true: all but `false`, `()`, `""`, `[]` and `#{}`. A bare number is refused, since
/// `list.len` and `list.len > 0` are too easily confused.
pub fn truthy(value: &Dynamic) -> Result<bool, Failure> {
    let value = value.flatten_clone();
    if let Ok(b) = value.as_bool() {
        return Ok(b);
    }
    if value.is_int() || value.is_float() {
        return Err(Failure::new(
            Kind::Usage,
            Code::Script,
            "a number is neither true nor false",
        )
        .detail("got", value.to_string())
        .hint("compare it: … > 0"));
    }
    Ok(!(value.is_unit()
        || value
            .read_lock::<ImmutableString>()
            .is_some_and(|text| text.is_empty())
        || value
            .read_lock::<Array>()
            .is_some_and(|items| items.is_empty())
        || value.read_lock::<Map>().is_some_and(|map| map.is_empty())))
}
