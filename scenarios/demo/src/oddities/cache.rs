//! Conditional requests: `If-None-Match` and `If-Match` against an entity tag chosen by the client.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::app::App;
use crate::input::text_header;
use crate::problem::Problem;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(
            "/etag",
            get(|headers| etag(Path("demo".to_owned()), headers)),
        )
        .route("/etag/{tag}", get(etag))
}

async fn etag(Path(tag): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let quoted = format!("\"{tag}\"");
    let value = HeaderValue::from_str(&quoted)
        .map_err(|_| Problem::field("tag", "is not usable in a header"))?;
    let common = [
        (header::ETAG, value),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=60"),
        ),
    ];
    if text_header(&headers, "if-match").is_some_and(|wanted| !names(wanted, &quoted)) {
        return Err(Problem::Precondition(format!("the entity tag is {quoted}")));
    }
    if text_header(&headers, "if-none-match").is_some_and(|known| names(known, &quoted)) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    Ok((common, Json(json!({ "etag": tag }))).into_response())
}

/// Whether a list of entity tags names this one; weak tags compare like strong ones here.
fn names(list: &str, tag: &str) -> bool {
    list.split(',')
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || one == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_weak_tags_and_stars_are_understood() {
        assert!(names("\"a\", W/\"b\"", "\"b\"") && names("*", "\"b\""));
        assert!(!names("\"a\"", "\"b\"") && !names("", "\"b\""));
    }
}
