//! What is there to look at afterwards, also of an exchange that was cut off.

use super::*;
use axum::routing::{get, post};

#[tokio::test]
async fn a_record_tells_both_sides_and_how_to_repeat_it() {
    let base = serve(Router::new().route("/", post(|body: String| async move { body }))).await;
    let request = Request {
        payload: Payload::Json(r#"{"a":1}"#.into()),
        ..Request::new("POST", "/")
    };
    let response = send(&client(based(&base)), request)
        .await
        .expect("an answer");
    let view = response.exchange.view(100);
    let hop = &view.hops[0];
    assert_eq!(
        (hop.method.as_str(), hop.url.as_str()),
        ("POST", format!("{base}/").as_str())
    );
    assert_eq!(hop.request_body, r#"{"a":1}"#);
    let answer = hop.response.as_ref().expect("an answer");
    assert_eq!(
        (answer.status, answer.version.as_str(), answer.body.as_str()),
        (200, "HTTP/1.1", r#"{"a":1}"#)
    );
    assert_eq!(
        answer.remote.map(|remote| format!("http://{remote}")),
        Some(base.clone())
    );
    assert_eq!(
        view.curl,
        format!(r#"curl -H 'content-type: application/json' --data-raw '{{"a":1}}' {base}/"#)
    );
    let text = serde_json::to_string(&view).expect("it is JSON");
    let back: ExchangeView = serde_json::from_str(&text).expect("its own JSON");
    assert_eq!(back, view);
}

#[tokio::test]
async fn a_summary_fits_an_event() {
    let base = serve(Router::new().route("/", get(|| async { "hello" }))).await;
    let summary = super::get(&base)
        .await
        .expect("an answer")
        .exchange
        .summary();
    assert_eq!(
        (summary.method.as_str(), summary.status, summary.size),
        ("GET", Some(200), 5)
    );
    assert_eq!(
        (summary.tries, summary.redirects, summary.reused),
        (1, 0, false)
    );
    assert_eq!(summary.error, None);
}

#[tokio::test]
async fn a_dropped_exchange_tells_how_far_it_came() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf";
        let _ = stream.write_all(half).await;
        std::future::pending().await
    })
    .await;
    let client = client(ClientSpec::default());
    let recorder = Recorder::new();
    let request = Request::new("GET", format!("http://{address}"));
    tokio::time::timeout(Duration::from_millis(100), client.send(&request, &recorder))
        .await
        .expect_err("it hangs");
    let exchange = recorder.exchange();
    let hop = exchange.last().expect("it was sent");
    assert_eq!(hop.phase(), Phase::Body);
    assert_eq!(
        hop.response.as_ref().map(|response| response.status),
        Some(200)
    );
}

#[tokio::test]
async fn a_large_body_is_kept_as_an_excerpt() {
    let base = serve(Router::new().route("/", get(|| async { "x".repeat(1 << 20) }))).await;
    let response = super::get(&base).await.expect("an answer");
    let record = response
        .exchange
        .last()
        .and_then(|hop| hop.response.clone());
    let record = record.expect("an answer");
    assert_eq!((record.size, record.start.len()), (1 << 20, 64 << 10));
}

#[tokio::test]
async fn timings_show_the_parts_that_happened() {
    let base = serve(Router::new().route("/", get(|| async { "" }))).await;
    let client = client(based(&base.replace("127.0.0.1", "localhost")));
    let first = send(&client, Request::new("GET", "/"))
        .await
        .expect("an answer");
    let hop = first.exchange.last().expect("a hop");
    let timings = hop.timings();
    assert!(timings.dns.is_some() && timings.connect.is_some() && timings.tls.is_none());
    assert!(timings.first_byte.expect("a head") <= timings.total);
    assert!(!hop.is_reused());
    let second = send(&client, Request::new("GET", "/"))
        .await
        .expect("an answer");
    let hop = second.exchange.last().expect("a hop");
    assert!(hop.is_reused());
    assert_eq!((hop.timings().dns, hop.timings().connect), (None, None));
}
