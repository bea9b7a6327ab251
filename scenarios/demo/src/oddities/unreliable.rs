//! Answers that are bad, late, or bad only for a while: any status, delays, keys that fail some times, limits of
//! rate, broken JSON, and connections that end without an answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use crate::app::{App, Shared};
use crate::input::{Params, param, param_or, text_header};
use crate::problem::Problem;
use crate::server::HangUp;

const LONGEST_DELAY: Duration = Duration::from_secs(600);
const MOST_KEYS: usize = 100_000;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/status/{code}", any(status))
        .route("/delay/{ms}", any(delay))
        .route("/flaky", any(flaky))
        .route("/rate-limited", any(rate_limited))
        .route("/not-json", get(not_json))
        .route("/hang-up", any(hang_up))
}

#[derive(Default)]
pub(crate) struct Oddities {
    failures: Mutex<HashMap<String, u64>>,
    windows: Mutex<HashMap<String, Window>>,
}

struct Window {
    begin: Instant,
    used: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Oddities {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn reset(&self) {
        lock(&self.failures).clear();
        lock(&self.windows).clear();
    }

    /// The number of this call for its key, from 1.
    fn count(&self, key: &str) -> u64 {
        let mut failures = lock(&self.failures);
        if failures.len() >= MOST_KEYS {
            failures.clear();
        }
        let calls = failures.entry(key.to_owned()).or_default();
        *calls += 1;
        *calls
    }

    /// How many requests are left in the window after this one, or none for one too many, and when it ends.
    fn take(
        &self,
        key: &str,
        limit: u64,
        lasts: Duration,
        now: Instant,
    ) -> (Option<u64>, Duration) {
        let mut windows = lock(&self.windows);
        if windows.len() >= MOST_KEYS {
            windows.clear();
        }
        let window = windows.entry(key.to_owned()).or_insert(Window {
            begin: now,
            used: 0,
        });
        if now.saturating_duration_since(window.begin) >= lasts {
            *window = Window {
                begin: now,
                used: 0,
            };
        }
        let ends = lasts.saturating_sub(now.saturating_duration_since(window.begin));
        if window.used >= limit {
            return (None, ends);
        }
        window.used += 1;
        (Some(limit - window.used), ends)
    }
}

/// Any final status. Some have headers without which they make no sense.
async fn status(Path(code): Path<String>) -> Result<Response, Problem> {
    let known = code.parse().ok().filter(|code| (200..=599).contains(code));
    let status = known.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status
        .ok_or_else(|| Problem::field("code", format!("`{code}` is not between 200 and 599")))?;
    let reason = status.canonical_reason().unwrap_or("without a name");
    let mut response = match status.as_u16() {
        204 | 205 | 304 => status.into_response(),
        code => (status, Json(json!({ "status": code, "reason": reason }))).into_response(),
    };
    let header = match status.as_u16() {
        301 | 302 | 303 | 307 | 308 => Some((header::LOCATION, "/anything")),
        401 => Some((header::WWW_AUTHENTICATE, "Basic realm=\"demo\"")),
        429 | 503 => Some((header::RETRY_AFTER, "1")),
        _ => None,
    };
    if let Some((name, value)) = header {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

async fn delay(Path(ms): Path<String>) -> Result<Json<Value>, Problem> {
    let wanted = ms
        .parse()
        .map(Duration::from_millis)
        .ok()
        .filter(|wanted| *wanted <= LONGEST_DELAY);
    let wanted = wanted.ok_or_else(|| {
        Problem::field(
            "ms",
            format!("`{ms}` is not between 0 and {}", LONGEST_DELAY.as_millis()),
        )
    })?;
    tokio::time::sleep(wanted).await;
    Ok(Json(json!({ "delay_ms": wanted.as_millis() as u64 })))
}

/// 503 for the first `fail` calls of a key (or another `status`), 200 from then on.
async fn flaky(State(app): Shared, Query(params): Params) -> Result<Response, Problem> {
    let key = param(&params, "key").unwrap_or("default");
    let fail = param_or(&params, "fail", 2)?;
    let code = param_or(&params, "status", 503)?;
    let status = StatusCode::from_u16(code)
        .ok()
        .filter(|status| status.as_u16() >= 400 && code < 600);
    let status = status
        .ok_or_else(|| Problem::field("status", format!("{code} is not between 400 and 599")))?;
    let attempt = app.oddities.count(key);
    if attempt <= fail {
        let body = json!({ "error": "flaky", "message": format!("attempt {attempt} of {fail} that fail"), "attempt": attempt });
        return Ok((status, Json(body)).into_response());
    }
    Ok(Json(json!({ "key": key, "attempt": attempt })).into_response())
}

async fn rate_limited(
    State(app): Shared,
    headers: HeaderMap,
    Query(params): Params,
) -> Result<Response, Problem> {
    let limit = param_or(&params, "limit", 5)?;
    let lasts = Duration::from_millis(param_or(&params, "window_ms", 1_000)?).min(LONGEST_DELAY);
    let key = param(&params, "key")
        .or_else(|| text_header(&headers, "x-api-key"))
        .or_else(|| text_header(&headers, "authorization"))
        .unwrap_or("anonymous");
    let (left, ends) = app.oddities.take(key, limit, lasts, Instant::now());
    let seconds = ends.as_secs_f64().ceil().max(1.0) as u64;
    let mut response = match left {
        Some(left) => Json(json!({ "limit": limit, "remaining": left })).into_response(),
        None => {
            let message = format!(
                "more than {limit} requests in {} ms; try again in {seconds} s",
                lasts.as_millis()
            );
            let body = json!({ "error": "rate_limited", "message": message, "retry_after_ms": ends.as_millis() as u64 });
            (
                StatusCode::TOO_MANY_REQUESTS,
                [(header::RETRY_AFTER, seconds)],
                Json(body),
            )
                .into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert("x-ratelimit-limit", HeaderValue::from(limit));
    headers.insert(
        "x-ratelimit-remaining",
        HeaderValue::from(left.unwrap_or(0)),
    );
    headers.insert("x-ratelimit-reset", HeaderValue::from(seconds));
    Ok(response)
}

/// Says it is JSON, and is the error page of a proxy or a text cut short.
async fn not_json(Query(params): Params) -> Response {
    let body = match param(&params, "as") {
        Some("html") => "<html><body><h1>502 Bad Gateway</h1></body></html>",
        Some("empty") => "",
        _ => r#"{"status": "ok", "rows": [1, 2,"#,
    };
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Closes the connection without a byte.
async fn hang_up() -> Extension<HangUp> {
    Extension(HangUp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_as_many_through_as_it_may_and_opens_again() {
        let oddities = Oddities::new();
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let take = |key, after| oddities.take(key, 2, second, start + Duration::from_millis(after));
        assert_eq!(take("a", 0).0, Some(1));
        assert_eq!(take("a", 100).0, Some(0));
        assert_eq!(take("a", 400), (None, Duration::from_millis(600)));
        assert_eq!(
            take("b", 400).0,
            Some(1),
            "another client has its own window"
        );
        assert_eq!(take("a", 1_000).0, Some(1));
    }

    #[test]
    fn calls_are_counted_by_key() {
        let oddities = Oddities::new();
        assert_eq!(
            (
                oddities.count("a"),
                oddities.count("a"),
                oddities.count("b")
            ),
            (1, 2, 1)
        );
        oddities.reset();
        assert_eq!(oddities.count("a"), 1);
    }
}
