//! The accept loop and the life of a connection: it counts what arrives and owns every connection, so that
//! stopping ends them all. It does not know what any endpoint does.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tower::Service;

use crate::app::{App, router};

/// Deep enough that thousands of clients may connect in the same instant.
const BACKLOG: u32 = 4096;

/// Put into the extensions of a response that must never be written: the connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HangUp;

pub(crate) fn bind(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = if addr.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A demo restarted on its old port must not wait for connections in TIME_WAIT. Windows gives this
    // option another meaning (two servers on one port) and does not need it.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

pub(crate) async fn run(listener: TcpListener, app: Arc<App>, mut stop: oneshot::Receiver<()>) {
    let router = router(&app);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), app.clone()));
                }
                // Out of file descriptors, or the peer is gone already: both pass with a little time.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn connection(stream: TcpStream, router: Router, app: Arc<App>) {
    let _open = app.stats.open_connection();
    // Without it small answers wait for the delayed acknowledgement of the peer.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(&app, &router, request));
    // An error here is a client that went away or spoke no HTTP: nobody is left to be told.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(app: &App, router: &Router, request: Request<Incoming>) -> io::Result<Response> {
    let counted = !request.uri().path().starts_with("/admin/");
    let _in_flight = counted.then(|| app.stats.begin_request());
    if !app.options.latency.is_zero() {
        tokio::time::sleep(app.options.latency).await;
    }
    let Ok(response) = router.clone().call(request).await;
    if response.extensions().get::<HangUp>().is_some() {
        return Err(io::Error::other("hung up on request"));
    }
    if counted {
        app.stats.end_request(response.status());
    }
    Ok(response)
}
