//! What arrived, told back: method, query, headers, cookies and body; and cookies on request.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Query, Request};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::input::{Params, content_type, cookies};
use crate::problem::Problem;

const BODY_LIMIT: usize = 64 * 1024 * 1024;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/anything", any(anything))
        .route("/anything/{*rest}", any(anything))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .route("/headers", get(headers))
        .route("/cookies", get(show_cookies))
        .route("/cookies/set", get(set_cookies))
        .route("/cookies/delete", get(delete_cookies))
}

/// A name that occurs once has a text, one that occurs more often a list of texts.
fn grouped<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in pairs {
        match map.get_mut(name) {
            None => {
                map.insert(name.to_owned(), json!(value));
            }
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    map
}

fn text_pairs(pairs: &[(String, String)]) -> Map<String, Value> {
    grouped(
        pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
}

fn header_map(headers: &HeaderMap) -> Map<String, Value> {
    let texts: Vec<_> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect();
    grouped(texts.iter().map(|(name, value)| (*name, value.as_ref())))
}

async fn headers(headers: HeaderMap) -> Json<Value> {
    Json(json!({ "headers": header_map(&headers) }))
}

async fn anything(
    method: Method,
    uri: Uri,
    Query(params): Params,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Value>, Problem> {
    let kind = content_type(&headers);
    let mut seen = json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": text_pairs(&params),
        "headers": header_map(&headers),
        "cookies": grouped(cookies(&headers)),
        "body": "", "size": 0, "json": null, "form": {}, "files": [],
    });
    if kind == "multipart/form-data" {
        let (form, files) = parts(request).await?;
        seen["form"] = Value::Object(form);
        seen["files"] = Value::Array(files);
        return Ok(Json(seen));
    }
    let body = Bytes::from_request(request, &())
        .await
        .map_err(|_| Problem::TooLarge { limit: BODY_LIMIT })?;
    seen["size"] = json!(body.len());
    match std::str::from_utf8(&body) {
        Ok(text) => seen["body"] = json!(text),
        Err(_) => seen["body"] = json!(format!("data:;base64,{}", BASE64_STANDARD.encode(&body))),
    }
    if kind == "application/x-www-form-urlencoded" {
        seen["form"] = Value::Object(text_pairs(&form(body).await));
    } else {
        seen["json"] = serde_json::from_slice(&body).unwrap_or(Value::Null);
    }
    Ok(Json(seen))
}

async fn form(body: Bytes) -> Vec<(String, String)> {
    let mut request = Request::new(axum::body::Body::from(body));
    *request.method_mut() = Method::POST;
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    Form::from_request(request, &())
        .await
        .map(|Form(pairs)| pairs)
        .unwrap_or_default()
}

async fn parts(request: Request) -> Result<(Map<String, Value>, Vec<Value>), Problem> {
    let unreadable =
        |told: String| Problem::BadRequest(format!("the multipart body cannot be read: {told}"));
    let mut body = Multipart::from_request(request, &())
        .await
        .map_err(|error| unreadable(error.body_text()))?;
    let (mut form, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = body
        .next_field()
        .await
        .map_err(|error| unreadable(error.body_text()))?
    {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part
            .file_name()
            .map(|file| (file.to_owned(), part.content_type().map(str::to_owned)));
        let content = part
            .bytes()
            .await
            .map_err(|error| unreadable(error.body_text()))?;
        let text = String::from_utf8_lossy(&content).into_owned();
        match file {
            None => form.push((name, text)),
            Some((file, kind)) => files.push(json!({
                "field": name, "name": file, "content_type": kind, "size": content.len(),
                "text": text.chars().take(1_000).collect::<String>(),
            })),
        }
    }
    Ok((text_pairs(&form), files))
}

async fn show_cookies(headers: HeaderMap) -> Json<Value> {
    Json(json!({ "cookies": grouped(cookies(&headers)) }))
}

/// Sets what the query names and answers with the cookies the client has from now on.
async fn set_cookies(headers: HeaderMap, Query(params): Params) -> Result<Response, Problem> {
    let mut now: Map<String, Value> = grouped(cookies(&headers));
    let mut set = Vec::new();
    for (name, value) in &params {
        let line = format!("{name}={value}; Path=/");
        let is_clean = !name.is_empty() && !format!("{name}{value}").contains([';', '=', ',', ' ']);
        let line = HeaderValue::from_str(&line).ok().filter(|_| is_clean);
        set.push(
            line.ok_or_else(|| Problem::field(name, "is no usable name or value of a cookie"))?,
        );
        now.insert(name.clone(), json!(value));
    }
    Ok(with_cookies(set, now))
}

async fn delete_cookies(headers: HeaderMap, Query(params): Params) -> Response {
    let mut now: Map<String, Value> = grouped(cookies(&headers));
    let mut set = Vec::new();
    for (name, _) in &params {
        now.remove(name);
        set.extend(HeaderValue::from_str(&format!(
            "{name}=; Path=/; Max-Age=0"
        )));
    }
    with_cookies(set, now)
}

fn with_cookies(set: Vec<HeaderValue>, now: Map<String, Value>) -> Response {
    let mut response = Json(json!({ "cookies": now })).into_response();
    for line in set {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}
