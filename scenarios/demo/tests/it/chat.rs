//! The chat and its knobs.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::site::{Site, body, client, refused_fields};

#[tokio::test]
async fn the_reply_holds_the_text_and_is_remembered() {
    let site = Site::new().await;
    site.sign_in().await;
    let reply = body(
        site.post("/api/chat", json!({ "text": " hello <b> " }))
            .await,
    )
    .await;
    assert!(
        reply["reply"]
            .as_str()
            .expect("a reply")
            .contains("hello <b>"),
        "{reply}"
    );
    let history = site.json("/api/chat").await;
    assert_eq!(history, json!([reply]));
}

#[tokio::test]
async fn guests_have_conversations_of_their_own() {
    let site = Site::new().await;
    site.post("/api/chat", json!({ "text": "mine" })).await;
    assert_eq!(
        site.json("/api/chat").await.as_array().map(Vec::len),
        Some(1)
    );
    let other = client()
        .get(format!("{}/api/chat", site.demo.url()))
        .send()
        .await
        .expect("an answer");
    assert_eq!(body(other).await, json!([]));
    site.sign_in().await;
    assert_eq!(
        site.json("/api/chat").await,
        json!([]),
        "signing in is another conversation"
    );
}

#[tokio::test]
async fn a_guest_cookie_that_was_made_up_is_replaced() {
    let site = Site::new().await;
    let forged = client()
        .get(format!("{}/api/chat", site.demo.url()))
        .header("cookie", "guest=user:1:ada@example.com");
    let answer = forged.send().await.expect("an answer");
    assert!(answer.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn one_reply_can_be_made_to_fail_with_a_chosen_body() {
    let site = Site::new().await;
    let knobs = site
        .post(
            "/admin/chat",
            json!({ "fail_next": { "status": 429, "body": { "why": "tired" } } }),
        )
        .await;
    assert_eq!(knobs.status(), 200);
    let failed = site.post("/api/chat", json!({ "text": "one" })).await;
    assert_eq!(failed.status(), 429);
    assert_eq!(body(failed).await, json!({ "why": "tired" }));
    assert_eq!(
        site.post("/api/chat", json!({ "text": "two" }))
            .await
            .status(),
        200
    );
    let calls = site.json("/admin/chat/calls").await;
    let seen: Vec<_> = calls
        .as_array()
        .expect("calls")
        .iter()
        .map(|call| (call["text"].as_str(), call["status"].as_u64()))
        .collect();
    assert_eq!(seen, [(Some("one"), Some(429)), (Some("two"), Some(200))]);
    assert_eq!(
        site.json("/api/chat").await.as_array().map(Vec::len),
        Some(1),
        "a failed one is not remembered"
    );
}

#[tokio::test]
async fn errors_come_at_the_rate_that_was_set() {
    let site = Site::new().await;
    site.post("/admin/chat", json!({ "error_rate": 1 })).await;
    assert_eq!(
        site.post("/api/chat", json!({ "text": "a" }))
            .await
            .status(),
        503
    );
    site.post("/admin/chat", json!({ "error_rate": 0 })).await;
    assert_eq!(
        site.post("/api/chat", json!({ "text": "a" }))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn the_assistant_thinks_as_long_as_it_was_told_to() {
    let site = Site::new().await;
    site.post("/admin/chat", json!({ "delay_ms": 60 })).await;
    let begin = Instant::now();
    site.post("/api/chat", json!({ "text": "a" })).await;
    assert!(begin.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn wrong_texts_and_knobs_are_refused() {
    let site = Site::new().await;
    assert_eq!(
        refused_fields(site.post("/api/chat", json!({ "text": "  " })).await).await,
        ["text"]
    );
    assert_eq!(
        refused_fields(
            site.post("/api/chat", json!({ "text": "x".repeat(4001) }))
                .await
        )
        .await,
        ["text"]
    );
    let knobs = json!({ "delay_ms": 10_000_000, "error_rate": 2, "fail_next": { "status": 200 } });
    assert_eq!(
        refused_fields(site.post("/admin/chat", knobs).await).await,
        ["delay_ms", "error_rate", "fail_next.status"]
    );
    assert_eq!(
        site.post("/admin/chat", json!({ "delay": 1 }))
            .await
            .status(),
        422
    );
}
