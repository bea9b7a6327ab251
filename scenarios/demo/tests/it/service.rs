//! The service as a whole: health, index, errors, statistics, start and stop.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::net::TcpStream;

use crate::site::{Site, body, client, quick};

#[tokio::test]
async fn tells_its_health_and_can_be_made_ill() {
    let site = Site::new().await;
    let health = site.json("/health").await;
    assert_eq!(
        (health["status"].as_str(), health["database"].as_str()),
        (Some("ok"), Some("up"))
    );
    assert!(health["version"].is_string());
    assert_eq!(
        site.post("/admin/health", json!({ "database": "down" }))
            .await
            .status(),
        204
    );
    let ill = site.get("/health").await;
    assert_eq!(ill.status(), 503);
    assert_eq!(body(ill).await["database"], "down");
    assert_eq!(
        site.post("/admin/health", json!({ "database": "?" }))
            .await
            .status(),
        422
    );
    assert_eq!(site.post("/admin/reset", json!({})).await.status(), 204);
    assert_eq!(site.get("/health").await.status(), 200);
}

#[tokio::test]
async fn every_endpoint_of_the_index_is_there() {
    let site = Site::new().await;
    let index = site.json("/api/v1").await;
    let endpoints = index["endpoints"].as_array().expect("endpoints");
    assert!(endpoints.len() > 50);
    for endpoint in endpoints {
        let path = endpoint["path"].as_str().expect("a path");
        // A connection that is closed on purpose has no answer to look at.
        if path == "/hang-up" || path == "/truncated" {
            continue;
        }
        let sample = path
            .replace("{code}", "204")
            .replace("{ms}", "0")
            .replace("{n}", "1")
            .replace("{id}", "999999");
        let method: Method = endpoint["method"]
            .as_str()
            .expect("a method")
            .parse()
            .expect("a method");
        let query = if path == "/slow-body" || path == "/sse" {
            "?every_ms=0"
        } else {
            ""
        };
        let response = site
            .request(method, &format!("{sample}{query}"))
            .send()
            .await
            .expect("an answer");
        assert_ne!(response.status(), 405, "{endpoint}");
        let text = response.text().await.expect("text");
        assert!(!text.contains("there is no endpoint"), "{endpoint}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_in_json() {
    let site = Site::new().await;
    let missing = site.get("/nowhere?x=1").await;
    assert_eq!(missing.status(), 404);
    let missing = body(missing).await;
    assert_eq!(
        missing["message"],
        "there is no endpoint GET /nowhere; GET /api/v1 lists them"
    );
    let wrong = site.delete("/tasks").await;
    assert_eq!(wrong.status(), 405);
    assert_eq!(wrong.headers()["allow"], "GET,HEAD,POST");
    assert_eq!(body(wrong).await["error"], "method_not_allowed");
}

#[tokio::test]
async fn unreadable_bodies_are_refused() {
    let site = Site::new().await;
    let send = |kind: &'static str, text: String| {
        site.request(Method::POST, "/tasks")
            .header("content-type", kind)
            .body(text)
            .send()
    };
    assert_eq!(
        send("application/json", "{\"kind\":".into())
            .await
            .expect("an answer")
            .status(),
        400
    );
    assert_eq!(
        send("text/plain", "export".into())
            .await
            .expect("an answer")
            .status(),
        415
    );
    assert_eq!(
        send("application/json", "[]".into())
            .await
            .expect("an answer")
            .status(),
        422
    );
    let huge = send("application/json", format!("\"{}\"", "x".repeat(3_000_000)))
        .await
        .expect("an answer");
    assert_eq!(huge.status(), 413);
    assert_eq!(body(huge).await["error"], "too_large");
}

#[tokio::test]
async fn counts_what_arrives_but_not_the_looking() {
    let site = Site::new().await;
    for _ in 0..3 {
        site.get("/health").await;
    }
    site.get("/status/404").await;
    let stats = site.json("/admin/stats").await;
    assert_eq!(
        (
            stats["requests"].as_u64(),
            stats["responses"]["4xx"].as_u64()
        ),
        (Some(4), Some(1))
    );
    assert_eq!(stats["responses"]["2xx"], 3);
    assert_eq!(stats["in_flight"], 0);
    assert!(stats["connections"].as_u64() >= Some(1));
    site.post("/admin/reset", json!({})).await;
    assert_eq!(site.json("/admin/stats").await["requests"], 0);
}

#[tokio::test]
async fn reset_forgets_everything() {
    let site = Site::new().await;
    let token = site.sign_in().await;
    site.post("/tasks", json!({ "seconds": 60 })).await;
    site.post("/api/chat", json!({ "text": "hello" })).await;
    site.delete("/api/items/1").await;
    site.post("/admin/reset", json!({})).await;
    let me = site
        .request(Method::GET, "/api/me")
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer");
    assert_eq!(me.status(), 401);
    assert_eq!(site.json("/tasks").await, json!([]));
    assert_eq!(site.json("/api/chat").await, json!([]));
    assert_eq!(site.json("/api/items/1").await["sku"], "LAMP-1");
}

#[tokio::test]
async fn stopping_closes_the_port_and_what_is_open() {
    let site = Site::new().await;
    let addr = site.demo.addr;
    let waiting = tokio::spawn(client().get(format!("http://{addr}/delay/60000")).send());
    let open = TcpStream::connect(addr).await.expect("a connection");
    site.until("/admin/stats", |stats| stats["in_flight"] == 1)
        .await;
    tokio::time::timeout(Duration::from_secs(10), site.demo.stop())
        .await
        .expect("stops without waiting for clients");
    assert!(
        waiting.await.expect("no panic").is_err(),
        "the request in flight is cut off"
    );
    assert!(TcpStream::connect(addr).await.is_err(), "nobody listens");
    let mut rest = Vec::new();
    let ended = tokio::io::AsyncReadExt::read_to_end(&mut { open }, &mut rest).await;
    assert!(ended.is_err() || rest.is_empty());
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let site = Site::new().await;
    let again = scenario_demo::Options {
        addr: site.demo.addr,
        ..quick()
    };
    assert!(scenario_demo::serve(again).await.is_err());
}

#[tokio::test]
async fn a_port_can_be_used_again_at_once() {
    let site = Site::new().await;
    let addr = site.demo.addr;
    site.get("/health").await;
    site.demo.stop().await;
    let again = Site::with(scenario_demo::Options { addr, ..quick() }).await;
    assert_eq!(again.get("/health").await.status(), 200);
}
