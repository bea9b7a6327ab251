//! Bodies that come slowly, in events, or not to their end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Query;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::app::App;
use crate::body::Dripping;
use crate::input::{Params, param_or, text_header};
use crate::problem::Problem;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/slow-body", get(slow_body))
        .route("/sse", get(sse))
        .route("/truncated", get(truncated))
}

fn pace(params: &[(String, String)]) -> Result<(u64, Duration), Problem> {
    let count = param_or(params, "count", 5)?;
    let every = param_or(params, "every_ms", 200)?;
    if every > 60_000 {
        return Err(Problem::field("every_ms", "must be at most 60000"));
    }
    Ok((count, Duration::from_millis(every)))
}

/// `count` lines with pauses between them.
async fn slow_body(Query(params): Params) -> Result<Response, Problem> {
    let (count, every) = pace(&params)?;
    let mut number = 0;
    let lines = move || {
        number += 1;
        (number <= count).then(|| Bytes::from(format!("line {number} of {count}\n")))
    };
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, Body::new(Dripping::new(every, lines))).into_response())
}

/// Ticks as server-sent events; a client that comes back with `Last-Event-ID` goes on behind it.
async fn sse(headers: HeaderMap, Query(params): Params) -> Result<Response, Problem> {
    let (count, every) = pace(&params)?;
    let seen: u64 = text_header(&headers, "last-event-id")
        .and_then(|id| id.parse().ok())
        .unwrap_or(0);
    let mut id = seen.min(count);
    let events = move || {
        id += 1;
        let data = json!({ "tick": id, "of": count });
        (id <= count).then(|| Bytes::from(format!("id: {id}\nevent: tick\ndata: {data}\n\n")))
    };
    let kind = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    Ok((kind, Body::new(Dripping::new(every, events))).into_response())
}

/// Promises 1,000 bytes, sends 100 and closes.
async fn truncated() -> Response {
    let mut piece = Some(Bytes::from_static(&[b'x'; 100]));
    let pieces = move || piece.take();
    let promised = [
        (header::CONTENT_TYPE, "text/plain"),
        (header::CONTENT_LENGTH, "1000"),
    ];
    // The pause lets head and piece reach the client; else the server would give up before it wrote a byte.
    (
        promised,
        Body::new(Dripping::new(Duration::from_millis(10), pieces)),
    )
        .into_response()
}
