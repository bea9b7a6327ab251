//! OAuth 2 client credentials: one token for many requests, asked for in the open.

use super::*;
use axum::Form;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server whose tokens are numbered and live for `seconds`.
async fn site(seconds: u32) -> String {
    let count = Arc::new(AtomicU32::new(0));
    let issue = move |headers: HeaderMap, Form(form): Form<HashMap<String, String>>| async move {
        let basic = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        // "app:s3cret"
        if basic != Some("Basic YXBwOnMzY3JldA==") || form["grant_type"] != "client_credentials" {
            let refusal = serde_json::json!({ "error": "invalid_client" });
            return (StatusCode::UNAUTHORIZED, axum::Json(refusal)).into_response();
        }
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        axum::Json(serde_json::json!({
            "access_token": format!("{}-{number}", form["scope"]),
            "token_type": "Bearer",
            "expires_in": seconds,
        }))
        .into_response()
    };
    let tell = |headers: HeaderMap| async move {
        let header = headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        header.unwrap_or("nothing").to_owned()
    };
    let router = Router::new()
        .route("/token", post(issue))
        .route("/", get(tell));
    serve(router).await
}

fn spec(base: &str, secret: &str) -> ClientSpec {
    let oauth = OAuth2 {
        token_url: format!("{base}/token"),
        client_id: "app".into(),
        client_secret: secret.into(),
        scope: Some("read".into()),
        fields: Vec::new(),
        credentials: TokenCredentials::Header,
    };
    ClientSpec {
        auth: Auth::OAuth2(Box::new(oauth)),
        ..based(base)
    }
}

async fn told(client: &Client) -> Response {
    send(client, Request::new("GET", "/"))
        .await
        .expect("an answer")
}

#[tokio::test]
async fn a_token_is_fetched_once_and_used_until_it_ends() {
    let client = client(spec(&site(3600).await, "s3cret"));
    let first = told(&client).await;
    assert_eq!(first.text(), "Bearer read-1");
    let causes: Vec<_> = first
        .exchange
        .hops
        .iter()
        .map(|hop| hop.cause.clone())
        .collect();
    assert_eq!(causes, [Cause::Token, Cause::First]);
    let second = told(&client).await;
    assert_eq!(second.text(), "Bearer read-1");
    assert_eq!(second.exchange.hops.len(), 1);
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed() {
    let client = client(spec(&site(5).await, "s3cret"));
    told(&client).await;
    assert_eq!(told(&client).await.text(), "Bearer read-2");
}

#[tokio::test]
async fn parallel_requests_share_one_token() {
    let client = client(spec(&site(3600).await, "s3cret"));
    let (a, b, c) = tokio::join!(told(&client), told(&client), told(&client));
    for response in [a, b, c] {
        assert_eq!(response.text(), "Bearer read-1");
    }
}

#[tokio::test]
async fn a_refused_token_says_what_the_server_said() {
    let base = site(3600).await;
    let client = client(spec(&base, "wrong"));
    let error = send(&client, Request::new("GET", "/"))
        .await
        .expect_err("no token");
    assert_eq!(
        error.to_string(),
        format!("POST {base}/token: no token from {base}/token: status 401: invalid_client")
    );
    assert!(!error.to_string().contains("wrong"));
}
