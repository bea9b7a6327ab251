//! Bodies that would cost more than they may, and servers that take their time.

use super::*;
use axum::http::header::CONTENT_ENCODING;
use axum::routing::get;
use std::io::Write;

fn limited(base: &str) -> ClientSpec {
    ClientSpec {
        max_body: 10_000,
        max_file: 20_000,
        ..based(base)
    }
}

async fn error(spec: ClientSpec, request: Request) -> HttpError {
    send(&client(spec), request)
        .await
        .expect_err("it fails")
        .error
}

#[tokio::test]
async fn an_announced_giant_is_not_even_read() {
    let base = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx").await;
    let error = error(limited(&base), Request::new("GET", "/")).await;
    assert_eq!(
        error.to_string(),
        "the body is announced as 93.1 GiB, more than the 9.8 KiB allowed"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("save_to")));
}

#[tokio::test]
async fn an_endless_body_stops_at_the_limit() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let _ = stream.write_all(head).await;
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
        while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    })
    .await;
    let base = format!("http://{address}");
    let in_memory = error(limited(&base), Request::new("GET", "/")).await;
    assert_eq!(
        in_memory.to_string(),
        "the body grows beyond the 9.8 KiB allowed"
    );
    let directory = tempfile::tempdir().expect("a directory");
    let request = Request {
        save_to: Some(directory.path().join("x")),
        ..Request::new("GET", "/")
    };
    let in_file = error(limited(&base), request).await;
    assert_eq!(
        in_file.to_string(),
        "the body grows beyond the 19.5 KiB allowed"
    );
}

#[tokio::test]
async fn a_bomb_does_not_go_off() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 5_000_000]).expect("memory");
    let bomb = encoder.finish().expect("memory");
    assert!(bomb.len() < 10_000);
    let answer = move || async move { ([(CONTENT_ENCODING, "gzip")], bomb) };
    let base = serve(Router::new().route("/", get(answer))).await;
    let error = error(limited(&base), Request::new("GET", "/")).await;
    assert_eq!(
        error.to_string(),
        "the body grows beyond the 9.8 KiB allowed when its gzip is unpacked"
    );
}

#[tokio::test]
async fn a_request_may_have_a_limit_of_its_own() {
    let base = serve(Router::new().route("/", get(|| async { "x".repeat(20_000) }))).await;
    let request = Request {
        max_body: Some(30_000),
        ..Request::new("GET", "/")
    };
    let response = send(&client(limited(&base)), request).await;
    assert_eq!(response.expect("an answer").size, 20_000);
}

/// A server that accepts, reads and stays silent.
async fn silent() -> String {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        std::future::pending().await
    })
    .await;
    format!("http://{address}")
}

fn timeouts(set: impl FnOnce(&mut Timeouts)) -> ClientSpec {
    let mut spec = ClientSpec::default();
    set(&mut spec.timeouts);
    spec
}

#[tokio::test]
async fn a_silent_server_is_told_by_what_was_waited_for() {
    let base = silent().await;
    let spec = timeouts(|timeouts| timeouts.total = millis(50));
    assert_eq!(
        error(spec, Request::new("GET", &base)).await.to_string(),
        "timed out after 50ms while waiting for the first byte of the response"
    );
    let spec = timeouts(|timeouts| timeouts.first_byte = millis(50));
    let first_byte = error(spec, Request::new("GET", &base)).await;
    assert!(matches!(
        first_byte,
        HttpError::Timeout {
            limit: TimeLimit::FirstByte,
            phase: Phase::FirstByte,
            ..
        }
    ));
    assert!(
        first_byte
            .hint()
            .is_some_and(|hint| hint.contains("timeout.first_byte"))
    );
}

#[tokio::test]
async fn a_request_may_have_timeouts_of_its_own() {
    let base = silent().await;
    let request = Request {
        timeouts: Some(Timeouts {
            total: millis(20),
            ..Timeouts::default()
        }),
        ..Request::new("GET", &base)
    };
    let error = error(ClientSpec::default(), request).await;
    assert!(
        error.to_string().starts_with("timed out after 20ms"),
        "{error}"
    );
}

/// A server that sends one byte every 20 ms and never ends.
async fn dripping() -> String {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
        let _ = stream.write_all(head).await;
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    format!("http://{address}")
}

#[tokio::test]
async fn a_slow_drip_ends_at_the_total_and_says_how_far_it_came() {
    let base = dripping().await;
    let spec = timeouts(|timeouts| timeouts.total = millis(150));
    let error = error(spec, Request::new("GET", &base)).await;
    let HttpError::Timeout {
        phase,
        received,
        announced,
        ..
    } = error
    else {
        panic!("a timeout, not {error}");
    };
    assert_eq!((phase, announced), (Phase::Body, Some(1000)));
    assert!((1..1000).contains(&received), "{received}");
}

#[tokio::test]
async fn a_body_that_stops_coming_runs_into_the_idle_limit() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf";
        let _ = stream.write_all(half).await;
        std::future::pending().await
    })
    .await;
    let spec = timeouts(|timeouts| timeouts.idle = millis(50));
    let error = error(spec, Request::new("GET", format!("http://{address}"))).await;
    assert_eq!(
        error.to_string(),
        "timed out after 50ms while reading the body: 4 of 8 bytes had arrived"
    );
}

#[tokio::test]
async fn a_host_that_never_answers_runs_into_the_connect_limit() {
    // A listener whose queue is full answers nobody, as a firewall would.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let _crowd = fill_queue(address);
    let spec = timeouts(|timeouts| timeouts.connect = millis(50));
    let error = error(spec, Request::new("GET", format!("http://{address}"))).await;
    assert_eq!(error.to_string(), "timed out after 50ms while connecting");
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("timeout.connect"))
    );
}

/// Connects until nobody answers any more.
fn fill_queue(address: SocketAddr) -> Vec<std::net::TcpStream> {
    let wait = Duration::from_millis(100);
    std::iter::from_fn(|| std::net::TcpStream::connect_timeout(&address, wait).ok())
        .take(10_000)
        .collect()
}
