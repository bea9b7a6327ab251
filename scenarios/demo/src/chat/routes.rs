//! The endpoints of the chat, for its users and for those who test them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::assistant::answer;
use super::knobs::Failure;
use super::store::Exchange;
use crate::accounts::MaybeSignedIn;
use crate::app::{App, Shared};
use crate::input::{Input, cookie};
use crate::problem::{FieldError, Problem};

const LONGEST_TEXT: usize = 4_000;
const LONGEST_DELAY: Duration = Duration::from_secs(300);
const GUEST: &str = "guest";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/chat", get(history).post(say))
        .route("/admin/chat", post(tune))
        .route("/admin/chat/calls", get(calls))
}

/// Whose conversation it is. Guests are told apart by a cookie, so that strangers do not read each other.
pub(crate) fn identity(
    signed_in: &MaybeSignedIn,
    headers: &HeaderMap,
) -> (String, Option<HeaderValue>) {
    if let Some(user) = &signed_in.0 {
        return (format!("user:{}:{}", user.id, user.email), None);
    }
    if let Some(guest) = cookie(headers, GUEST).filter(|guest| Uuid::try_parse(guest).is_ok()) {
        return (format!("guest:{guest}"), None);
    }
    let guest = Uuid::new_v4();
    let set =
        HeaderValue::from_str(&format!("{GUEST}={guest}; Path=/; HttpOnly; SameSite=Lax")).ok();
    (format!("guest:{guest}"), set)
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    text: String,
}

async fn say(
    State(app): Shared,
    signed_in: MaybeSignedIn,
    headers: HeaderMap,
    Input(message): Input<Message>,
) -> Result<Response, Problem> {
    let text = message.text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Problem::field(
            "text",
            format!("must have 1 to {LONGEST_TEXT} characters"),
        ));
    }
    let (who, cookie) = identity(&signed_in, &headers);
    let (delay, failure) = {
        let mut knobs = app.chat.knobs();
        (knobs.delay, knobs.next_failure())
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut response = match failure {
        Some(failure) => {
            let status =
                StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            app.chat.log(&who, text, status);
            failed(status, failure.body)
        }
        None => {
            let id = app.chat.next_id();
            let exchange = Exchange {
                id,
                at: Timestamp::now(),
                text: text.to_owned(),
                reply: answer(text),
            };
            app.chat.log(&who, text, StatusCode::OK);
            app.webhooks.chat_message(&who, &exchange);
            let body = Json(&exchange).into_response();
            app.chat.remember(&who, exchange);
            body
        }
    };
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Text is sent as it is, so that tests can have bodies that are not JSON.
fn failed(status: StatusCode, body: Value) -> Response {
    match body {
        Value::Null => {
            let body = json!({ "error": "assistant_unavailable", "message": "the assistant is out of order" });
            (status, Json(body)).into_response()
        }
        Value::String(text) => (status, text).into_response(),
        other => (status, Json(other)).into_response(),
    }
}

async fn history(State(app): Shared, signed_in: MaybeSignedIn, headers: HeaderMap) -> Response {
    let (who, cookie) = identity(&signed_in, &headers);
    let mut response = Json(app.chat.history(&who)).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tuning {
    delay_ms: Option<u64>,
    error_rate: Option<f64>,
    fail_next: Option<Failure>,
}

/// Knobs that are not named stay as they are; the answer shows all of them.
async fn tune(State(app): Shared, Input(wanted): Input<Tuning>) -> Result<Json<Value>, Problem> {
    let mut wrong = Vec::new();
    let delay = wanted.delay_ms.map(Duration::from_millis);
    if delay.is_some_and(|delay| delay > LONGEST_DELAY) {
        wrong.push(FieldError::new(
            "delay_ms",
            format!("must be at most {}", LONGEST_DELAY.as_millis()),
        ));
    }
    if wanted
        .error_rate
        .is_some_and(|rate| !(0.0..=1.0).contains(&rate))
    {
        wrong.push(FieldError::new("error_rate", "must be between 0 and 1"));
    }
    if wanted
        .fail_next
        .as_ref()
        .is_some_and(|failure| !(400..=599).contains(&failure.status))
    {
        wrong.push(FieldError::new(
            "fail_next.status",
            "must be between 400 and 599",
        ));
    }
    if !wrong.is_empty() {
        return Err(Problem::Invalid(wrong));
    }
    let mut knobs = app.chat.knobs();
    knobs.delay = delay.unwrap_or(knobs.delay);
    knobs.error_rate = wanted.error_rate.unwrap_or(knobs.error_rate);
    knobs.fail_next = wanted.fail_next.or(knobs.fail_next.take());
    Ok(Json(json!({
        "delay_ms": knobs.delay.as_millis() as u64,
        "error_rate": knobs.error_rate,
        "fail_next": knobs.fail_next,
    })))
}

async fn calls(State(app): Shared) -> Json<Value> {
    Json(json!(app.chat.calls()))
}
