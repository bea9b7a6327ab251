//! Files: upload as multipart, download whole or in a range, delete; and bodies of any size made on the fly.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, Bytes};
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::app::{App, Shared};
use crate::body::Generated;
use crate::digest::{hex, sha256};
use crate::input::text_header;
use crate::paging::escape;
use crate::problem::Problem;

pub(crate) const UPLOAD_LIMIT: usize = 64 * 1024 * 1024;
const ROOM: usize = 512 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/files", post(upload).get(list))
        .route("/api/files/{id}", get(download).delete(remove))
        .route("/bytes/{n}", get(bytes))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}

#[derive(Debug, Serialize)]
pub(crate) struct File {
    pub id: u64,
    pub name: String,
    pub size: usize,
    pub content_type: String,
    pub sha256: String,
    pub uploaded_at: Timestamp,
    #[serde(skip)]
    content: Bytes,
}

#[derive(Default)]
pub(crate) struct Files {
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    files: BTreeMap<u64, Arc<File>>,
    size: usize,
    last: u64,
}

impl Files {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn reset(&self) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Kept::default();
    }

    /// Newest first.
    pub fn all(&self) -> Vec<Arc<File>> {
        self.kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .files
            .values()
            .rev()
            .cloned()
            .collect()
    }

    fn add(
        &self,
        name: String,
        content_type: String,
        content: Bytes,
    ) -> Result<Arc<File>, Problem> {
        // Hashing takes long for large files: it happens before the lock is taken.
        let sha256 = hex(&sha256(&content));
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.size + content.len() > ROOM {
            return Err(Problem::Full);
        }
        kept.size += content.len();
        kept.last += 1;
        let id = kept.last;
        let file = File {
            id,
            name,
            size: content.len(),
            content_type,
            sha256,
            uploaded_at: Timestamp::now(),
            content,
        };
        let file = Arc::new(file);
        kept.files.insert(id, file.clone());
        Ok(file)
    }

    fn get(&self, id: &str) -> Result<Arc<File>, Problem> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let found = id.parse().ok().and_then(|id: u64| kept.files.get(&id));
        found.cloned().ok_or_else(|| Problem::not_found("file", id))
    }

    fn remove(&self, id: u64) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = kept.files.remove(&id) {
            kept.size -= file.size;
        }
    }
}

/// Reads a multipart body; parts without a file name are plain fields.
pub(crate) async fn receive(
    app: &App,
    mut parts: Multipart,
) -> Result<(Vec<Arc<File>>, Map<String, Value>), Problem> {
    let mut files = Vec::new();
    let mut fields = Map::new();
    while let Some(part) = parts.next_field().await.map_err(refused)? {
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(str::to_owned);
        let kind = part
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let content = part.bytes().await.map_err(refused)?;
        match name {
            // A browser sends an empty part for a file input that was left empty.
            Some(name) if name.is_empty() && content.is_empty() => {}
            Some(name) => files.push(app.files.add(name, kind, content)?),
            None => {
                fields.insert(
                    field,
                    Value::String(String::from_utf8_lossy(&content).into_owned()),
                );
            }
        }
    }
    if files.is_empty() {
        return Err(Problem::field("file", "the upload holds no file"));
    }
    Ok((files, fields))
}

fn refused(error: MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge {
            limit: UPLOAD_LIMIT,
        },
        _ => Problem::BadRequest(format!(
            "the multipart body cannot be read: {}",
            error.body_text()
        )),
    }
}

async fn upload(State(app): Shared, request: axum::extract::Request) -> Result<Response, Problem> {
    use axum::extract::FromRequest;
    let kind = crate::input::content_type(request.headers());
    let parts = Multipart::from_request(request, &app).await.map_err(|_| {
        Problem::BadRequest(format!(
            "send multipart/form-data with a boundary, not `{kind}`"
        ))
    })?;
    let (files, fields) = receive(&app, parts).await?;
    let location = [(header::LOCATION, format!("/api/files/{}", files[0].id))];
    let files: Vec<&File> = files.iter().map(Arc::as_ref).collect();
    Ok((
        StatusCode::CREATED,
        location,
        Json(json!({ "files": files, "fields": fields })),
    )
        .into_response())
}

async fn list(State(app): Shared) -> Json<Value> {
    Json(app.files.all().iter().map(|file| json!(**file)).collect())
}

async fn remove(State(app): Shared, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let file = app.files.get(&id)?;
    app.files.remove(file.id);
    Ok(StatusCode::NO_CONTENT)
}

async fn download(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = app.files.get(&id)?;
    // What was uploaded is handed out as a download and never shown: it may be a page with a script.
    let common = [
        (
            header::CONTENT_TYPE,
            header_value(&file.content_type, "application/octet-stream"),
        ),
        (
            header::CONTENT_DISPOSITION,
            header_value(&disposition(&file.name), "attachment"),
        ),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (
            header::ETAG,
            header_value(&format!("\"{}\"", file.sha256), "\"\""),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    match text_header(&headers, "range").map(|text| range(text, file.size)) {
        None | Some(Asked::Whole) => Ok((common, file.content.clone()).into_response()),
        Some(Asked::Outside) => Err(Problem::Range { size: file.size }),
        Some(Asked::Part(part)) => {
            let told = format!("bytes {}-{}/{}", part.start, part.end - 1, file.size);
            let told = [(header::CONTENT_RANGE, header_value(&told, ""))];
            Ok((
                StatusCode::PARTIAL_CONTENT,
                common,
                told,
                file.content.slice(part),
            )
                .into_response())
        }
    }
}

fn header_value(text: &str, otherwise: &'static str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(otherwise))
}

/// The name twice: in plain ASCII, and in full as RFC 6266 has it.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !"\"\\/".contains(c) || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        escape(name)
    )
}

#[derive(Debug, PartialEq)]
enum Asked {
    Whole,
    Part(Range<usize>),
    Outside,
}

/// A single range of bytes. What is not understood counts as no range, as RFC 9110 wants it.
fn range(text: &str, size: usize) -> Asked {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|text| text.split_once('-'))
    else {
        return Asked::Whole;
    };
    let part = match (first.trim().parse::<usize>(), last.trim().parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(count)) if first.is_empty() => size.saturating_sub(count)..size,
        _ => return Asked::Whole,
    };
    if part.is_empty() {
        Asked::Outside
    } else {
        Asked::Part(part)
    }
}

async fn bytes(Path(n): Path<String>) -> Result<Response, Problem> {
    let size: u64 = n
        .parse()
        .map_err(|_| Problem::field("n", format!("`{n}` is not a number of bytes")))?;
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, Body::new(Generated::new(size))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        let cases = [
            ("bytes=0-3", Asked::Part(0..4)),
            ("bytes=8-", Asked::Part(8..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=5-100", Asked::Part(5..10)),
            ("bytes=-100", Asked::Part(0..10)),
            ("bytes=10-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("rows=1-2", Asked::Whole),
        ];
        for (text, expected) in cases {
            assert_eq!(range(text, 10), expected, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Outside);
    }

    #[test]
    fn a_hostile_file_name_stays_one_header_value() {
        let value = disposition("a\"; x=\r\nSet-Cookie: b\u{fc}.txt");
        assert!(
            value.starts_with("attachment; filename=\"a_; x=__Set-Cookie: b_.txt\"; filename*="),
            "{value}"
        );
        assert!(HeaderValue::from_str(&value).is_ok());
    }

    #[test]
    fn room_is_given_back() {
        let files = Files::new();
        let file = files
            .add("a".into(), "text/plain".into(), Bytes::from_static(b"abc"))
            .expect("room");
        assert_eq!(
            file.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        files.remove(file.id);
        assert_eq!(files.kept.read().expect("unpoisoned").size, 0);
        assert!(files.get("1").is_err() && files.get("x").is_err());
    }
}
