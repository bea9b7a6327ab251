//! What an error of a script means: bad news in our words with its place, or a stop.

use super::clock::Stop;
use super::failure::{Code, Failure};
use super::script::Terminated;
use super::sources::Sources;
use super::wording;
use rhai::{Dynamic, EvalAltResult};

/// What an error of a script means.
#[derive(Debug)]
pub enum Meaning {
    /// Bad news of ours, or an error of the script itself in our words.
    News(Box<Failure>),
    /// The script was stopped.
    Stopped(Stop),
}

/// Reads a Rhai error. `file` is the script that was called; frames of called functions follow from the error.
pub fn explain(error: &EvalAltResult, file: Option<&str>, sources: &Sources) -> Meaning {
    let mut calls = Vec::new();
    let mut file = file.map(str::to_owned);
    let mut error = error;
    // The source of such a frame is the callee's, its position the caller's.
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(_, source, inner, position) => {
                calls.extend(sources.locate(file.as_deref(), *position));
                if !source.is_empty() {
                    file = Some(source.clone());
                }
                error = inner;
            }
            EvalAltResult::ErrorInModule(path, inner, position) => {
                calls.extend(sources.locate(file.as_deref(), *position));
                if !path.is_empty() {
                    file = Some(path.clone());
                }
                error = inner;
            }
            _ => break,
        }
    }
    calls.reverse();
    let position = error.position();
    match error {
        EvalAltResult::ErrorTerminated(token, _) => match token.clone().try_cast::<Terminated>() {
            Some(Terminated(stop)) => Meaning::Stopped(stop),
            None => Meaning::Stopped(Stop::Cancelled("the script was ended".into())),
        },
        other => {
            let mut failure = match other {
                EvalAltResult::ErrorRuntime(value, _) => {
                    match value.clone().try_cast::<Failure>() {
                        Some(failure) => failure,
                        None => thrown(value),
                    }
                }
                EvalAltResult::ErrorSystem(_, inner) => match inner.downcast_ref::<Failure>() {
                    Some(failure) => failure.clone(),
                    None => Failure::fault(inner.to_string()),
                },
                other => wording::told(other),
            };
            if failure.location.is_none() {
                failure.location = sources.locate(file.as_deref(), position);
            }
            if failure.calls.is_empty() {
                let here = failure.location.as_ref().map(ToString::to_string);
                calls.retain(|call| Some(call.to_string()) != here);
                failure.calls = calls;
            }
            Meaning::News(Box::new(failure))
        }
    }
}

/// A `throw` of the script's own.
fn thrown(value: &Dynamic) -> Failure {
    Failure::product(
        Code::Thrown,
        format!("thrown: {}", super::json::show(value, 500)),
    )
}
