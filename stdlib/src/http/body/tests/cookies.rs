//! Cookie jars: apart from each other over shared connections, and open to be looked into.

use super::*;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::routing::get;

async fn site() -> String {
    let login = |Path(name): Path<String>| async move {
        [(SET_COOKIE, format!("user={name}; Path=/; HttpOnly"))]
    };
    let whoami = |headers: HeaderMap| async move {
        let cookie = headers.get("cookie").and_then(|value| value.to_str().ok());
        cookie.unwrap_or("nobody").to_owned()
    };
    let router = Router::new()
        .route("/login/{name}", get(login))
        .route("/whoami", get(whoami));
    serve(router).await
}

async fn whoami(client: &Client) -> String {
    send(client, Request::new("GET", "/whoami"))
        .await
        .expect("an answer")
        .text()
}

#[tokio::test]
async fn a11_two_sessions_over_one_pool_stay_apart() {
    let base = site().await;
    let transports = Arc::new(Transports::default());
    let session = || Client::new(Arc::new(based(&base)), transports.clone()).expect("a client");
    let (ada, bob) = (session(), session());
    send(&ada, Request::new("GET", "/login/ada"))
        .await
        .expect("an answer");
    send(&bob, Request::new("GET", "/login/bob"))
        .await
        .expect("an answer");
    assert_eq!(whoami(&ada).await, "user=ada");
    assert_eq!(whoami(&bob).await, "user=bob");
    assert_eq!(whoami(&session()).await, "nobody");
    assert_eq!(transports.len(), 1, "both use the same connections");
}

#[tokio::test]
async fn a_jar_can_be_read_written_and_emptied() {
    let base = site().await;
    let client = client(based(&base));
    send(&client, Request::new("GET", "/login/ada"))
        .await
        .expect("an answer");
    let jar = client.jar().expect("it keeps cookies");
    let cookie = jar.get("user").expect("it is there");
    assert_eq!(
        (cookie.value.as_str(), cookie.http_only, cookie.host_only),
        ("ada", true, true)
    );
    let mine = NewCookie {
        name: "theme".into(),
        value: "dark".into(),
        ..NewCookie::default()
    };
    jar.set(&mine, client.base().expect("a base"))
        .expect("valid");
    assert_eq!(whoami(&client).await, "theme=dark; user=ada");
    jar.clear();
    assert_eq!(whoami(&client).await, "nobody");
}

#[tokio::test]
async fn a_cookie_header_of_the_script_replaces_the_jar() {
    let base = site().await;
    let client = client(based(&base));
    send(&client, Request::new("GET", "/login/ada"))
        .await
        .expect("an answer");
    let request = Request {
        headers: vec![("Cookie".into(), Some("user=eve".into()))],
        ..Request::new("GET", "/whoami")
    };
    let response = send(&client, request).await.expect("an answer");
    assert_eq!(response.text(), "user=eve");
}

#[tokio::test]
async fn a_client_without_cookies_keeps_none_but_shows_them() {
    let base = site().await;
    let spec = ClientSpec {
        cookies: false,
        ..based(&base)
    };
    let client = client(spec);
    let response = send(&client, Request::new("GET", "/login/ada"))
        .await
        .expect("an answer");
    assert_eq!(response.cookies()[0].value, "ada");
    assert!(client.jar().is_none());
    assert_eq!(whoami(&client).await, "nobody");
}
