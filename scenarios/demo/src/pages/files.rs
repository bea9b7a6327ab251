//! The page to upload and download files; it works without JavaScript.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;

use super::layout::{Value, fill, page};
use crate::accounts::MaybeSignedIn;
use crate::app::{App, Shared};
use crate::files::{File, UPLOAD_LIMIT, receive};

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/files", get(files).post(upload))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}

async fn files(State(app): Shared, signed_in: MaybeSignedIn) -> Html<String> {
    show(&app, &signed_in, "")
}

async fn upload(State(app): Shared, signed_in: MaybeSignedIn, parts: Multipart) -> Response {
    match receive(&app, parts).await {
        Ok(_) => Redirect::to("/files").into_response(),
        Err(problem) => {
            let told = [("message", Value::Text(&problem.to_string()))];
            let alert = fill(
                "<p class=\"alert\" role=\"alert\">Nothing was uploaded: {{message}}.</p>",
                &told,
            );
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                show(&app, &signed_in, &alert),
            )
                .into_response()
        }
    }
}

fn show(app: &App, signed_in: &MaybeSignedIn, alert: &str) -> Html<String> {
    let rows: String = app.files.all().iter().map(|file| row(file)).collect();
    let rows = if rows.is_empty() {
        "<tr><td colspan=\"3\">No files yet.</td></tr>".to_owned()
    } else {
        rows
    };
    let values = [("alert", Value::Html(alert)), ("rows", Value::Html(&rows))];
    page(
        "Files",
        "/files",
        signed_in.0.as_deref(),
        &fill(include_str!("html/files.html"), &values),
    )
}

fn row(file: &File) -> String {
    let (id, size) = (file.id.to_string(), file.size.to_string());
    fill(
        "<tr id=\"file-{{id}}\"><td><a href=\"/api/files/{{id}}\" download>{{name}}</a></td><td>{{kind}}</td><td class=\"number\">{{size}}</td></tr>",
        &[
            ("id", Value::Text(&id)),
            ("name", Value::Text(&file.name)),
            ("kind", Value::Text(&file.content_type)),
            ("size", Value::Text(&size)),
        ],
    )
}
