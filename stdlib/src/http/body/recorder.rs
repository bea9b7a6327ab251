//! Where an exchange is written down while it happens, so that one that is cut off still has a record.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::{HttpError, TimeLimit};
use super::exchange::{Cause, Exchange, Hop, RequestRecord, ResponseRecord, keep};
use super::probe::{Phase, Probe};
use super::receive::Received;
use super::response::Content;
use super::spec::ClientSpec;
use super::text::Mask;

/// A record under way. Clones write the same one; it can be read at any moment.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    hops: Vec<Hop>,
    spec: Option<Arc<ClientSpec>>,
    mask: Mask,
    sealed: Option<Arc<Exchange>>,
}

impl Recorder {
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn opens(&self, spec: &Arc<ClientSpec>, mask: &Mask) {
        let mut state = self.lock();
        state.spec = Some(spec.clone());
        state.mask = mask.clone();
        state.hops.clear();
        state.sealed = None;
    }

    pub(crate) fn begins(&self, cause: Cause, request: RequestRecord, probe: Arc<Probe>) {
        self.lock().hops.push(Hop {
            cause,
            request,
            response: None,
            error: None,
            probe,
        });
    }

    pub(crate) fn responds(&self, response: ResponseRecord) {
        if let Some(hop) = self.lock().hops.last_mut() {
            hop.response = Some(response);
        }
    }

    /// Adds the body to the response of the hop under way.
    pub(crate) fn receives(&self, received: &Received) {
        let mut state = self.lock();
        let hop = state.hops.last_mut();
        let Some(response) = hop.and_then(|hop| hop.response.as_mut()) else {
            return;
        };
        response.raw_size = received.raw_size;
        response.size = received.size;
        match &received.content {
            Content::Memory(bytes) => response.start = keep(bytes),
            Content::File(path) => response.saved_to = Some(path.clone()),
        }
    }

    /// Notes the error of the hop under way. An exchange that never got to a hop has none to note it on.
    pub(crate) fn fails(&self, error: &str) {
        if let Some(hop) = self.lock().hops.last_mut() {
            hop.probe.ends();
            hop.error.get_or_insert_with(|| error.to_owned());
        }
    }

    /// The marks of the hop under way.
    fn probe(&self) -> Option<Arc<Probe>> {
        self.lock().hops.last().map(|hop| hop.probe.clone())
    }

    /// The error for a try that took too long, told by what it was doing.
    pub(crate) fn times_out(&self, limit: Duration) -> HttpError {
        let (phase, received, announced) = match self.probe() {
            Some(probe) => {
                let (received, announced) = probe.received();
                (probe.phase(), received, announced)
            }
            None => (Phase::Connect, 0, None),
        };
        HttpError::Timeout {
            limit: TimeLimit::Total,
            phase,
            elapsed: limit,
            received,
            announced,
        }
    }

    /// Ends the record.
    pub(crate) fn seals(&self) -> Arc<Exchange> {
        let mut state = self.lock();
        let exchange = Arc::new(Exchange {
            hops: std::mem::take(&mut state.hops),
            spec: state.spec.clone().unwrap_or_default(),
            mask: state.mask.clone(),
        });
        state.sealed = Some(exchange.clone());
        exchange
    }

    /// What is known so far: all of it, or up to where the exchange was cut off.
    pub fn exchange(&self) -> Arc<Exchange> {
        let state = self.lock();
        match &state.sealed {
            Some(exchange) => exchange.clone(),
            None => Arc::new(Exchange {
                hops: state.hops.clone(),
                spec: state.spec.clone().unwrap_or_default(),
                mask: state.mask.clone(),
            }),
        }
    }
}
