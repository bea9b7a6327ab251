//! A modest GraphQL endpoint over tasks, items and the signed-in user: arguments, variables, aliases and
//! `__typename`; no fragments, directives or introspection. Wrong fields and missing objects come back as
//! `errors[]`, with status 200, as GraphQL servers do it.

mod parse;
mod resolve;

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::accounts::MaybeSignedIn;
use crate::app::{App, Shared};
use crate::input::Input;
use crate::problem::Problem;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route("/graphql", post(graphql))
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    query: String,
    #[serde(default)]
    variables: Option<Map<String, Value>>,
}

async fn graphql(
    State(app): Shared,
    who: MaybeSignedIn,
    Input(sent): Input<Request>,
) -> Result<Json<Value>, Problem> {
    if sent.query.trim().is_empty() {
        return Err(Problem::field("query", "is missing"));
    }
    let operation = match parse::parse(&sent.query, &sent.variables.unwrap_or_default()) {
        Ok(operation) => operation,
        Err(error) => return Ok(Json(json!({ "errors": [error] }))),
    };
    let (data, errors) = resolve::resolve(&app, who.0.as_deref(), &operation);
    Ok(Json(match errors.is_empty() {
        true => json!({ "data": data }),
        false => json!({ "data": data, "errors": errors }),
    }))
}
