//! The endpoints to register hooks and to see how their deliveries went.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::post::local_address;
use super::store::{EVENTS, Hook};
use crate::app::{App, Shared};
use crate::input::Input;
use crate::problem::{FieldError, Problem};

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/webhooks", get(list).post(register))
        .route("/api/webhooks/{id}", get(show).delete(remove))
        .route("/api/webhooks/{id}/deliveries", get(deliveries))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    url: String,
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    secret: String,
}

async fn register(State(app): Shared, Input(wanted): Input<Wanted>) -> Result<Response, Problem> {
    let mut wrong = Vec::new();
    if let Err(error) = local_address(&wanted.url) {
        wrong.push(FieldError::new("url", error.to_string()));
    }
    for event in wanted
        .events
        .iter()
        .filter(|event| *event != "*" && !EVENTS.contains(&event.as_str()))
    {
        wrong.push(FieldError::new(
            "events",
            format!("`{event}` is none of {}, *", EVENTS.join(", ")),
        ));
    }
    if !wrong.is_empty() {
        return Err(Problem::Invalid(wrong));
    }
    let hook = app
        .webhooks
        .add(wanted.url, wanted.events, wanted.secret)
        .ok_or(Problem::Full)?;
    let location = [(header::LOCATION, format!("/api/webhooks/{}", hook.id))];
    Ok((StatusCode::CREATED, location, Json(json!(*hook))).into_response())
}

fn find(app: &App, id: &str) -> Result<Arc<Hook>, Problem> {
    id.parse()
        .ok()
        .and_then(|id| app.webhooks.get(id))
        .ok_or_else(|| Problem::not_found("webhook", id))
}

async fn list(State(app): Shared) -> Json<Value> {
    let hooks = app.webhooks.all();
    Json(hooks.iter().map(|hook| json!(**hook)).collect())
}

async fn show(State(app): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(*find(&app, &id)?)))
}

async fn remove(State(app): Shared, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let hook = find(&app, &id)?;
    app.webhooks.remove(hook.id);
    Ok(StatusCode::NO_CONTENT)
}

async fn deliveries(State(app): Shared, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(find(&app, &id)?.deliveries())))
}
