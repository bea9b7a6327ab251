//! The start page: a form that starts tasks and the live list of them.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;

use super::layout::{Value, fill, page};
use crate::accounts::MaybeSignedIn;
use crate::app::{App, Shared};
use crate::tasks::Task;

/// As many as the script asks for.
const SHOWN: usize = 50;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new().route("/", get(start))
}

async fn start(State(app): Shared, signed_in: MaybeSignedIn) -> Html<String> {
    let (tasks, _) = app.tasks.page(0, SHOWN, None);
    let rows: String = tasks.iter().map(|task| row(task)).collect();
    let content = fill(
        include_str!("html/tasks.html"),
        &[("rows", Value::Html(&rows))],
    );
    page("Tasks", "/", signed_in.0.as_deref(), &content)
}

/// The script makes the same row from JSON.
fn row(task: &Task) -> String {
    let view = task.view();
    let (id, state) = (view.id.to_string(), view.state.name());
    let detail = match &view.error {
        Some(error) => error.clone(),
        None => format!("{} rows, {} s", view.rows, view.seconds),
    };
    fill(
        include_str!("html/task.html"),
        &[
            ("id", Value::Text(&id)),
            ("kind", Value::Text(view.kind)),
            ("state", Value::Text(state)),
            ("detail", Value::Text(&detail)),
            ("progress", Value::Text(&view.progress.to_string())),
            (
                "cancel",
                Value::Html(if view.state.has_ended() {
                    " hidden"
                } else {
                    ""
                }),
            ),
            (
                "download",
                Value::Html(if view.result.is_some() { "" } else { " hidden" }),
            ),
        ],
    )
}
