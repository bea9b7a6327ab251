//! How one call becomes a step of the account, evidence for a later failure, and a value or bad news.

use std::sync::Arc;

use super::error::ClientError;
use crate::host::attempt::Attempt;
use crate::host::script::{self, Raise};
use rhai::NativeCallContext;
use serde_json::{Map, Value as Json};

/// A call, as the account tells it.
pub struct Call<'a> {
    /// The primitive: `sql`.
    pub kind: &'a str,
    pub title: String,
    /// What was asked.
    pub asked: Map<String, Json>,
}

/// What came of it: more of the account, and the answer in words for the failure that may follow.
#[derive(Default)]
pub struct Answered {
    pub data: Map<String, Json>,
    pub shown: String,
}

impl Answered {
    /// One entry of the account.
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    /// The answer in words.
    pub fn showing(mut self, text: impl Into<String>) -> Self {
        self.shown = text.into();
        self
    }
}

/// Does `work` as one step.
pub fn perform<T>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    call: Call,
    work: impl Future<Output = Result<T, ClientError>>,
    tell: impl FnOnce(&T) -> Answered,
) -> Result<T, Raise> {
    perform_then(ctx, attempt, call, work, tell, Ok)
}

/// Like [`perform`]; `wanted` looks whether the answer is what was asked for, within the same step.
pub fn perform_then<T, U>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    call: Call,
    work: impl Future<Output = Result<T, ClientError>>,
    tell: impl FnOnce(&T) -> Answered,
    wanted: impl FnOnce(T) -> Result<U, ClientError>,
) -> Result<U, Raise> {
    let Call { kind, title, asked } = call;
    attempt.step(kind, &title, script::call_site(ctx), |step| {
        // Boxed: drivers keep kilobytes of state.
        let outcome = attempt.block_on(Box::pin(work));
        let mut data = asked;
        let result = match outcome {
            Err(stop) => Err(script::stop(stop, ctx.call_position())),
            Ok(Err(error)) => {
                // The failure says it all; an earlier call below it would mislead.
                attempt.forget_evidence();
                Err(bad_news(ctx, attempt, &mut data, error))
            }
            Ok(Ok(value)) => {
                let answered = tell(&value);
                data.extend(answered.data);
                let text = format!("{kind}: {title}\n{}", answered.shown);
                attempt.set_evidence(Arc::new(move || text.clone()));
                match wanted(value) {
                    Ok(value) => {
                        attempt.set_trouble(None);
                        Ok(value)
                    }
                    Err(error) => Err(bad_news(ctx, attempt, &mut data, error)),
                }
            }
        };
        if step.id.is_some() && !data.is_empty() {
            step.data = Json::Object(data);
        }
        result
    })
}

fn bad_news(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    data: &mut Map<String, Json>,
    error: ClientError,
) -> Raise {
    let text = error.to_string();
    attempt.set_trouble(Some(text.clone()));
    data.insert("error".into(), text.into());
    script::fail(ctx, attempt, error.into())
}

/// Drives what is no step of its own.
pub fn waited<T>(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    work: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, Raise> {
    match attempt.block_on(Box::pin(work)) {
        Err(stop) => Err(script::stop(stop, ctx.call_position())),
        Ok(Err(error)) => {
            attempt.set_trouble(Some(error.to_string()));
            attempt.forget_evidence();
            Err(script::fail(ctx, attempt, error.into()))
        }
        Ok(Ok(value)) => Ok(value),
    }
}
