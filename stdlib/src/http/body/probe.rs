//! When did what happen on the wire: marks set from within the connection machinery.
//!
//! reqwest tells only when headers and body are there. The rest is seen by three small spies: a DNS resolver
//! (`dns`), a layer around the connector (here) and the session store of TLS, which is asked at the start
//! of each handshake (`tls`). They find the hop they work for through a task-local [`Probe`].

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde::Serialize;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

tokio::task_local! {
    /// The hop this task is working on.
    pub(crate) static PROBE: Arc<Probe>;
}

/// What a request is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Dns,
    Connect,
    Tls,
    FirstByte,
    Body,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "resolving the host name",
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake went on",
            Self::FirstByte => "waiting for the first byte of the response",
            Self::Body => "reading the body",
        })
    }
}

/// How long the parts of a hop took. `None` where a part did not happen, as on a reused connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Timings {
    /// Resolving the host name.
    pub dns: Option<Duration>,
    /// The TCP (or Unix socket) connection alone.
    pub connect: Option<Duration>,
    /// The TLS handshake alone.
    pub tls: Option<Duration>,
    /// From the start of the hop to the head of the response.
    pub first_byte: Option<Duration>,
    /// From the start of the hop to its end.
    pub total: Duration,
}

/// Points in time, counted from the start of the hop.
#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    dns_start: Option<Duration>,
    dns_end: Option<Duration>,
    connect_start: Option<Duration>,
    tls_start: Option<Duration>,
    connected: Option<Duration>,
    head: Option<Duration>,
    end: Option<Duration>,
    received: u64,
    announced: Option<u64>,
    connect_timed_out: bool,
}

/// The marks of one hop.
#[derive(Debug)]
pub(crate) struct Probe {
    started: Instant,
    connect_limit: Option<Duration>,
    marks: Mutex<Marks>,
}

impl Probe {
    pub(crate) fn new(connect_limit: Option<Duration>) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            connect_limit,
            marks: Mutex::default(),
        })
    }

    /// The probe of the current task, if a hop is being sent on it.
    pub(crate) fn current() -> Option<Arc<Self>> {
        PROBE.try_with(Arc::clone).ok()
    }

    fn mark(&self, set: impl FnOnce(&mut Marks, Duration)) {
        let now = self.started.elapsed();
        set(&mut self.lock(), now);
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
        // Marks are plain values: a panic while they were held cannot have left them half set.
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn connect_starts(&self) {
        self.mark(|marks, now| marks.connect_start = Some(now));
    }

    pub(crate) fn connects(&self) {
        self.mark(|marks, now| marks.connected = Some(now));
    }

    /// Keeps the connect timeout.
    pub(crate) async fn connecting<T>(
        &self,
        connecting: impl Future<Output = Result<T, BoxError>>,
    ) -> Result<T, BoxError> {
        let Some(limit) = self.connect_limit else {
            return connecting.await;
        };
        tokio::time::timeout(limit, connecting)
            .await
            .unwrap_or_else(|_| {
                self.mark(|marks, _| marks.connect_timed_out = true);
                Err(ConnectTimedOut.into())
            })
    }

    pub(crate) fn dns_starts(&self) {
        self.mark(|marks, now| marks.dns_start = Some(now));
    }

    pub(crate) fn dns_ends(&self) {
        self.mark(|marks, now| marks.dns_end = Some(now));
    }

    pub(crate) fn tls_starts(&self) {
        self.mark(|marks, now| marks.tls_start = Some(now));
    }

    /// The head of the response is there.
    pub(crate) fn head_arrives(&self, announced: Option<u64>) {
        self.mark(|marks, now| {
            marks.head = Some(now);
            marks.announced = announced;
        });
    }

    pub(crate) fn receives(&self, bytes: usize) {
        self.lock().received += bytes as u64;
    }

    /// The body is there, or the hop failed.
    pub(crate) fn ends(&self) {
        self.mark(|marks, now| marks.end = Some(now));
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// What the hop is doing now.
    pub(crate) fn phase(&self) -> Phase {
        let marks = *self.lock();
        if marks.head.is_some() {
            Phase::Body
        } else if marks.connected.is_some() || marks.connect_start.is_none() {
            Phase::FirstByte
        } else if marks.tls_start.is_some() {
            Phase::Tls
        } else if marks.dns_start.is_some() && marks.dns_end.is_none() {
            Phase::Dns
        } else {
            Phase::Connect
        }
    }

    /// When the connection was there: the start of the hop, if it was kept alive from an earlier one.
    pub(crate) fn connected_at(&self) -> Option<Instant> {
        let marks = *self.lock();
        match (marks.connected, marks.connect_start) {
            (Some(connected), _) => Some(self.started + connected),
            (None, None) => Some(self.started),
            (None, Some(_)) => None,
        }
    }

    /// Whether the hop used a connection of an earlier request.
    pub(crate) fn is_reused(&self) -> bool {
        let marks = *self.lock();
        marks.connected.is_none() && (marks.head.is_some() || marks.connect_start.is_none())
    }

    pub(crate) fn connect_timed_out(&self) -> bool {
        self.lock().connect_timed_out
    }

    /// Bytes of the body so far, as they came over the wire, and how many the server announced.
    pub(crate) fn received(&self) -> (u64, Option<u64>) {
        let marks = *self.lock();
        (marks.received, marks.announced)
    }

    pub(crate) fn timings(&self) -> Timings {
        let marks = *self.lock();
        let total = marks.end.unwrap_or_else(|| self.started.elapsed());
        let mut timings = Timings {
            first_byte: marks.head,
            total,
            ..Timings::default()
        };
        let Some(connect_start) = marks.connect_start else {
            return timings;
        };
        // A connection that came from the pool after all: what was begun meanwhile is not ours.
        if marks.connected.is_none() && marks.head.is_some() {
            return timings;
        }
        let end = marks.connected.unwrap_or(total);
        timings.dns = marks
            .dns_start
            .map(|start| marks.dns_end.unwrap_or(end).saturating_sub(start));
        let tcp_start = marks.dns_end.unwrap_or(connect_start);
        if marks.dns_start.is_none() || marks.dns_end.is_some() {
            timings.connect = Some(marks.tls_start.unwrap_or(end).saturating_sub(tcp_start));
        }
        timings.tls = marks.tls_start.map(|start| end.saturating_sub(start));
        timings
    }
}

/// The connect timeout ran out.
#[derive(Debug, thiserror::Error)]
#[error("connecting took too long")]
pub(crate) struct ConnectTimedOut;

/// A tower layer that marks when a connection is begun and there, and keeps the connect timeout.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProbeLayer;

impl<S> tower::Layer<S> for ProbeLayer {
    type Service = ProbeConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ProbeConnector {
            inner: Arc::new(inner),
        }
    }
}

/// Cloned ten times a request by the layers above, and called once a connection: so the connector itself is shared.
#[derive(Debug)]
pub(crate) struct ProbeConnector<S> {
    inner: Arc<S>,
}

impl<S> Clone for ProbeConnector<S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<S, R> tower::Service<R> for ProbeConnector<S>
where
    S: tower::Service<R, Error = BoxError> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
    S::Response: 'static,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // The one that is called is asked before its call.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let mut connector = S::clone(&self.inner);
        let connecting = async move {
            poll_fn(|cx| connector.poll_ready(cx)).await?;
            connector.call(request).await
        };
        let Some(probe) = Probe::current() else {
            return Box::pin(connecting);
        };
        probe.connect_starts();
        Box::pin(async move {
            let outcome = probe.connecting(connecting).await;
            // When the request was given a pooled connection meanwhile, this future goes on in a task of
            // its own, where it no longer speaks for the request.
            let is_ours = Probe::current().is_some_and(|current| Arc::ptr_eq(&current, &probe));
            if is_ours && outcome.is_ok() {
                probe.connects();
            }
            outcome
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_that_never_connects_itself_reuses_a_connection() {
        let probe = Probe::new(None);
        probe.head_arrives(None);
        assert!(probe.is_reused());
        let timings = probe.timings();
        assert_eq!(
            (timings.dns, timings.connect, timings.tls),
            (None, None, None)
        );
        assert!(timings.first_byte.is_some());
    }

    #[test]
    fn the_phase_follows_the_marks() {
        let probe = Probe::new(None);
        assert_eq!(probe.phase(), Phase::FirstByte);
        probe.mark(|marks, now| marks.connect_start = Some(now));
        assert_eq!(probe.phase(), Phase::Connect);
        probe.dns_starts();
        assert_eq!(probe.phase(), Phase::Dns);
        probe.dns_ends();
        assert_eq!(probe.phase(), Phase::Connect);
        probe.tls_starts();
        assert_eq!(probe.phase(), Phase::Tls);
        probe.mark(|marks, now| marks.connected = Some(now));
        assert_eq!(probe.phase(), Phase::FirstByte);
        probe.head_arrives(Some(10));
        assert_eq!(probe.phase(), Phase::Body);
        let timings = probe.timings();
        assert!(timings.dns.is_some() && timings.connect.is_some() && timings.tls.is_some());
        assert!(!probe.is_reused());
    }

    #[test]
    fn a_connection_overtaken_by_a_pooled_one_counts_as_reused() {
        let probe = Probe::new(None);
        probe.mark(|marks, now| marks.connect_start = Some(now));
        probe.head_arrives(None);
        assert!(probe.is_reused());
        assert_eq!(probe.timings().connect, None);
    }
}
