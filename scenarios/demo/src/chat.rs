//! A chat with a canned assistant, one conversation a person. `POST /admin/chat` makes it slow or faulty, as
//! real assistants are; `GET /admin/chat/calls` tells what it was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::MaybeSignedIn;
use crate::app::{App, Shared};
use crate::input::{Input, cookie};
use crate::problem::{FieldError, Problem};

const LONGEST_TEXT: usize = 4_000;
const MOST_CALLS: usize = 1_000;
const MOST_MESSAGES: usize = 1_000;
const MOST_PEOPLE: usize = 50_000;
const LONGEST_DELAY: Duration = Duration::from_secs(300);
const GUEST: &str = "guest";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/chat", get(history).post(say))
        .route("/admin/chat", post(tune))
        .route("/admin/chat/calls", get(calls))
}

pub(crate) struct Chat {
    talk: Mutex<HashMap<String, VecDeque<Exchange>>>,
    calls: Mutex<VecDeque<Call>>,
    knobs: Mutex<Knobs>,
    next: AtomicU64,
    start: (Duration, u64),
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Exchange {
    pub id: u64,
    pub at: Timestamp,
    pub text: String,
    pub reply: String,
}

#[derive(Clone, Debug, Serialize)]
struct Call {
    at: Timestamp,
    who: String,
    text: String,
    status: u16,
}

#[derive(Clone, Debug)]
struct Knobs {
    delay: Duration,
    error_rate: f64,
    fail_next: Option<Failure>,
    dice: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Failure {
    status: u16,
    #[serde(default)]
    body: Value,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Chat {
    pub fn new(delay: Duration, seed: u64) -> Self {
        Self {
            talk: Mutex::default(),
            calls: Mutex::default(),
            knobs: Mutex::new(Knobs {
                delay,
                error_rate: 0.0,
                fail_next: None,
                dice: seed,
            }),
            next: AtomicU64::new(1),
            start: (delay, seed),
        }
    }

    pub fn reset(&self) {
        let (delay, seed) = self.start;
        lock(&self.talk).clear();
        lock(&self.calls).clear();
        *lock(&self.knobs) = Knobs {
            delay,
            error_rate: 0.0,
            fail_next: None,
            dice: seed,
        };
        self.next.store(1, Ordering::Relaxed);
    }

    pub fn history(&self, who: &str) -> Vec<Exchange> {
        lock(&self.talk)
            .get(who)
            .map(|talk| talk.iter().cloned().collect())
            .unwrap_or_default()
    }

    fn remember(&self, who: &str, exchange: Exchange) {
        let mut talk = lock(&self.talk);
        if talk.len() >= MOST_PEOPLE && !talk.contains_key(who) {
            talk.clear();
        }
        let own = talk.entry(who.to_owned()).or_default();
        if own.len() == MOST_MESSAGES {
            own.pop_front();
        }
        own.push_back(exchange);
    }

    fn log(&self, who: &str, text: &str, status: StatusCode) {
        let mut calls = lock(&self.calls);
        if calls.len() == MOST_CALLS {
            calls.pop_front();
        }
        calls.push_back(Call {
            at: Timestamp::now(),
            who: who.to_owned(),
            text: text.to_owned(),
            status: status.as_u16(),
        });
    }

    /// How long to think, and the failure this call is to end in, if any.
    fn fate(&self) -> (Duration, Option<Failure>) {
        let mut knobs = lock(&self.knobs);
        let failure = knobs.fail_next.take().or_else(|| {
            let hit = knobs.error_rate > 0.0 && roll(&mut knobs.dice) < knobs.error_rate;
            hit.then_some(Failure {
                status: 503,
                body: Value::Null,
            })
        });
        (knobs.delay, failure)
    }
}

/// SplitMix64, as a number in 0..1: random enough for error rates, and the same for the same seed.
fn roll(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// What the assistant says. The answer always holds the text it answers.
fn answer(text: &str) -> String {
    let lower = text.to_lowercase();
    let advice = [
        (
            "refund",
            "Refunds reach your account within three working days.",
        ),
        ("order", "You find your orders under /api/orders."),
        (
            "task",
            "The list of tasks is on the start page; failed ones tell their reason.",
        ),
        (
            "human",
            "I am passing you on to a colleague; please stay on the line.",
        ),
        ("hello", "Hello! How can I help you today?"),
        ("bye", "Good-bye, and come back soon."),
    ];
    let advice = advice
        .iter()
        .find(|(word, _)| lower.contains(word))
        .map_or("Tell me more, and I will look into it.", |(_, advice)| {
            advice
        });
    format!("You said: {text}. {advice}")
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
    let (delay, failure) = app.chat.fate();
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
            let id = app.chat.next.fetch_add(1, Ordering::Relaxed);
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
    let mut knobs = lock(&app.chat.knobs);
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
    Json(json!(*lock(&app.chat.calls)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_holds_the_text_and_fits_it() {
        let reply = answer("Where is my ORDER <b>7</b>?");
        assert!(
            reply.contains("Where is my ORDER <b>7</b>?") && reply.contains("/api/orders"),
            "{reply}"
        );
    }

    #[test]
    fn one_failure_is_spent_by_one_call() {
        let chat = Chat::new(Duration::ZERO, 1);
        lock(&chat.knobs).fail_next = Some(Failure {
            status: 429,
            body: Value::Null,
        });
        assert_eq!(chat.fate().1.map(|failure| failure.status), Some(429));
        assert!(chat.fate().1.is_none());
    }

    #[test]
    fn the_same_seed_rolls_the_same_errors_at_about_the_rate() {
        let errors = |seed| {
            let chat = Chat::new(Duration::ZERO, seed);
            lock(&chat.knobs).error_rate = 0.3;
            (0..1_000)
                .map(|_| chat.fate().1.is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(errors(7), errors(7));
        assert_ne!(errors(7), errors(8));
        let hits = errors(7).iter().filter(|hit| **hit).count();
        assert!((200..400).contains(&hits), "{hits}");
    }

    #[test]
    fn conversations_are_kept_apart_and_bounded() {
        let chat = Chat::new(Duration::ZERO, 1);
        for id in 0..(MOST_MESSAGES as u64 + 5) {
            chat.remember(
                "a",
                Exchange {
                    id,
                    at: Timestamp::UNIX_EPOCH,
                    text: String::new(),
                    reply: String::new(),
                },
            );
        }
        assert_eq!(chat.history("a").len(), MOST_MESSAGES);
        assert_eq!(chat.history("a")[0].id, 5);
        assert!(chat.history("b").is_empty());
    }
}
