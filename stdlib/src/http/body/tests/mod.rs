//! The client against real servers on loopback: each test is a story about one server and one request.

mod bodies;
mod connections;
mod cookies;
mod direct;
mod limits;
mod record;
mod redirects;
mod requests;
mod retries;
mod tls;
mod tokens;
mod trouble;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Starts a server and gives its base URL.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Starts a server that treats each connection as `handle` says.
async fn raw<F, R>(handle: F) -> SocketAddr
where
    F: Fn(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream));
        }
    });
    address
}

/// A server that reads one request, answers with these bytes and closes.
async fn answering(answer: &'static [u8]) -> String {
    let address = raw(move |mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(answer).await.expect("it is read");
        stream.shutdown().await.expect("still open");
    })
    .await;
    format!("http://{address}")
}

/// Reads up to the blank line that ends the head of a request.
async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).expect("a head is text")
}

/// A client of its own, with pools of its own: each test has its own runtime.
fn client(spec: ClientSpec) -> Client {
    Client::new(Arc::new(spec), Arc::default()).expect("a good description")
}

fn based(base_url: &str) -> ClientSpec {
    ClientSpec {
        base_url: Some(base_url.to_owned()),
        ..ClientSpec::default()
    }
}

async fn send(client: &Client, request: Request) -> Result<Response, SendError> {
    client.send(&request, &Recorder::new()).await
}

/// GET with a default client.
async fn get(url: &str) -> Result<Response, SendError> {
    send(&client(ClientSpec::default()), Request::new("GET", url)).await
}

/// GET that must fail.
async fn failing(url: &str) -> HttpError {
    get(url).await.expect_err("it fails").error
}

fn millis(millis: u64) -> Option<Duration> {
    Some(Duration::from_millis(millis))
}
