//! The endpoints of tasks. `POST /tasks` also takes the form of the page `/`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State as Store};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use super::task::{State, Task};
use crate::app::{App, Shared};
use crate::body::Dripping;
use crate::input::{Input, Params, flag, param, text_header};
use crate::paging::Page;
use crate::problem::{FieldError, Problem};

const LONGEST_SECONDS: f64 = 86_400.0;
const MOST_ROWS: u64 = 1_000_000;
const ROWS_PER_PIECE: u64 = 1_000;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/tasks", get(list).post(start))
        .route("/tasks/{id}", get(show).delete(cancel))
        .route("/tasks/{id}/result.csv", get(result))
}

/// What a client may say about a new task; everything has a default.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    pub kind: String,
    #[serde(alias = "secs", deserialize_with = "number")]
    pub seconds: f64,
    #[serde(deserialize_with = "flag")]
    pub fail: bool,
    #[serde(deserialize_with = "number")]
    pub rows: f64,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            kind: "export".to_owned(),
            seconds: 1.0,
            fail: false,
            rows: 100.0,
        }
    }
}

/// Forms send numbers as text.
fn number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Sent {
        Number(f64),
        Text(String),
    }
    match Sent::deserialize(deserializer)
        .map_err(|_| serde::de::Error::custom("expected a number"))?
    {
        Sent::Number(number) => Ok(number),
        Sent::Text(text) => text
            .trim()
            .parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a number"))),
    }
}

/// Checks what is wanted and starts the task.
pub(crate) fn create(app: &App, wanted: Wanted) -> Result<Arc<Task>, Problem> {
    let mut wrong = Vec::new();
    if wanted.kind.trim().is_empty() || wanted.kind.chars().count() > 100 {
        wrong.push(FieldError::new("kind", "must have 1 to 100 characters"));
    }
    if !(0.0..=LONGEST_SECONDS).contains(&wanted.seconds) {
        wrong.push(FieldError::new(
            "seconds",
            format!("must be between 0 and {LONGEST_SECONDS}"),
        ));
    }
    if !(0.0..=MOST_ROWS as f64).contains(&wanted.rows) || wanted.rows.fract() != 0.0 {
        wrong.push(FieldError::new(
            "rows",
            format!("must be a whole number between 0 and {MOST_ROWS}"),
        ));
    }
    if !wrong.is_empty() {
        return Err(Problem::Invalid(wrong));
    }
    let lasts = Duration::from_secs_f64(wanted.seconds);
    let task = app
        .tasks
        .add(wanted.kind, wanted.rows as u64, wanted.fail, lasts);
    app.webhooks.task_started(&task);
    Ok(task)
}

async fn start(
    Store(app): Shared,
    headers: HeaderMap,
    Input(wanted): Input<Wanted>,
) -> Result<Response, Problem> {
    let task = create(&app, wanted)?;
    // A person's browser without JavaScript wants the page again, not the JSON.
    if text_header(&headers, "accept").is_some_and(|accept| accept.starts_with("text/html")) {
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response());
    }
    let location = [(header::LOCATION, format!("/tasks/{}", task.id))];
    Ok((StatusCode::ACCEPTED, location, Json(task.view())).into_response())
}

async fn list(Store(app): Shared, Query(params): Params) -> Result<Response, Problem> {
    let page = Page::from_params(&params)?;
    let state = param(&params, "state").map(known_state).transpose()?;
    let kind = param(&params, "kind");
    let wanted = |task: &Task| {
        kind.is_none_or(|kind| task.kind == kind) && state.is_none_or(|state| task.state() == state)
    };
    let filter: Option<&dyn Fn(&Task) -> bool> = if kind.is_some() || state.is_some() {
        Some(&wanted)
    } else {
        None
    };
    let (tasks, total) = app.tasks.page(page.skip(), page.size(), filter);
    let views: Vec<_> = tasks.iter().map(|task| task.view()).collect();
    Ok((page.headers("/tasks", &params, total), Json(views)).into_response())
}

fn known_state(text: &str) -> Result<State, Problem> {
    State::ALL
        .into_iter()
        .find(|state| state.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| {
            let names = State::ALL.map(State::name).join(", ");
            Problem::field("state", format!("`{text}` is none of {names}"))
        })
}

fn find(app: &App, id: &str) -> Result<Arc<Task>, Problem> {
    id.parse()
        .ok()
        .and_then(|id| app.tasks.get(id))
        .ok_or_else(|| Problem::not_found("task", id))
}

async fn show(Store(app): Shared, Path(id): Path<String>) -> Result<Response, Problem> {
    let task = find(&app, &id)?;
    Ok(Json(task.view()).into_response())
}

async fn cancel(Store(app): Shared, Path(id): Path<String>) -> Result<Response, Problem> {
    let task = find(&app, &id)?;
    if !task.revoke() {
        return Err(Problem::Conflict(format!(
            "task {id} has ended in {} already",
            task.state().name()
        )));
    }
    app.webhooks.task_ended(&task);
    Ok(Json(task.view()).into_response())
}

/// The rows of a finished export, made while they are sent.
async fn result(Store(app): Shared, Path(id): Path<String>) -> Result<Response, Problem> {
    let task = find(&app, &id)?;
    if task.state() != State::Success {
        return Err(Problem::Conflict(format!(
            "task {id} has no result: its state is {}",
            task.state().name()
        )));
    }
    let mut next = 0;
    let rows = task.rows;
    let pieces = move || {
        let mut piece = if next == 0 {
            "row,customer,amount\n".to_owned()
        } else {
            String::new()
        };
        let last = (next + ROWS_PER_PIECE).min(rows);
        for row in next + 1..=last {
            piece.push_str(&format!(
                "{row},customer-{},{}.{:02}\n",
                row % 97 + 1,
                row * 7 % 1000,
                row * 13 % 100
            ));
        }
        next = last.max(1);
        (!piece.is_empty()).then(|| Bytes::from(piece))
    };
    let name = format!("attachment; filename=\"task-{}.csv\"", task.id);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, Body::new(Dripping::new(Duration::ZERO, pieces))).into_response())
}
