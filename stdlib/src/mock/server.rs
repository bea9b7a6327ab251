//! The server itself: HTTP on a port of this machine.

use super::answer::Answer;
use super::error::MockError;
use super::log::{Log, Received};
use super::route::Route;
use super::rules::{Reply, Rules};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The longest body that is read.
const LONGEST: usize = 16 * 1024 * 1024;

/// A server that runs. Clones are the same.
#[derive(Clone)]
pub struct Mock {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    port: u16,
    rules: Mutex<Rules>,
    log: Mutex<Log>,
    arrived: Notify,
    chance: Mutex<ChaCha8Rng>,
    stop: CancellationToken,
    /// Nobody listens any more.
    stopped: CancellationToken,
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped, as the script wants it")]
struct Dropped;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

impl Mock {
    /// Starts one; port 0 is any. Must be called inside the runtime.
    pub async fn start(name: &str, port: u16, seed: u64) -> Result<Self, MockError> {
        let failed = |error| MockError::Listen {
            server: name.to_owned(),
            port,
            error,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let listener = listener.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let mock = Self {
            inner: Arc::new(Inner {
                name: name.to_owned(),
                port,
                rules: Mutex::default(),
                log: Mutex::default(),
                arrived: Notify::new(),
                chance: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
                stop: CancellationToken::new(),
                stopped: CancellationToken::new(),
            }),
        };
        let accepting = mock.clone();
        tokio::spawn(async move {
            accepting.accept(&listener).await;
            drop(listener);
            accepting.inner.stopped.cancel();
        });
        Ok(mock)
    }

    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub fn port(&self) -> u16 {
        self.inner.port
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    pub fn rules(&self) -> MutexGuard<'_, Rules> {
        lock(&self.inner.rules)
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.inner.log)
    }

    pub fn is_running(&self) -> bool {
        !self.inner.stop.is_cancelled()
    }

    /// Takes no more requests, and gives its port free.
    pub async fn stop(&self) {
        self.inner.stop.cancel();
        self.inner.stopped.cancelled().await;
    }

    /// The next request of a route that nobody has waited for yet; one that is there is given at once.
    pub async fn next(&self, route: &Route) -> Arc<Received> {
        loop {
            let arrived = self.inner.arrived.notified();
            tokio::pin!(arrived);
            // Before looking, so that none slips in between.
            arrived.as_mut().enable();
            let found = self.log().take(route);
            match found {
                Some(request) => return request,
                None => arrived.await,
            }
        }
    }

    async fn accept(&self, listener: &TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.inner.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => drop(tokio::spawn(self.clone().converse(stream))),
                // Out of descriptors: there may be some in a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    async fn converse(self, stream: tokio::net::TcpStream) {
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| self.clone().answer(request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            _ = connection => {}
            () = self.inner.stop.cancelled() => {}
        }
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<reqwest::Body>, Dropped> {
        let (method, path) = (
            request.method().to_string(),
            request.uri().path().to_owned(),
        );
        let reply = self.rules().next(&method, &path);
        let Some(received) = received(request, reply.is_some()).await else {
            let text = format!("more than {LONGEST} bytes");
            return Ok(Answer::of(StatusCode::PAYLOAD_TOO_LARGE, text).response());
        };
        let received = Arc::new(received);
        self.log().add(received.clone());
        self.inner.arrived.notify_waiters();
        let answer = match reply {
            Some(Reply::Canned(answer)) => answer,
            Some(Reply::Closure(handler)) => {
                tokio::task::spawn_blocking(move || handler.answer(&received))
                    .await
                    .map_err(|_| Dropped)?
            }
            None => {
                let text = format!(
                    "mock server `{}` was told no answer to {method} {path}",
                    self.name()
                );
                Answer::of(StatusCode::NOT_FOUND, text)
            }
        };
        tokio::time::sleep(answer.delay).await;
        if answer.drops {
            return Err(Dropped);
        }
        if answer.error_rate > 0.0 && lock(&self.inner.chance).random::<f64>() < answer.error_rate {
            let text = "an error, as `error_rate` wants it";
            return Ok(Answer::of(StatusCode::INTERNAL_SERVER_ERROR, text).response());
        }
        Ok(answer.response())
    }
}

impl std::fmt::Debug for Mock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "mock server `{}` on {}", self.name(), self.url())
    }
}

/// The whole request, unless its body is too long.
async fn received(request: Request<Incoming>, is_expected: bool) -> Option<Received> {
    let (head, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        if let Some(data) = frame.ok()?.data_ref() {
            bytes.extend_from_slice(data);
        }
        if bytes.len() > LONGEST {
            return None;
        }
    }
    let query = head.uri.query().unwrap_or_default();
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Some(Received {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers: headers.collect(),
        body: bytes,
        is_expected,
    })
}
