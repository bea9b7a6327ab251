//! Redirects: seen unless followed on request, each hop on record.

use super::*;
use axum::extract::Request as Incoming;
use axum::http::StatusCode;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::response::IntoResponse;
use axum::routing::{any, get};

fn to(status: u16, location: &str) -> impl IntoResponse + use<> {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(LOCATION, location.to_owned())])
}

async fn site() -> String {
    let router = Router::new()
        .route("/start", any(|| async { to(302, "/middle") }))
        .route("/middle", get(|| async { to(301, "end?x=1") }))
        .route("/repeat", any(|| async { to(307, "/echo") }))
        .route("/round", get(|| async { to(302, "/about") }))
        .route("/about", get(|| async { to(302, "/round") }))
        .route("/ftp", get(|| async { to(302, "ftp://h/") }))
        .route("/plain", get(|| async { StatusCode::FOUND }))
        .route(
            "/login",
            any(|| async { ([(SET_COOKIE, "sid=1; Path=/")], to(303, "/echo")) }),
        )
        .fallback(any(|request: Incoming| async {
            let cookie = request.headers().get("cookie").cloned();
            let line = format!("{} {} {cookie:?} ", request.method(), request.uri());
            let body = axum::body::to_bytes(request.into_body(), 1000).await;
            format!("{line}{}", String::from_utf8_lossy(&body.expect("a body")))
        }));
    serve(router).await
}

fn following(base: &str, redirects: u32) -> ClientSpec {
    ClientSpec {
        redirects,
        ..based(base)
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_unless_asked() {
    let base = site().await;
    let response = send(&client(based(&base)), Request::new("GET", "/start")).await;
    let response = response.expect("an answer");
    assert_eq!(response.status, 302);
    assert_eq!(response.header("location").as_deref(), Some("/middle"));
}

#[tokio::test]
async fn every_hop_is_on_record() {
    let base = site().await;
    let client = client(following(&base, 5));
    let response = send(&client, Request::new("GET", "/start"))
        .await
        .expect("an answer");
    assert_eq!(response.text(), "GET /end?x=1 None ");
    assert_eq!(response.url.as_str(), format!("{base}/end?x=1"));
    let statuses: Vec<_> = response
        .exchange
        .hops
        .iter()
        .map(|hop| hop.response.as_ref().map(|response| response.status))
        .collect();
    assert_eq!(statuses, [Some(302), Some(301), Some(200)]);
    let followed: Vec<_> = response
        .exchange
        .redirects()
        .iter()
        .map(|url| url.path())
        .collect();
    assert_eq!(followed, ["/middle", "/end"]);
}

#[tokio::test]
async fn a_cookie_set_on_the_way_is_sent_at_the_end() {
    let base = site().await;
    let request = Request {
        payload: Payload::Text("secret".into()),
        ..Request::new("POST", "/login")
    };
    let response = send(&client(following(&base, 1)), request)
        .await
        .expect("an answer");
    assert_eq!(response.text(), "GET /echo Some(\"sid=1\") ");
}

#[tokio::test]
async fn a_307_repeats_method_and_body() {
    let base = site().await;
    let request = Request {
        payload: Payload::Text("again".into()),
        ..Request::new("PUT", "/repeat")
    };
    let response = send(&client(following(&base, 1)), request)
        .await
        .expect("an answer");
    assert_eq!(response.text(), "PUT /echo None again");
}

#[tokio::test]
async fn a_circle_is_shown_as_one() {
    let base = site().await;
    let client = client(following(&base, 2));
    let error = send(&client, Request::new("GET", "/round"))
        .await
        .expect_err("a circle");
    assert_eq!(
        error.to_string(),
        format!(
            "GET {base}/round: more than 2 redirects, going in a circle: {base}/round -> /about -> /round -> /about"
        )
    );
}

#[tokio::test]
async fn a_request_may_follow_where_its_client_does_not() {
    let base = site().await;
    let request = Request {
        redirects: Some(3),
        ..Request::new("GET", "/start")
    };
    let response = send(&client(based(&base)), request)
        .await
        .expect("an answer");
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_a_failure_and_one_without_target_an_answer() {
    let base = site().await;
    let client = client(following(&base, 3));
    let error = send(&client, Request::new("GET", "/ftp"))
        .await
        .expect_err("ftp")
        .error;
    assert_eq!(
        error.to_string(),
        "the redirect to `ftp://h/` cannot be followed: only http and https are spoken here"
    );
    let plain = send(&client, Request::new("GET", "/plain"))
        .await
        .expect("an answer");
    assert_eq!(plain.status, 302);
}

#[tokio::test]
async fn credentials_stay_with_the_server_they_are_for() {
    let other = serve(Router::new().fallback(any(|request: Incoming| async move {
        format!("{:?}", request.headers().get("authorization"))
    })))
    .await;
    let target = other.clone();
    let hop = move || async move { to(302, &format!("{target}/x")) };
    let base = serve(Router::new().route("/", get(hop))).await;
    let spec = ClientSpec {
        auth: Auth::Bearer("t".into()),
        ..following(&base, 1)
    };
    let client = client(spec);
    let away = send(&client, Request::new("GET", "/"))
        .await
        .expect("an answer");
    assert_eq!(away.text(), "None");
    let direct = send(&client, Request::new("GET", &other))
        .await
        .expect("an answer");
    assert_eq!(
        direct.text(),
        "Some(Sensitive)".replace("Sensitive", "\"Bearer t\"")
    );
}
