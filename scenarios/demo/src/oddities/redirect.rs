//! Redirects that end, one that does not, and one to anywhere.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use crate::app::App;
use crate::input::{Params, param, param_or};
use crate::problem::Problem;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/redirect/{n}", any(countdown))
        .route("/redirect-to", any(anywhere))
        .route("/redirect-loop", any(endless))
}

/// 302 unless the query asks for another one of the family.
fn status(params: &[(String, String)]) -> Result<StatusCode, Problem> {
    match param_or(params, "status", 302)? {
        code @ (301 | 302 | 303 | 307 | 308) => {
            Ok(StatusCode::from_u16(code).unwrap_or(StatusCode::FOUND))
        }
        other => Err(Problem::field(
            "status",
            format!("{other} is none of 301, 302, 303, 307, 308"),
        )),
    }
}

fn redirect(status: StatusCode, to: &str) -> Result<Response, Problem> {
    let to = HeaderValue::from_str(to)
        .map_err(|_| Problem::field("url", "is not usable in a header"))?;
    Ok((status, [(header::LOCATION, to)]).into_response())
}

/// `n` hops, the last of which leads to `/anything`.
async fn countdown(Path(n): Path<String>, Query(params): Params) -> Result<Response, Problem> {
    let left: u32 = n
        .parse()
        .map_err(|_| Problem::field("n", format!("`{n}` is not a number of redirects")))?;
    let status = status(&params)?;
    match left {
        0 | 1 => redirect(status, "/anything"),
        _ => redirect(
            status,
            &format!("/redirect/{}?status={}", left - 1, status.as_u16()),
        ),
    }
}

async fn anywhere(Query(params): Params) -> Result<Response, Problem> {
    let url = param(&params, "url").ok_or_else(|| Problem::field("url", "is missing"))?;
    redirect(status(&params)?, url)
}

async fn endless(Query(params): Params) -> Result<Response, Problem> {
    redirect(status(&params)?, "/redirect-loop")
}
