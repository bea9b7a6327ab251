//! Servers that misbehave, each told apart in words.

use super::*;
use crate::host::failure::Kind;

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let error = get(&format!("http://{address}/x"))
        .await
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        format!("GET http://{address}/x: connection to {address} refused")
    );
    assert_eq!(error.error.kind(), Kind::Failure);
    assert!(error.error.hint().is_some_and(|hint| hint.contains("port")));
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    // RFC 6761 keeps `.invalid` from ever existing; no question leaves this machine for long.
    let error = failing("http://no-such-host.invalid/").await;
    let HttpError::Unresolved { host, reason } = &error else {
        panic!("a name that does not resolve, not {error}");
    };
    assert_eq!(host, "no-such-host.invalid");
    assert!(!reason.is_empty());
}

#[tokio::test]
async fn a_server_that_hangs_up_without_a_word() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
    })
    .await;
    let error = failing(&format!("http://{address}")).await;
    assert_eq!(
        error.to_string(),
        format!("{address} closed the connection without a response")
    );
}

#[tokio::test]
async fn a_server_that_resets_the_connection() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        stream.set_zero_linger().expect("still open");
    })
    .await;
    let error = failing(&format!("http://{address}")).await;
    assert_eq!(
        error.to_string(),
        format!("connection reset by {address} while waiting for the first byte of the response")
    );
}

#[tokio::test]
async fn a_reset_in_the_middle_of_the_body() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf";
        stream.write_all(half).await.expect("it is read");
        // Else the reset could overtake what was sent.
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.set_zero_linger().expect("still open");
    })
    .await;
    let error = failing(&format!("http://{address}")).await;
    assert_eq!(
        error.to_string(),
        format!("connection reset by {address} while reading the body")
    );
}

#[tokio::test]
async fn a_body_shorter_than_announced() {
    let base = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
    let error = failing(&base).await;
    assert_eq!(
        error.to_string(),
        "the body ended early: 4 of 10 bytes had arrived"
    );
    let base =
        answering(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n").await;
    let error = failing(&base).await;
    assert_eq!(
        error.to_string(),
        "the body ended early: 4 bytes had arrived"
    );
}

#[tokio::test]
async fn what_is_not_http_is_called_so() {
    let base = answering(b"SSH-2.0-OpenSSH_9.2\r\n").await;
    let error = failing(&base).await;
    assert!(
        error
            .to_string()
            .contains("sent something that is not HTTP"),
        "{error}"
    );
    assert!(error.hint().is_some_and(|hint| hint.contains("https")));
    let base = answering(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n").await;
    assert!(matches!(failing(&base).await, HttpError::Malformed { .. }));
}

#[tokio::test]
async fn a_head_that_never_ends_is_bounded() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        let line = format!("x-filler: {}\r\n", "x".repeat(1000));
        while stream.write_all(line.as_bytes()).await.is_ok() {}
    })
    .await;
    let error = failing(&format!("http://{address}")).await;
    assert!(matches!(error, HttpError::Malformed { .. }), "{error}");
}

#[tokio::test]
async fn a_relative_url_without_a_base() {
    let error = get("/tasks").await.expect_err("no base");
    assert!(
        error
            .to_string()
            .starts_with("GET /tasks: bad URL `/tasks`"),
        "{error}"
    );
    assert_eq!(error.error.kind(), Kind::Usage);
    assert!(
        error
            .error
            .hint()
            .is_some_and(|hint| hint.contains("base_url"))
    );
}

#[tokio::test]
async fn a_dead_kept_alive_connection_is_replaced_visibly() {
    // Answers one request on each connection and then closes it without saying so beforehand.
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        stream.write_all(answer).await.expect("it is read");
        // The next request on this connection is read and never answered.
        read_head(&mut stream).await;
    })
    .await;
    let client = client(ClientSpec::default());
    let url = format!("http://{address}");
    send(&client, Request::new("GET", &url))
        .await
        .expect("an answer");
    let second = send(&client, Request::new("GET", &url))
        .await
        .expect("an answer");
    let causes: Vec<_> = second
        .exchange
        .hops
        .iter()
        .map(|hop| hop.cause.clone())
        .collect();
    assert_eq!(causes, [Cause::First, Cause::StaleConnection]);
    let first_error = second.exchange.hops[0].error.as_deref().expect("an error");
    assert!(
        first_error.contains("kept alive from an earlier request"),
        "{first_error}"
    );

    let post = send(&client, Request::new("POST", &url))
        .await
        .expect_err("not repeated");
    assert!(
        matches!(post.error, HttpError::Closed { reused: true, .. }),
        "{post}"
    );
}
