//! Counts of what really arrived, for benchmarks and for tests about connections. Requests to `/admin/` are not
//! counted, so that looking does not change what is seen. It must not know any endpoint.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::http::StatusCode;
use serde::Serialize;

#[derive(Debug)]
pub(crate) struct Stats {
    requests: AtomicU64,
    by_class: [AtomicU64; 5],
    in_flight: Gauge,
    connections: AtomicU64,
    open: Gauge,
}

#[derive(Debug, Serialize)]
pub(crate) struct Snapshot {
    /// Requests that arrived, answered or not.
    pub requests: u64,
    pub responses: Responses,
    pub in_flight: u64,
    pub most_in_flight: u64,
    /// Connections ever accepted since the last reset.
    pub connections: u64,
    pub open: u64,
    pub most_open: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Responses {
    #[serde(rename = "2xx")]
    pub success: u64,
    #[serde(rename = "3xx")]
    pub redirection: u64,
    #[serde(rename = "4xx")]
    pub client_error: u64,
    #[serde(rename = "5xx")]
    pub server_error: u64,
}

/// A level and the highest it has been.
#[derive(Debug, Default)]
struct Gauge {
    now: AtomicU64,
    most: AtomicU64,
}

/// Lowers its gauge when it is dropped, also when the connection's task is aborted.
pub(crate) struct Raised<'a>(&'a Gauge);

impl Gauge {
    fn raise(&self) -> Raised<'_> {
        let now = self.now.fetch_add(1, Relaxed) + 1;
        self.most.fetch_max(now, Relaxed);
        Raised(self)
    }

    fn forget_most(&self) {
        self.most.store(self.now.load(Relaxed), Relaxed);
    }
}

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Relaxed);
    }
}

impl Stats {
    pub fn new() -> Self {
        Self {
            requests: AtomicU64::new(0),
            by_class: Default::default(),
            in_flight: Gauge::default(),
            connections: AtomicU64::new(0),
            open: Gauge::default(),
        }
    }

    pub fn open_connection(&self) -> Raised<'_> {
        self.connections.fetch_add(1, Relaxed);
        self.open.raise()
    }

    pub fn begin_request(&self) -> Raised<'_> {
        self.requests.fetch_add(1, Relaxed);
        self.in_flight.raise()
    }

    pub fn end_request(&self, status: StatusCode) {
        if let Some(class) = self
            .by_class
            .get(usize::from(status.as_u16() / 100).saturating_sub(1))
        {
            class.fetch_add(1, Relaxed);
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        let class = |index: usize| self.by_class[index].load(Relaxed);
        Snapshot {
            requests: self.requests.load(Relaxed),
            responses: Responses {
                success: class(1),
                redirection: class(2),
                client_error: class(3),
                server_error: class(4),
            },
            in_flight: self.in_flight.now.load(Relaxed),
            most_in_flight: self.in_flight.most.load(Relaxed),
            connections: self.connections.load(Relaxed),
            open: self.open.now.load(Relaxed),
            most_open: self.open.most.load(Relaxed),
        }
    }

    pub fn reset(&self) {
        self.requests.store(0, Relaxed);
        self.by_class
            .iter()
            .for_each(|class| class.store(0, Relaxed));
        self.connections.store(0, Relaxed);
        self.in_flight.forget_most();
        self.open.forget_most();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_remember_their_highest_level_until_reset() {
        let stats = Stats::new();
        let kept = stats.open_connection();
        drop((stats.open_connection(), stats.open_connection()));
        let seen = stats.snapshot();
        assert_eq!((seen.connections, seen.open, seen.most_open), (3, 1, 3));
        stats.reset();
        let seen = stats.snapshot();
        assert_eq!((seen.connections, seen.open, seen.most_open), (0, 1, 1));
        drop(kept);
        assert_eq!(stats.snapshot().open, 0);
    }
}
