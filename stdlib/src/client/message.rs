//! Waiting for a message of a broker: the same for all of them.

use std::time::{Duration, Instant};

use super::script::to_script;
use super::value::Value;
use crate::host::attempt::Attempt;
use crate::host::duration::{self, DurationError};
use crate::host::failure::{Code, Failure};
use crate::host::poll::{self, Poll};
use crate::host::script::{self, Raise};
use rhai::{Dynamic, FnPtr, NativeCallContext};

/// What is waited for, and how long.
pub struct Wait<'a> {
    pub kind: &'a str,
    /// Where messages come from, as in "no message on `orders`".
    pub place: String,
    pub limit: Duration,
    /// Which one is meant; others are passed over.
    pub which: Option<&'a FnPtr>,
}

/// The limit a script gives, or the one of the run.
pub fn limit(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    text: Option<&str>,
) -> Result<Duration, Raise> {
    let world = attempt.world();
    let limit = match text {
        None => world.wait_timeout,
        Some(text) => duration::parse(text).map_err(|error| {
            let failure = Failure::usage(error.to_string()).hint(DurationError::HINT);
            script::fail(ctx, attempt, failure)
        })?,
    };
    Ok(world.scaled(limit))
}

/// Takes messages with `next`, which waits for at most the time it gets, until the one that is meant has come.
pub fn wait(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    wait: &Wait,
    mut next: impl FnMut(Duration) -> Result<Option<Value>, Raise>,
) -> Result<Dynamic, Raise> {
    let title = format!("wait for a message on {}", wait.place);
    attempt.step(wait.kind, &title, script::call_site(ctx), |step| {
        let end = Instant::now() + wait.limit;
        let mut passed_over = 0_usize;
        let mut last = None;
        loop {
            let Some(message) = next(end.saturating_duration_since(Instant::now()))? else {
                attempt.forget_evidence();
                let text = format!(
                    "no message on {} within {}",
                    wait.place,
                    duration::show(wait.limit)
                );
                let mut failure = Failure::product(Code::WaitTimeout, text);
                if let Some(last) = last {
                    failure = failure
                        .detail("passed over", passed_over.to_string())
                        .detail("the last of them", last);
                }
                return Err(script::fail(ctx, attempt, failure));
            };
            let account = message.account();
            let message = to_script(message);
            let Some(which) = wait.which else {
                step.data = account;
                return Ok(message);
            };
            let given = message.clone();
            match poll::poll(attempt, ctx.call_source(), || {
                which.call_within_context(ctx, (given,))
            }) {
                Poll::Done(_) => {
                    step.data = account;
                    return Ok(message);
                }
                Poll::NotYet(_) => {
                    passed_over += 1;
                    last = Some(crate::host::json::cut(&account.to_string(), 500));
                }
                Poll::Never(failure) => return Err(script::fail(ctx, attempt, *failure)),
                Poll::Stopped(stop) => return Err(script::stop(stop, ctx.call_position())),
            }
        }
    })
}

/// The parts of a message that all brokers have: `data` is text, or bytes where it is no text; `json` is what the text
/// says, or `()`.
pub fn parts(payload: Vec<u8>) -> Vec<(String, Value)> {
    let json = serde_json::from_slice(&payload).map_or(Value::Null, Value::from_json);
    vec![
        ("data".into(), Value::from_bytes(payload)),
        ("json".into(), json),
    ]
}
