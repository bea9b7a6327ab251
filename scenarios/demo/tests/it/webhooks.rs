//! Webhooks, received by a second demo's `/anything` or by a listener of our own.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::site::{Site, body, refused_fields};

type Call = (HeaderMap, String);

/// A receiver that refuses the first `refused` calls.
async fn receiver(refused: usize) -> (String, mpsc::UnboundedReceiver<Call>) {
    let (sender, calls) = mpsc::unbounded_channel();
    let left = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(refused));
    let hook = move |headers: HeaderMap, body: String| {
        let (sender, left) = (sender.clone(), left.clone());
        async move {
            sender.send((headers, body)).expect("the test listens");
            let one_less = |left: usize| left.checked_sub(1);
            use std::sync::atomic::Ordering::SeqCst;
            match left.fetch_update(SeqCst, SeqCst, one_less) {
                Ok(_) => StatusCode::INTERNAL_SERVER_ERROR,
                Err(_) => StatusCode::NO_CONTENT,
            }
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!(
        "http://{}/hook?a=b",
        listener.local_addr().expect("an address")
    );
    tokio::spawn(
        async move { axum::serve(listener, Router::new().route("/hook", post(hook))).await },
    );
    (url, calls)
}

#[tokio::test]
async fn the_end_of_a_task_is_posted_and_signed() {
    let site = Site::new().await;
    let (url, mut calls) = receiver(0).await;
    let hook = site
        .post(
            "/api/webhooks",
            json!({ "url": url, "events": ["task.success"], "secret": "s3" }),
        )
        .await;
    assert_eq!(hook.status(), 201);
    let hook = body(hook).await;
    assert!(hook["secret"].is_null(), "the secret is never shown");
    site.post("/tasks", json!({ "seconds": 0.05, "fail": true }))
        .await;
    site.post("/tasks", json!({ "seconds": 0.05, "kind": "report" }))
        .await;
    let (headers, text) = calls.recv().await.expect("a call");
    let payload: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (payload["event"].as_str(), payload["data"]["kind"].as_str()),
        (Some("task.success"), Some("report"))
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(b"s3").expect("any length");
    mac.update(text.as_bytes());
    let expected: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(headers["x-demo-signature"], format!("sha256={expected}"));
    let log = site
        .until("/api/webhooks/1/deliveries", |log| {
            log[0]["state"] == "delivered"
        })
        .await;
    assert_eq!(
        (
            log[0]["id"].as_str(),
            log[0]["attempts"][0]["status"].as_u64()
        ),
        (headers["x-demo-delivery"].to_str().ok(), Some(204))
    );
}

#[tokio::test]
async fn a_refused_call_is_tried_again_with_the_same_id() {
    let site = Site::new().await;
    let (url, mut calls) = receiver(2).await;
    site.post("/api/webhooks", json!({ "url": url })).await;
    site.post("/api/chat", json!({ "text": "hello" })).await;
    let first = calls.recv().await.expect("a call");
    let second = calls.recv().await.expect("a call");
    assert_eq!(
        (first.0["x-demo-delivery"].clone(), first.1),
        (second.0["x-demo-delivery"].clone(), second.1)
    );
    let log = site
        .until("/api/webhooks/1/deliveries", |log| {
            log[0]["state"] == "delivered"
        })
        .await;
    let statuses: Vec<_> = log[0]["attempts"]
        .as_array()
        .expect("tries")
        .iter()
        .map(|went| went["status"].as_u64())
        .collect();
    assert_eq!(statuses, [Some(500), Some(500), Some(204)]);
    assert_eq!(log[0]["payload"]["data"]["message"]["text"], "hello");
}

#[tokio::test]
async fn nobody_there_is_given_up_after_three_more_tries() {
    let site = Site::new().await;
    let gone = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port")
        .local_addr()
        .expect("an address");
    site.post("/api/webhooks", json!({ "url": format!("http://{gone}/") }))
        .await;
    site.post("/tasks", json!({ "seconds": 60 })).await;
    site.delete("/tasks/1").await;
    let log = site
        .until("/api/webhooks/1/deliveries", |log| {
            log[0]["state"] == "failed"
        })
        .await;
    assert_eq!(log[0]["event"], "task.revoked");
    assert_eq!(log[0]["attempts"].as_array().map(Vec::len), Some(4));
    assert!(
        log[0]["attempts"][3]["error"]
            .as_str()
            .expect("an error")
            .starts_with("cannot connect")
    );
}

#[tokio::test]
async fn a_removed_hook_is_not_called() {
    let site = Site::new().await;
    let (url, mut calls) = receiver(0).await;
    site.post("/api/webhooks", json!({ "url": url })).await;
    assert_eq!(
        site.json("/api/webhooks").await.as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(site.delete("/api/webhooks/1").await.status(), 204);
    let (kept, mut kept_calls) = receiver(0).await;
    site.post("/api/webhooks", json!({ "url": kept })).await;
    site.post("/tasks", json!({ "seconds": 0 })).await;
    kept_calls.recv().await.expect("the other hook is called");
    assert!(calls.try_recv().is_err());
    assert_eq!(site.get("/api/webhooks/1/deliveries").await.status(), 404);
}

#[tokio::test]
async fn only_this_machine_and_known_events_are_accepted() {
    let site = Site::new().await;
    let wanted = json!({ "url": "http://example.com/hook", "events": ["task.success", "moon"] });
    assert_eq!(
        refused_fields(site.post("/api/webhooks", wanted).await).await,
        ["url", "events"]
    );
    assert_eq!(
        refused_fields(site.post("/api/webhooks", json!({})).await).await,
        ["url"]
    );
}
