//! How one request becomes a step of the account, evidence for a later failure, and a response or bad news.

use std::sync::Arc;

use rhai::NativeCallContext;
use serde_json::{Map, Value};

use super::super::body::{Client, Exchange, HttpError, Recorder, Request, Response, SendError};
use super::answer::Answer;
use super::session::Http;
use crate::host::attempt::Attempt;
use crate::host::failure::{Code, Failure, Kind};
use crate::host::script::{self, Raise};
use crate::host::trace;

/// What tells a system which trace a request belongs to.
const TRACEPARENT: &str = "traceparent";

/// Characters of a body below a failure.
const BODY_SHOWN: usize = 2000;

/// Characters of a body in the account of a step.
const BODY_KEPT: usize = 500;

/// Sends a request of `http` as one step.
pub(super) fn perform(
    ctx: &NativeCallContext,
    attempt: &Attempt,
    http: &Http,
    mut request: Request,
) -> Result<Answer, Raise> {
    let client = http
        .client(attempt)
        .map_err(|error| script::fail(ctx, attempt, bad_news(None, &error)))?;
    let title = format!("{} {}", request.method, request.url);
    attempt.step("http", &title, script::call_site(ctx), |step| {
        if attempt.world().traceparent && !http.has_header(TRACEPARENT, &request) {
            let parent = trace::parent(attempt, step.id.or_else(|| attempt.open_step()));
            request.headers.push((TRACEPARENT.to_owned(), Some(parent)));
        }
        let recorder = Recorder::new();
        // Boxed: kilobytes of state would else be moved about between the calls below.
        let sending = Box::pin(send(client.clone(), request, recorder.clone()));
        let outcome = attempt.block_on_here(sending);
        for token in client.take_issued_tokens() {
            attempt.world().masker.add("oauth2 token", &token);
        }
        let exchange = recorder.exchange();
        if step.id.is_some() {
            step.data = account(&exchange);
        }
        if !exchange.hops.is_empty() {
            attempt.set_evidence(Arc::new(move || exchange.show(BODY_SHOWN)));
        }
        match outcome {
            Err(stop) => Err(script::stop(stop, ctx.call_position())),
            Ok(Err(error)) => {
                let failure = bad_news(Some(&error.request), &error.error);
                attempt.set_trouble(Some(failure.message.clone()));
                Err(script::fail(ctx, attempt, failure))
            }
            Ok(Ok(response)) => {
                attempt.set_trouble(trouble(&response));
                Ok(Answer::new(response))
            }
        }
    })
}

async fn send(
    client: Arc<Client>,
    request: Request,
    recorder: Recorder,
) -> Result<Response, SendError> {
    client.send(&request, &recorder).await
}

/// An error of the body in the shape reports know.
pub(super) fn bad_news(request: Option<&str>, error: &HttpError) -> Failure {
    let kind = error.kind();
    let code = match kind {
        Kind::Failure => Code::Traffic,
        Kind::Usage => Code::Argument,
        Kind::Fault => Code::Internal,
    };
    let message = match request {
        Some(request) => format!("{request}: {error}"),
        None => error.to_string(),
    };
    let mut failure = Failure::new(kind, code, message);
    failure.hint = error.hint();
    failure
}

/// Why a response means *not yet* in a poll, if it does.
fn trouble(response: &Response) -> Option<String> {
    let what = match response.status {
        status @ (404 | 500..) => format!("status {status}"),
        _ if response.size == 0 => "an empty body".to_owned(),
        _ => return None,
    };
    Some(format!("{what} from {}", response.url))
}

/// What the account keeps: a line for what went well, both sides for what did not.
fn account(exchange: &Exchange) -> Value {
    let summary = exchange.summary();
    if summary.method.is_empty() {
        return Value::Null;
    }
    let mut data = Map::new();
    let mut add = |key: &str, value: Value| data.insert(key.to_owned(), value);
    add("method", summary.method.into());
    add("url", summary.url.into());
    add("micros", (summary.duration.as_micros() as u64).into());
    add("bytes", summary.size.into());
    if let Some(status) = summary.status {
        add("status", status.into());
    }
    if summary.reused {
        add("reused", true.into());
    }
    if summary.tries > 1 {
        add("tries", summary.tries.into());
    }
    if summary.redirects > 0 {
        add("redirects", summary.redirects.into());
    }
    let is_bad = summary.error.is_some() || summary.status.is_none_or(|status| status >= 400);
    if is_bad {
        let hops = serde_json::to_value(exchange.view(BODY_KEPT).hops).unwrap_or_default();
        add("hops", hops);
        add("curl", exchange.curl().into());
    } else {
        let (sent, got) = exchange.bodies(BODY_KEPT);
        match exchange.curl_options(&sent) {
            Some(options) => add("curl_options", options.into()),
            None => add("curl", exchange.curl().into()),
        };
        if !sent.is_empty() {
            add("request_body", sent.into());
        }
        if !got.is_empty() {
            add("body", got.into());
        }
    }
    if let Some(error) = summary.error {
        add("error", error.into());
    }
    Value::Object(data)
}
