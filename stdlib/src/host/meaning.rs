//! What an error of a script means: bad news in our words with its place, or a stop.

use super::clock::Stop;
use super::failure::{Code, Failure, Kind};
use super::script::Terminated;
use super::sources::Sources;
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
                other => script_error(other),
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

fn script_error(error: &EvalAltResult) -> Failure {
    use EvalAltResult as E;
    let script = |message: String| Failure::new(Kind::Usage, Code::Script, message);
    match error {
        E::ErrorPropertyNotFound(name, _) => script(format!("there is no property `{name}`"))
            .hint(format!("use .get(\"{name}\") if it may be missing")),
        E::ErrorVariableNotFound(name, _) => script(format!("unknown name `{name}`")),
        E::ErrorFunctionNotFound(signature, _) => {
            script(format!("there is no function `{signature}`"))
        }
        E::ErrorArrayBounds(0, index, _) => script(format!("index {index} of an empty array")),
        E::ErrorArrayBounds(length, index, _) => {
            script(format!("index {index} of an array of {length}"))
        }
        E::ErrorDataRace(name, _) => script(format!("`{name}` is used by its own callback"))
            .hint("pass the subject into the closure as a parameter instead of capturing it"),
        E::ErrorStackOverflow(_) => {
            script("too many nested calls".into()).hint("a function that calls itself needs an end")
        }
        E::ErrorMismatchOutputType(wanted, got, _) | E::ErrorMismatchDataType(wanted, got, _) => {
            script(format!("expected {wanted}, got {got}"))
        }
        E::ErrorUnboundThis(_) => script("`this` has no value here".into()),
        E::ErrorAssignmentToConstant(name, _) => script(format!("`{name}` is a constant")),
        E::ErrorTooManyOperations(_)
        | E::ErrorTooManyVariables(_)
        | E::ErrorTooManyModules(_)
        | E::ErrorDataTooLarge(..) => script(plain(error)),
        other => script(plain(other)),
    }
}

/// Rhai's own words without the position, lower-case as ours are.
fn plain(error: &EvalAltResult) -> String {
    let text = error.to_string();
    let text = text.split(" (line ").next().unwrap_or(&text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => "unknown error".into(),
    }
}
