//! Ways to connect: pools, Unix sockets, proxies, HTTP/2.

use super::*;
use axum::routing::get;
use std::sync::atomic::{AtomicU32, Ordering};

#[tokio::test]
async fn clients_share_connections_that_are_kept_alive() {
    let connections = Arc::new(AtomicU32::new(0));
    let counter = connections.clone();
    let address = raw(move |mut stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            while !read_head(&mut stream).await.is_empty() {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.expect("it is read");
            }
        }
    })
    .await;
    let transports = Arc::new(Transports::default());
    for _ in 0..5 {
        let spec = Arc::new(based(&format!("http://{address}")));
        let client = Client::new(spec, transports.clone()).expect("a client");
        send(&client, Request::new("GET", "/"))
            .await
            .expect("an answer");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_unix_socket_needs_no_address() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("api.sock");
    let listener = tokio::net::UnixListener::bind(&path).expect("a socket");
    let router = Router::new().route("/x", get(|| async { "over a socket" }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let spec = ClientSpec {
        unix_socket: Some(path.clone()),
        ..ClientSpec::default()
    };
    let response = send(&client(spec), Request::new("GET", "/x"))
        .await
        .expect("an answer");
    assert_eq!(response.text(), "over a socket");
    let curl = response.exchange.curl();
    assert_eq!(
        curl,
        format!("curl --unix-socket {} http://localhost/x", path.display())
    );
}

#[tokio::test]
async fn a_socket_that_is_not_there_is_named() {
    let spec = ClientSpec {
        unix_socket: Some("/nowhere/api.sock".into()),
        ..ClientSpec::default()
    };
    let error = send(&client(spec), Request::new("GET", "/"))
        .await
        .expect_err("no socket");
    assert_eq!(
        error.error.to_string(),
        "/nowhere/api.sock cannot be reached: No such file or directory (os error 2)"
    );
}

/// A proxy that answers every plain request itself.
async fn proxy() -> String {
    let address = raw(|mut stream| async move {
        let head = read_head(&mut stream).await;
        let line = head.lines().next().unwrap_or_default();
        let auth = head
            .lines()
            .find(|line| line.starts_with("proxy-authorization"));
        let body = format!("{line}|{}", auth.unwrap_or_default());
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    address.to_string()
}

fn through(proxy: String, except: &[&str]) -> ClientSpec {
    ClientSpec {
        proxy: ProxySpec::Url {
            url: proxy,
            except: except.iter().map(|name| (*name).to_owned()).collect(),
        },
        ..ClientSpec::default()
    }
}

#[tokio::test]
async fn a_proxy_that_is_asked_for_is_used() {
    let proxy = proxy().await;
    let spec = through(format!("http://user:pw@{proxy}"), &[]);
    let response = send(&client(spec), Request::new("GET", "http://far.test/x")).await;
    assert_eq!(
        response.expect("an answer").text(),
        "GET http://far.test/x HTTP/1.1|proxy-authorization: Basic dXNlcjpwdw=="
    );
}

#[tokio::test]
async fn a_proxy_leaves_the_excepted_alone() {
    let base = serve(Router::new().route("/", get(|| async { "direct" }))).await;
    let spec = through(format!("http://{}", proxy().await), &["127.0.0.1"]);
    let response = send(&client(spec), Request::new("GET", &base)).await;
    assert_eq!(response.expect("an answer").text(), "direct");
}

#[tokio::test]
async fn a_proxy_that_is_down_is_blamed_and_its_password_kept() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let spec = through(format!("http://user:secret@{address}"), &[]);
    let error = send(&client(spec), Request::new("GET", "http://far.test/")).await;
    let error = error.expect_err("no proxy").error.to_string();
    assert!(
        error.starts_with(&format!("the proxy http://{address} failed: ")),
        "{error}"
    );
    assert!(!error.contains("secret"));
}

#[tokio::test]
async fn a_proxy_that_refuses_a_tunnel_is_blamed() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").await;
    })
    .await;
    let mut spec = through(format!("http://{address}"), &[]);
    spec.tls.insecure = true;
    let error = send(&client(spec), Request::new("GET", "https://far.test/")).await;
    let error = error.expect_err("no tunnel").error;
    assert!(matches!(error, HttpError::Proxy { .. }), "{error}");
}

#[tokio::test]
async fn http2_is_spoken_without_asking_when_told_so() {
    let base = serve(Router::new().route("/", get(|| async { "two" }))).await;
    let spec = ClientSpec {
        version: HttpVersion::Http2,
        ..based(&base)
    };
    let response = send(&client(spec), Request::new("GET", "/"))
        .await
        .expect("an answer");
    assert_eq!(response.version, reqwest::Version::HTTP_2);
    assert_eq!(response.text(), "two");
}

#[tokio::test]
async fn http2_to_a_server_that_cannot_is_a_failure() {
    let base = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let spec = ClientSpec {
        version: HttpVersion::Http2,
        ..based(&base)
    };
    let error = send(&client(spec), Request::new("GET", "/"))
        .await
        .expect_err("no h2");
    assert_eq!(error.error.kind(), crate::host::failure::Kind::Failure);
}
