//! The chat as a page, and as a part of the dashboard.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::layout::{Value, fill, page};
use crate::accounts::MaybeSignedIn;
use crate::app::{App, Shared};
use crate::chat::identity;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/chat", get(chat))
}

async fn chat(State(app): Shared, signed_in: MaybeSignedIn, headers: HeaderMap) -> Response {
    let (who, cookie) = identity(&signed_in, &headers);
    let mut response =
        page("Chat", "/chat", signed_in.0.as_deref(), &widget(&app, &who)).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The conversation of `who` and the form to go on with it.
pub(super) fn widget(app: &App, who: &str) -> String {
    let messages: String = app
        .chat
        .history(who)
        .iter()
        .map(|exchange| {
            let values = [
                ("text", Value::Text(&exchange.text)),
                ("reply", Value::Text(&exchange.reply)),
            ];
            fill(include_str!("html/exchange.html"), &values)
        })
        .collect();
    fill(
        include_str!("html/chat.html"),
        &[("messages", Value::Html(&messages))],
    )
}
