//! `/login`, `/dashboard` and the log out button.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::layout::{Value, fill, page};
use crate::accounts::{
    ADA_EMAIL, ADA_PASSWORD, MaybeSignedIn, expired_cookie, session_cookie, session_token,
};
use crate::app::{App, Shared};
use crate::input::{Input, Params, param};
use crate::problem::Problem;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/login", get(login).post(sign_in))
        .route("/logout", post(sign_out))
        .route("/dashboard", get(dashboard))
}

/// Where to go after signing in: only to a page of this service, never to another host.
fn target(next: Option<&str>) -> &str {
    let is_own = |path: &&str| {
        path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n'])
    };
    next.filter(is_own).unwrap_or("/dashboard")
}

fn form(email: &str, next: Option<&str>, wrong: bool) -> String {
    let alert = match wrong {
        true => "<p class=\"alert\" role=\"alert\">E-mail or password is wrong.</p>",
        false => "",
    };
    fill(
        include_str!("html/login.html"),
        &[
            ("alert", Value::Html(alert)),
            ("email", Value::Text(email)),
            ("next", Value::Text(target(next))),
            ("known_email", Value::Text(ADA_EMAIL)),
            ("known_password", Value::Text(ADA_PASSWORD)),
        ],
    )
}

async fn login(signed_in: MaybeSignedIn, Query(params): Params) -> Response {
    let next = param(&params, "next");
    match signed_in.0 {
        Some(_) => Redirect::to(target(next)).into_response(),
        None => page("Sign in", "/login", None, &form("", next, false)).into_response(),
    }
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    next: Option<String>,
}

async fn sign_in(State(app): Shared, Input(sent): Input<Credentials>) -> Result<Response, Problem> {
    let next = sent.next.as_deref();
    let Some(user) = app.accounts.check(sent.email.trim(), &sent.password) else {
        let again = page("Sign in", "/login", None, &form(&sent.email, next, true));
        return Ok((StatusCode::UNAUTHORIZED, again).into_response());
    };
    let cookie = session_cookie(&app.accounts.begin_session(user));
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(target(next))).into_response())
}

async fn sign_out(State(app): Shared, headers: HeaderMap) -> Response {
    if let Some(token) = session_token(&headers) {
        app.accounts.end_session(token);
    }
    (
        [(header::SET_COOKIE, expired_cookie())],
        Redirect::to("/login"),
    )
        .into_response()
}

async fn dashboard(State(app): Shared, signed_in: MaybeSignedIn) -> Response {
    let Some(user) = signed_in.0 else {
        return Redirect::to("/login?next=/dashboard").into_response();
    };
    let counts = app.tasks.count_by_state();
    let tiles: String = counts
        .iter()
        .map(|(state, count)| {
            format!("<li data-state=\"{state}\"><strong>{count}</strong> {state}</li>")
        })
        .collect();
    let content = fill(
        include_str!("html/dashboard.html"),
        &[
            ("name", Value::Text(&user.name)),
            ("email", Value::Text(&user.email)),
            ("tiles", Value::Html(&tiles)),
            (
                "chat",
                Value::Html(&super::chat::widget(
                    &app,
                    &format!("user:{}:{}", user.id, user.email),
                )),
            ),
        ],
    );
    // What a person saw must not come back from the cache after signing out.
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (
        no_store,
        page("Dashboard", "/dashboard", Some(&user), &content),
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_host() {
        for own in ["/chat", "/files?x=1"] {
            assert_eq!(target(Some(own)), own);
        }
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "chat",
            "/a\r\nb",
        ] {
            assert_eq!(target(Some(foreign)), "/dashboard", "{foreign:?}");
        }
    }
}
