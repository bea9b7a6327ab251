//! Strange HTTP on demand.

use reqwest::Method;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::site::{Site, body, client, header, refused_fields};

#[tokio::test]
async fn any_status_can_be_had() {
    let site = Site::new().await;
    for code in [200, 201, 204, 304, 400, 404, 418, 429, 500, 503, 599] {
        assert_eq!(
            site.get(&format!("/status/{code}")).await.status().as_u16(),
            code
        );
    }
    assert_eq!(
        header(&site.get("/status/302").await, "location"),
        "/anything"
    );
    assert_eq!(header(&site.get("/status/503").await, "retry-after"), "1");
    for wrong in ["/status/100", "/status/600", "/status/ok"] {
        assert_eq!(
            refused_fields(site.get(wrong).await).await,
            ["code"],
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn everything_is_told_back_for_every_method() {
    let site = Site::new().await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"] {
        let method: Method = method.parse().expect("a method");
        let seen = site
            .request(method.clone(), "/anything/deep/er?a=1&b=2&b=3")
            .header("x-mine", "yes")
            .json(&json!({ "n": [1] }));
        let seen = body(seen.send().await.expect("an answer")).await;
        assert_eq!(
            (seen["method"].as_str(), seen["path"].as_str()),
            (Some(method.as_str()), Some("/anything/deep/er"))
        );
        assert_eq!(seen["query"], json!({ "a": "1", "b": ["2", "3"] }));
        assert_eq!(
            (&seen["headers"]["x-mine"], &seen["json"], &seen["body"]),
            (&json!("yes"), &json!({ "n": [1] }), &json!("{\"n\":[1]}"))
        );
    }
    assert_eq!(
        site.request(Method::HEAD, "/anything")
            .send()
            .await
            .expect("an answer")
            .status(),
        200
    );
}

#[tokio::test]
async fn forms_files_and_bytes_are_told_back() {
    use reqwest::multipart::{Form, Part};
    let site = Site::new().await;
    let form = body(
        site.request(Method::POST, "/anything")
            .form(&[("a", "x y"), ("a", "ü")])
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!(form["form"], json!({ "a": ["x y", "ü"] }));
    let parts = Form::new()
        .text("note", "n")
        .part("file", Part::bytes(&b"abc"[..]).file_name("a.txt"));
    let parts = body(
        site.request(Method::POST, "/anything")
            .multipart(parts)
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!(
        (
            &parts["form"],
            &parts["files"][0]["name"],
            &parts["files"][0]["size"]
        ),
        (&json!({ "note": "n" }), &json!("a.txt"), &json!(3))
    );
    let bytes = body(
        site.request(Method::PUT, "/anything")
            .body(&b"\xff\x00"[..])
            .send()
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!(
        (&bytes["body"], &bytes["size"], &bytes["json"]),
        (&json!("data:;base64,/wA="), &json!(2), &Value::Null)
    );
}

#[tokio::test]
async fn cookies_are_set_kept_and_deleted() {
    let site = Site::new().await;
    assert_eq!(
        site.json("/cookies/set?a=1&b=2").await,
        json!({ "cookies": { "a": "1", "b": "2" } })
    );
    assert_eq!(
        site.json("/cookies").await,
        json!({ "cookies": { "a": "1", "b": "2" } })
    );
    site.get("/cookies/delete?a").await;
    assert_eq!(
        site.json("/cookies").await,
        json!({ "cookies": { "b": "2" } })
    );
    assert_eq!(site.get("/cookies/set?a=1%0D%0Ax").await.status(), 422);
    assert_eq!(site.get("/cookies/set?a=1;%20Path=/x").await.status(), 422);
}

#[tokio::test]
async fn redirects_end_or_do_not() {
    let site = Site::new().await;
    let hop = site.get("/redirect/3?status=307").await;
    assert_eq!(
        (hop.status().as_u16(), header(&hop, "location")),
        (307, "/redirect/2?status=307")
    );
    let following = reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::limited(5))
        .build()
        .expect("a client");
    let url = |path: &str| format!("{}{path}", site.demo.url());
    let end = following
        .get(url("/redirect/5"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(end.url().path(), "/anything");
    assert!(
        following
            .get(url("/redirect-loop"))
            .send()
            .await
            .expect_err("too many")
            .is_redirect()
    );
    let to = site
        .get("/redirect-to?url=http://127.0.0.1:1/x&status=301")
        .await;
    assert_eq!(
        (to.status().as_u16(), header(&to, "location")),
        (301, "http://127.0.0.1:1/x")
    );
    assert_eq!(
        refused_fields(site.get("/redirect/1?status=200").await).await,
        ["status"]
    );
    assert_eq!(
        refused_fields(site.get("/redirect-to").await).await,
        ["url"]
    );
}

#[tokio::test]
async fn a_flaky_key_fails_as_often_as_it_should() {
    let site = Site::new().await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(site.get("/flaky?key=a&fail=2").await.status().as_u16());
    }
    assert_eq!(statuses, [503, 503, 200, 200]);
    assert_eq!(
        site.get("/flaky?key=b&fail=1&status=500").await.status(),
        500
    );
    assert_eq!(
        refused_fields(site.get("/flaky?fail=x").await).await,
        ["fail"]
    );
}

#[tokio::test]
async fn a_limit_is_kept_per_key_and_told_in_headers() {
    let site = Site::new().await;
    let path = "/rate-limited?limit=2&window_ms=60000";
    let first = site.get(path).await;
    assert_eq!(
        (
            first.status().as_u16(),
            header(&first, "x-ratelimit-remaining")
        ),
        (200, "1")
    );
    site.get(path).await;
    let refused = site.get(path).await;
    assert_eq!(refused.status(), 429);
    let seconds: u64 = header(&refused, "retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds));
    assert_eq!(body(refused).await["error"], "rate_limited");
    let other = site
        .request(Method::GET, path)
        .header("x-api-key", "other")
        .send()
        .await
        .expect("an answer");
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn broken_bodies_are_broken() {
    let site = Site::new().await;
    for path in ["/not-json", "/not-json?as=html", "/not-json?as=empty"] {
        let answer = site.get(path).await;
        assert_eq!(header(&answer, "content-type"), "application/json");
        assert!(answer.json::<Value>().await.is_err(), "{path}");
    }
    let truncated = site.get("/truncated").await;
    assert_eq!(truncated.content_length(), Some(1000));
    assert!(truncated.bytes().await.is_err());
    assert!(
        client()
            .get(format!("{}/hang-up", site.demo.url()))
            .send()
            .await
            .is_err()
    );
    assert_eq!(
        site.get("/health").await.status(),
        200,
        "others are not disturbed"
    );
}

#[tokio::test]
async fn slow_bodies_and_events_come_in_pieces_to_their_end() {
    let site = Site::new().await;
    let mut slow = site.get("/slow-body?count=3&every_ms=10").await;
    assert_eq!(slow.content_length(), None);
    assert_eq!(
        slow.chunk().await.expect("bytes").as_deref(),
        Some(&b"line 1 of 3\n"[..])
    );
    assert!(slow.text().await.expect("text").ends_with("line 3 of 3\n"));
    let events = site
        .request(Method::GET, "/sse?count=3&every_ms=1")
        .header("last-event-id", "1")
        .send()
        .await
        .expect("an answer");
    assert_eq!(header(&events, "content-type"), "text/event-stream");
    let events = events.text().await.expect("text");
    assert_eq!(events.matches("event: tick").count(), 2);
    assert!(
        events.starts_with("id: 2\nevent: tick\ndata: {\"tick\":2,\"of\":3}\n\n"),
        "{events}"
    );
    assert_eq!(
        refused_fields(site.get("/sse?every_ms=fast").await).await,
        ["every_ms"]
    );
}

#[tokio::test]
async fn packed_answers_unpack() {
    let site = Site::new().await;
    for (path, name) in [
        ("/gzip", "gzip"),
        ("/deflate", "deflate"),
        ("/brotli", "br"),
        ("/zstd", "zstd"),
    ] {
        let seen = site.json(path).await;
        assert_eq!(
            (
                seen["compressed"].as_str(),
                seen["words"].as_str().map(str::len)
            ),
            (Some(name), Some(60)),
            "{path}"
        );
    }
}

#[tokio::test]
async fn entity_tags_answer_conditional_requests() {
    let site = Site::new().await;
    let with = |name: &'static str, value: &'static str| {
        site.request(Method::GET, "/etag/v1")
            .header(name, value)
            .send()
    };
    assert_eq!(header(&site.get("/etag/v1").await, "etag"), "\"v1\"");
    assert_eq!(
        with("if-none-match", "\"v1\"")
            .await
            .expect("an answer")
            .status(),
        304
    );
    assert_eq!(
        with("if-none-match", "\"v0\"")
            .await
            .expect("an answer")
            .status(),
        200
    );
    assert_eq!(
        with("if-match", "\"v0\"")
            .await
            .expect("an answer")
            .status(),
        412
    );
    assert_eq!(site.get("/etag").await.status(), 200);
}

#[tokio::test]
async fn a_delay_delays_and_has_an_upper_limit() {
    let site = Site::new().await;
    let begin = std::time::Instant::now();
    assert_eq!(site.json("/delay/50").await["delay_ms"], 50);
    assert!(begin.elapsed() >= std::time::Duration::from_millis(50));
    assert_eq!(
        refused_fields(site.get("/delay/999999999").await).await,
        ["ms"]
    );
}
