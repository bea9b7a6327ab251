//! OAuth2 client credentials (RFC 6749, 4.4). The access token is a JWT, so that scripts can practise decoding
//! one; it is accepted because it is a known session, not because its signature was checked.

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::routes::basic_credentials;
use super::{CLIENT_ID, CLIENT_SECRET};
use crate::app::Shared;
use crate::digest::sign;
use crate::input::param;

const EXPIRES_IN: i64 = 300;

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

pub(super) async fn token(State(app): Shared, headers: HeaderMap, sent: Sent) -> Response {
    let Ok(Form(sent)) = sent else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "send a form, as RFC 6749 has it",
        );
    };
    match param(&sent, "grant_type") {
        None => {
            return refuse(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "grant_type is missing",
            );
        }
        Some("client_credentials") => {}
        Some(_) => {
            return refuse(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "only client_credentials is offered",
            );
        }
    }
    let given = basic_credentials(&headers).or_else(|| {
        Some((
            param(&sent, "client_id")?.to_owned(),
            param(&sent, "client_secret")?.to_owned(),
        ))
    });
    if given
        .as_ref()
        .map(|(id, secret)| (id.as_str(), secret.as_str()))
        != Some((CLIENT_ID, CLIENT_SECRET))
    {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "the client id or its secret is wrong",
        );
    }
    let scope = param(&sent, "scope").unwrap_or("tasks:read tasks:write");
    let token = access_token(scope);
    app.accounts.begin_client_session(
        token.clone(),
        Duration::from_secs(EXPIRES_IN.unsigned_abs()),
    );
    let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": EXPIRES_IN, "scope": scope });
    (
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(body),
    )
        .into_response()
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response {
    let mut response = (
        status,
        Json(json!({ "error": error, "error_description": description })),
    )
        .into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Basic realm=\"demo\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn access_token(scope: &str) -> String {
    let now = Timestamp::now().as_second();
    let head = json!({ "alg": "HS256", "typ": "JWT" });
    let claims = json!({
        "iss": "scenario-demo", "sub": CLIENT_ID, "scope": scope,
        "iat": now, "exp": now + EXPIRES_IN, "jti": Uuid::new_v4().simple().to_string(),
    });
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let signed = format!(
        "{}.{}",
        encode(head.to_string().as_bytes()),
        encode(claims.to_string().as_bytes())
    );
    let signature = sign(CLIENT_SECRET.as_bytes(), signed.as_bytes());
    format!("{signed}.{}", encode(&signature))
}
