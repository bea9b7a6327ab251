//! Plain HTTP straight to the server: which connections are kept, and which are not.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that answers each request of a connection with `answer`, as often as `times`, then closes it; and how many connections
/// there were.
async fn counted(answer: &'static [u8], times: usize) -> (String, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    let address = raw(move |mut stream| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            for _ in 0..times {
                if read_head(&mut stream).await.is_empty() {
                    break;
                }
                stream.write_all(answer).await.expect("it is read");
            }
        }
    })
    .await;
    (format!("http://{address}"), connections)
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_not_used_again() {
    let (base, connections) = counted(OK, 1).await;
    let client = client(based(&base));
    for _ in 0..3 {
        // Not idempotent: it would not be sent again.
        let response = send(&client, Request::new("POST", "/")).await;
        assert_eq!(response.expect("an answer").exchange.hops.len(), 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn requests_at_once_have_connections_of_their_own_which_are_kept() {
    let (base, connections) = counted(OK, 9).await;
    let client = client(based(&base));
    let ask = || send(&client, Request::new("GET", "/"));
    let (first, second) = tokio::join!(ask(), ask());
    first.expect("an answer");
    second.expect("an answer");
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    let third = ask().await.expect("an answer");
    assert!(third.exchange.hops[0].is_reused());
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_response_without_a_body_leaves_the_connection_usable() {
    for (method, answer) in [
        ("GET", &b"HTTP/1.1 204 No Content\r\n\r\n"[..]),
        ("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n"),
        (
            "GET",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n",
        ),
    ] {
        let (base, connections) = counted(answer, 9).await;
        let client = client(based(&base));
        for _ in 0..3 {
            let response = send(&client, Request::new(method, "/")).await;
            response.expect("an answer");
        }
        assert_eq!(connections.load(Ordering::SeqCst), 1, "{method}");
    }
}

#[tokio::test]
async fn a_response_that_is_given_up_takes_its_connection_with_it() {
    let (base, connections) = counted(OK, 9).await;
    let client = client(based(&base));
    let mut request = Request::new("GET", "/");
    request.max_body = Some(1);
    send(&client, request).await.expect_err("too large");
    let response = send(&client, Request::new("GET", "/")).await;
    assert_eq!(response.expect("an answer").text(), "ok");
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_server_that_says_it_closes_is_believed() {
    let (base, connections) = counted(
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        9,
    )
    .await;
    let client = client(based(&base));
    for _ in 0..2 {
        let response = send(&client, Request::new("POST", "/")).await;
        response.expect("an answer");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_connection_that_nobody_used_for_long_is_closed() {
    let (base, connections) = counted(OK, 9).await;
    let client = client(based(&base));
    for _ in 0..2 {
        let response = send(&client, Request::new("GET", "/")).await;
        response.expect("an answer");
        tokio::time::sleep(Duration::from_millis(1700)).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_connections_of_a_thread_are_closed_with_it() {
    let (sender, mut closed) = tokio::sync::mpsc::unbounded_channel();
    let address = raw(move |mut stream| {
        let sender = sender.clone();
        async move {
            read_head(&mut stream).await;
            stream.write_all(OK).await.expect("it is read");
            let more = stream.read(&mut [0]).await;
            sender
                .send(more.map_err(|error| error.kind()))
                .expect("asked for");
        }
    })
    .await;
    let transports = Arc::new(Transports::default());
    let spec = Arc::new(based(&format!("http://{address}")));
    let client = Arc::new(Client::new(spec, transports.clone()).expect("a good description"));
    let (mine, shared) = (client.clone(), tokio::runtime::Handle::current());
    let thread = std::thread::spawn(move || {
        let asking = async { send(&mine, Request::new("GET", "/")).await };
        crate::host::driver::drive(&shared, asking).expect("an answer");
    });
    assert_eq!(closed.recv().await, Some(Ok(0)));
    thread.join().expect("it ended well");
    assert_eq!(transports.len(), 0);
}

#[tokio::test]
async fn an_answer_may_come_before_the_request_is_sent_as_a_whole() {
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(OK).await.expect("it is read");
        let mut sink = vec![0; 1 << 16];
        while stream.read(&mut sink).await.is_ok_and(|count| count > 0) {}
    })
    .await;
    let client = client(based(&format!("http://{address}")));
    for _ in 0..2 {
        let mut request = Request::new("PUT", "/");
        request.payload = Payload::Bytes(vec![7; 16 << 20].into());
        let response = send(&client, request).await.expect("an answer");
        assert_eq!(response.text(), "ok");
    }
}

#[tokio::test]
async fn a_body_of_many_pieces_comes_whole() {
    const SIZE: usize = 3 << 20;
    let address = raw(|mut stream| async move {
        read_head(&mut stream).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is read");
        for piece in vec![b'x'; SIZE].chunks(50_000) {
            stream.write_all(piece).await.expect("it is read");
            tokio::task::yield_now().await;
        }
    })
    .await;
    let response = get(&format!("http://{address}")).await.expect("an answer");
    assert_eq!(response.size, SIZE as u64);
    assert_eq!(response.text().len(), SIZE);
}

#[tokio::test]
async fn a_name_without_address_is_told_as_such() {
    let spec = ClientSpec {
        proxy: ProxySpec::None,
        ..based("http://no-such-host.invalid")
    };
    let error = send(&client(spec), Request::new("GET", "/")).await;
    let error = error.expect_err("no such name").error;
    let HttpError::Unresolved { host, reason } = &error else {
        panic!("a name that does not resolve, not {error}");
    };
    assert_eq!(host, "no-such-host.invalid");
    assert!(reason.starts_with("failed to lookup"), "{reason}");
}

#[tokio::test]
async fn the_host_is_named_as_the_script_has_it() {
    use axum::http::HeaderMap;
    use axum::routing::get;
    let told = get(|headers: HeaderMap| async move {
        headers["host"].to_str().unwrap_or_default().to_owned()
    });
    let base = serve(Router::new().route("/", told)).await;
    let client = client(based(&base));
    let response = send(&client, Request::new("GET", "/")).await;
    assert_eq!(
        response.expect("an answer").text(),
        &base["http://".len()..]
    );
    let mut request = Request::new("GET", "/");
    request
        .headers
        .push(("Host".into(), Some("shop.test".into())));
    let response = send(&client, request).await.expect("an answer");
    assert_eq!(response.text(), "shop.test");
}
