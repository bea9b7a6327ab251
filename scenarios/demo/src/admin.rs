//! What a test may do behind the scenes: empty everything, count what arrived, take the database down.
//! (The knobs of the chat are in `chat.rs`.)

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{App, Shared};
use crate::input::Input;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin/reset", post(reset))
        .route("/admin/stats", get(stats))
        .route("/admin/health", post(health))
}

async fn reset(State(app): Shared) -> StatusCode {
    app.reset();
    StatusCode::NO_CONTENT
}

async fn stats(State(app): Shared) -> Json<Value> {
    let mut stats = json!(app.stats.snapshot());
    stats["tasks"] = json!(app.tasks.count_by_state());
    stats["sessions"] = json!(app.accounts.count_sessions());
    Json(stats)
}

#[derive(Deserialize)]
struct Health {
    database: String,
}

async fn health(State(app): Shared, Input(wanted): Input<Health>) -> Result<StatusCode, Problem> {
    match wanted.database.as_str() {
        "up" => app.set_database_down(false),
        "down" => app.set_database_down(true),
        other => {
            return Err(Problem::field(
                "database",
                format!("must be \"up\" or \"down\", not \"{other}\""),
            ));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
