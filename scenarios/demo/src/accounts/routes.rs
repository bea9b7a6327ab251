//! The JSON endpoints of accounts. The pages for people (`/login`, `/dashboard`) are in `pages`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::store::{Refused, SESSION_LASTS};
use super::{SignedIn, oauth};
use crate::app::{App, Shared};
use crate::input::{Input, cookie, text_header};
use crate::problem::{FieldError, Problem};

const COOKIE: &str = "session";
const SHORTEST_PASSWORD: usize = 8;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/register", post(register))
        .route("/api/login", post(login))
        .route("/api/logout", post(logout))
        .route("/api/me", get(me))
        .route("/oauth/token", post(oauth::token))
        .route("/basic-auth", get(basic))
        .route("/basic-auth/{user}/{password}", get(basic_as))
}

/// The secret of the session a request belongs to; the header wins over the cookie.
pub(crate) fn session_token(headers: &HeaderMap) -> Option<&str> {
    let bearer = text_header(headers, "authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    bearer.or_else(|| cookie(headers, COOKIE))
}

pub(crate) fn session_cookie(token: &str) -> HeaderValue {
    HeaderValue::from_str(&format!(
        "{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}",
        SESSION_LASTS.as_secs()
    ))
    .unwrap_or_else(|_| expired_cookie())
}

pub(crate) fn expired_cookie() -> HeaderValue {
    HeaderValue::from_static("session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
}

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    name: String,
}

async fn register(
    State(app): Shared,
    Input(sent): Input<Registration>,
) -> Result<Response, Problem> {
    let mut wrong = Vec::new();
    if !is_address(&sent.email) {
        wrong.push(FieldError::new("email", "must be an e-mail address"));
    }
    if sent.password.chars().count() < SHORTEST_PASSWORD {
        wrong.push(FieldError::new(
            "password",
            format!("must have at least {SHORTEST_PASSWORD} characters"),
        ));
    }
    if sent.name.chars().count() > 100 {
        wrong.push(FieldError::new("name", "must have at most 100 characters"));
    }
    if !wrong.is_empty() {
        return Err(Problem::Invalid(wrong));
    }
    let name = match sent.name.trim() {
        "" => sent.email.split('@').next().unwrap_or_default(),
        name => name,
    };
    match app.accounts.register(&sent.email, name, &sent.password) {
        Ok(user) => Ok((StatusCode::CREATED, Json(&*user)).into_response()),
        Err(Refused::Taken) => Err(Problem::Conflict(format!(
            "{} has an account already",
            sent.email
        ))),
        Err(Refused::Full) => Err(Problem::Full),
    }
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && text.len() <= 254
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"(),;:".contains(c))
        && !domain.contains('@')
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

async fn login(State(app): Shared, Input(sent): Input<Credentials>) -> Result<Response, Problem> {
    let user = app
        .accounts
        .check(&sent.email, &sent.password)
        .ok_or(Problem::SignIn(
            "the e-mail address or the password is wrong",
        ))?;
    let token = app.accounts.begin_session(user.clone());
    let cookie = [(header::SET_COOKIE, session_cookie(&token))];
    let body = json!({ "token": token, "token_type": "Bearer", "expires_in": SESSION_LASTS.as_secs(), "user": *user });
    Ok((cookie, Json(body)).into_response())
}

async fn logout(State(app): Shared, _: SignedIn, headers: HeaderMap) -> Response {
    if let Some(token) = session_token(&headers) {
        app.accounts.end_session(token);
    }
    (
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, expired_cookie())],
    )
        .into_response()
}

async fn me(SignedIn(user): SignedIn) -> Response {
    Json(&*user).into_response()
}

/// User name and password of `Authorization: Basic …`.
pub(super) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, encoded) = text_header(headers, "authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

async fn basic(State(app): Shared, headers: HeaderMap) -> Response {
    let user = basic_credentials(&headers)
        .and_then(|(user, password)| app.accounts.check(&user, &password));
    match user {
        Some(user) => Json(json!({ "authenticated": true, "user": user.email })).into_response(),
        None => challenge(),
    }
}

async fn basic_as(Path(expected): Path<(String, String)>, headers: HeaderMap) -> Response {
    match basic_credentials(&headers) {
        Some(given) if given == expected => {
            Json(json!({ "authenticated": true, "user": expected.0 })).into_response()
        }
        _ => challenge(),
    }
}

fn challenge() -> Response {
    let mut response = Problem::SignIn("HTTP basic authentication is needed").into_response();
    let realm = HeaderValue::from_static("Basic realm=\"demo\", charset=\"UTF-8\"");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, realm);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_by_their_shape() {
        for right in ["ada@example.com", "a.b+c@mail.example.org", "ü@example.com"] {
            assert!(is_address(right), "{right}");
        }
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a@b@c.d",
            "a b@c.d",
            "a@c..d",
            "<x>@c.d",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn the_bearer_token_wins_over_the_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("session=from-cookie"),
        );
        assert_eq!(session_token(&headers), Some("from-cookie"));
        headers.insert(
            header::AUTHORIZATION,
            HeaderValue::from_static("bearer from-header"),
        );
        assert_eq!(session_token(&headers), Some("from-header"));
    }
}
