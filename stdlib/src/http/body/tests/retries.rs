//! Retries: none unless asked, none of what may do harm, all of them on record.

use super::*;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::IntoResponse;
use axum::routing::any;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server that fails `times` times and then answers with how often it was asked.
async fn failing_at_first(times: u32, status: u16) -> String {
    let count = Arc::new(AtomicU32::new(0));
    let answer = move || async move {
        let asked = count.fetch_add(1, Ordering::SeqCst) + 1;
        if asked <= times {
            StatusCode::from_u16(status)
                .expect("a status")
                .into_response()
        } else {
            asked.to_string().into_response()
        }
    };
    serve(Router::new().route("/", any(answer))).await
}

fn retrying(base: &str, times: u32) -> ClientSpec {
    ClientSpec {
        retry: RetrySpec {
            times,
            backoff: Duration::from_millis(1),
            ..RetrySpec::default()
        },
        ..based(base)
    }
}

#[tokio::test]
async fn a10_a_503_is_an_answer_unless_retries_are_asked_for() {
    let base = failing_at_first(1, 503).await;
    assert_eq!(get(&base).await.expect("an answer").status, 503);
}

#[tokio::test]
async fn a10_retries_end_with_success_and_all_tries_are_kept() {
    let base = failing_at_first(2, 503).await;
    let response = send(&client(retrying(&base, 3)), Request::new("GET", "/")).await;
    let response = response.expect("an answer");
    assert_eq!((response.status, response.text().as_str()), (200, "3"));
    assert_eq!(response.exchange.tries(), 3);
    let causes: Vec<_> = response
        .exchange
        .view(100)
        .hops
        .into_iter()
        .map(|hop| hop.cause)
        .collect();
    assert_eq!(
        causes,
        [
            "",
            "retry after 1ms: status 503",
            "retry after 2ms: status 503"
        ]
    );
}

#[tokio::test]
async fn a10_a_post_goes_out_once() {
    let base = failing_at_first(1, 503).await;
    let client = client(retrying(&base, 3));
    let response = send(&client, Request::new("POST", "/"))
        .await
        .expect("an answer");
    assert_eq!((response.status, response.exchange.tries()), (503, 1));
}

#[tokio::test]
async fn a10_a_500_is_a_bug_of_the_server_and_not_retried() {
    let base = failing_at_first(1, 500).await;
    let client = client(retrying(&base, 3));
    let response = send(&client, Request::new("GET", "/"))
        .await
        .expect("an answer");
    assert_eq!(response.status, 500);
}

#[tokio::test]
async fn when_all_tries_fail_the_last_answer_is_the_answer() {
    let base = failing_at_first(9, 502).await;
    let response = send(&client(retrying(&base, 2)), Request::new("GET", "/")).await;
    let response = response.expect("an answer");
    assert_eq!((response.status, response.exchange.tries()), (502, 3));
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let recorder = Recorder::new();
    let client = client(retrying(&format!("http://{address}"), 2));
    let error = client.send(&Request::new("GET", "/"), &recorder).await;
    assert!(matches!(
        error.expect_err("refused").error,
        HttpError::Refused { .. }
    ));
    let exchange = recorder.exchange();
    assert_eq!(exchange.tries(), 3);
    assert!(exchange.hops.iter().all(|hop| hop.error.is_some()));
}

#[tokio::test]
async fn a_server_that_asks_for_an_hour_gets_its_answer_reported() {
    let busy = || async { (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "3600")]) };
    let base = serve(Router::new().route("/", any(busy))).await;
    let response = send(&client(retrying(&base, 3)), Request::new("GET", "/")).await;
    let response = response.expect("an answer");
    assert_eq!((response.status, response.exchange.tries()), (429, 1));
}
