//! Plain HTTP/1.1 straight to its server: no proxy, no TLS, nothing to agree upon; most requests of tests are like that.
//!
//! reqwest gives each request to a task that has the connection, through a dozen layers. Here a connection is driven by the
//! request that uses it, in the same task, and between two requests by nobody: hyper reads and writes, and nobody is woken
//! but the one who waits (docs/design/waking.md).

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use reqwest::header::{HOST, HeaderValue};
use reqwest::{Body, Method};
use tokio::net::TcpStream;
use tower::Service;
use url::Position;

use super::dns::Resolver;
use super::probe::{PROBE, Probe};
use super::transport::IDLE;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sockets are kept alive and given up as reqwest does it by default.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const PROBES: u32 = 3;
#[cfg(target_os = "linux")]
const UNANSWERED: Duration = Duration::from_secs(30);

/// The connections to all servers that are reached in this way, by driver and name overrides.
pub(crate) struct Direct {
    connector: HttpConnector<Resolver>,
    /// Those that nobody uses, by authority, the latest at the end.
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    wires: HashMap<String, Vec<(Wire, Instant)>>,
    /// When those were last looked for that were kept for too long.
    swept: Option<Instant>,
}

/// A connection.
struct Wire {
    sender: SendRequest<Body>,
    /// `None` once it is closed. Boxed, as wires are handed about.
    connection: Option<Box<Connection<TokioIo<TcpStream>, Body>>>,
    remote: Option<SocketAddr>,
}

/// The head of a response, and the way to its body.
pub(crate) struct Reply {
    pub(crate) response: Response<Incoming>,
    /// `None` when the body is there.
    wire: Option<Wire>,
    pub(crate) remote: Option<SocketAddr>,
    authority: String,
    direct: Arc<Direct>,
}

impl Direct {
    pub(crate) fn new(resolver: Resolver) -> Self {
        let mut connector = HttpConnector::new_with_resolver(resolver);
        connector.set_nodelay(true);
        connector.set_keepalive(Some(KEEP_ALIVE));
        connector.set_keepalive_interval(Some(KEEP_ALIVE));
        connector.set_keepalive_retries(Some(PROBES));
        #[cfg(target_os = "linux")]
        connector.set_tcp_user_timeout(Some(UNANSWERED));
        Self {
            connector,
            kept: Mutex::default(),
        }
    }

    /// Sends a request and waits for the head of its response.
    pub(crate) async fn execute(
        self: Arc<Self>,
        request: reqwest::Request,
        probe: &Arc<Probe>,
    ) -> Result<Reply, BoxError> {
        let authority = request.url().authority().to_owned();
        let mut message = message(request)?;
        let (wire, response) = loop {
            let (mut wire, is_new) = match self.kept(&authority).await {
                Some(wire) => (wire, false),
                // Boxed: the room of what is rarely done would be carried along by all requests.
                None => (Box::pin(self.connect(&authority, probe)).await?, true),
            };
            match wire.send(message).await {
                Ok(response) => break (wire, response),
                Err(mut error) => match error.take_message() {
                    // It was closed in this moment, and nothing was sent.
                    Some(unsent) if !is_new => message = unsent,
                    _ => return Err(error.into_error().into()),
                },
            }
        };
        Ok(Reply {
            response,
            remote: wire.remote,
            wire: Some(wire),
            authority,
            direct: self,
        })
    }

    /// The connection that was used last, of those that are open still.
    async fn kept(&self, authority: &str) -> Option<Wire> {
        loop {
            let (mut wire, since) = self.lock().wires.get_mut(authority)?.pop()?;
            if since.elapsed() > IDLE {
                self.lock().wires.remove(authority);
                return None;
            }
            wire.look().await;
            if wire.is_free() {
                return Some(wire);
            }
        }
    }

    fn keep(&self, authority: String, wire: Wire) {
        let now = Instant::now();
        let mut kept = self.lock();
        kept.wires.entry(authority).or_default().push((wire, now));
        if kept.swept.is_none_or(|at| now - at > IDLE) {
            kept.swept = Some(now);
            kept.wires.retain(|_, wires| {
                wires.retain(|(_, since)| now - *since <= IDLE);
                !wires.is_empty()
            });
        }
    }

    /// Closes all that nobody uses: their driver goes.
    pub(crate) fn close(&self) {
        self.lock().wires.clear();
    }

    async fn connect(&self, authority: &str, probe: &Arc<Probe>) -> Result<Wire, BoxError> {
        let target = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(authority)
            .path_and_query("/")
            .build()?;
        let mut connector = self.connector.clone();
        let connecting = async { Ok(connector.call(target).await?) };
        probe.connect_starts();
        let io = PROBE
            .scope(probe.clone(), probe.connecting(connecting))
            .await?;
        probe.connects();
        let remote = io.inner().peer_addr().ok();
        let (sender, connection) = http1::handshake(io).await?;
        Ok(Wire {
            sender,
            connection: Some(Box::new(connection)),
            remote,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Direct").finish_non_exhaustive()
    }
}

impl Wire {
    fn drive(&mut self, cx: &mut Context<'_>) {
        let connection = self.connection.as_mut();
        if connection.is_some_and(|connection| Pin::new(connection).poll(cx).is_ready()) {
            // What waits for it hears why when it goes.
            self.connection = None;
        }
    }

    /// Takes notice of what came.
    async fn look(&mut self) {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(())
        })
        .await;
    }

    fn is_free(&self) -> bool {
        self.connection.is_some() && self.sender.is_ready()
    }

    async fn send(
        &mut self,
        message: Request<Body>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        let mut sending = pin!(self.sender.try_send_request(message));
        poll_fn(|cx| {
            self.drive(cx);
            sending.as_mut().poll(cx)
        })
        .await
    }

    /// The next piece of a body.
    async fn piece(&mut self, body: &mut Incoming) -> Result<Option<Bytes>, hyper::Error> {
        poll_fn(|cx| {
            let mut was_driven = false;
            loop {
                match Pin::new(&mut *body).poll_frame(cx) {
                    Poll::Ready(None) => return Poll::Ready(Ok(None)),
                    Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                    Poll::Ready(Some(Ok(frame))) => {
                        // Nothing but data and trailers comes.
                        if let Ok(data) = frame.into_data() {
                            return Poll::Ready(Ok(Some(data)));
                        }
                    }
                    Poll::Pending if was_driven => return Poll::Pending,
                    Poll::Pending => {
                        self.drive(cx);
                        was_driven = true;
                    }
                }
            }
        })
        .await
    }
}

impl Reply {
    /// The next piece of the body. Behind the last one the connection is free for others; one that is given up before is closed.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, hyper::Error> {
        let Some(wire) = &mut self.wire else {
            return Ok(None);
        };
        if let Some(piece) = wire.piece(self.response.body_mut()).await? {
            return Ok(Some(piece));
        }
        if let Some(mut wire) = self.wire.take() {
            wire.look().await;
            if wire.is_free() {
                self.direct.keep(std::mem::take(&mut self.authority), wire);
            }
        }
        Ok(None)
    }
}

/// A request as it is written to the server itself.
fn message(mut request: reqwest::Request) -> Result<Request<Body>, BoxError> {
    let body = request.body_mut().take().unwrap_or_default();
    let mut message = Request::new(body);
    let url = request.url();
    let authority = url.authority();
    *message.uri_mut() = match *request.method() {
        Method::CONNECT => Uri::from(authority.parse::<Authority>()?),
        _ => {
            let path = &url[Position::BeforePath..Position::AfterQuery];
            Uri::from(path.parse::<PathAndQuery>()?)
        }
    };
    let host = HeaderValue::from_str(authority)?;
    *message.method_mut() = request.method().clone();
    *message.headers_mut() = std::mem::take(request.headers_mut());
    message.headers_mut().entry(HOST).or_insert(host);
    Ok(message)
}
