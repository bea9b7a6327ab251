//! Reading uploads.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::UPLOAD_LIMIT;
use super::store::File;
use crate::app::{App, Shared};
use crate::input::content_type;
use crate::problem::Problem;

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

pub(super) async fn upload(State(app): Shared, request: Request) -> Result<Response, Problem> {
    let kind = content_type(request.headers());
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
