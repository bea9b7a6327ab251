//! Files: upload as multipart, download whole or in a range, delete; and bodies of any size made on the fly.

mod download;
mod store;
mod upload;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::app::{App, Shared};
use crate::problem::Problem;
use download::{bytes, download};
pub(crate) use store::{File, Files};
pub(crate) use upload::receive;
use upload::upload;

/// The most one upload may have.
pub(crate) const UPLOAD_LIMIT: usize = 64 * 1024 * 1024;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/files", post(upload).get(list))
        .route("/api/files/{id}", get(download).delete(remove))
        .route("/bytes/{n}", get(bytes))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}

async fn list(State(app): Shared) -> Json<Value> {
    Json(app.files.all().iter().map(|file| json!(**file)).collect())
}

async fn remove(State(app): Shared, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let file = app.files.get(&id)?;
    app.files.remove(file.id);
    Ok(StatusCode::NO_CONTENT)
}
