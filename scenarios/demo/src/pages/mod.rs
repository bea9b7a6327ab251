//! The pages for people: tasks, sign-in, dashboard, chat and files. Rendered here, brought to life by a little
//! plain JavaScript, without anything from outside. What they show comes from the areas; nothing is kept here.

mod account;
mod chat;
mod files;
mod layout;
mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::app::App;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(account::routes())
        .merge(tasks::routes())
        .merge(chat::routes())
        .merge(files::routes())
        .route(
            "/assets/style.css",
            get(|| asset("text/css", include_str!("assets/style.css"))),
        )
        .route(
            "/assets/tasks.js",
            get(|| asset("text/javascript", include_str!("assets/tasks.js"))),
        )
        .route(
            "/assets/chat.js",
            get(|| asset("text/javascript", include_str!("assets/chat.js"))),
        )
        .route(
            "/favicon.ico",
            get(|| asset("image/svg+xml", include_str!("assets/icon.svg"))),
        )
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "max-age=60"),
        ],
        text,
    )
}
