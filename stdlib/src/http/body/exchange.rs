//! The record of an exchange: every hop of every try, also of one that was cut off in the middle.
//!
//! A [`Recorder`] is written while the exchange goes on and can be read at any moment. Bodies are kept as
//! excerpts; the views made of a record are owned, bounded and serialisable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, Url, Version};
use serde::{Deserialize, Serialize};

use super::probe::{Probe, Timings};
use super::spec::ClientSpec;
use super::text::{excerpt, human_size};
use super::{curl, show};
use crate::host::duration;

/// How much of a body a record keeps.
const KEPT: usize = 64 << 10;

/// Why a hop was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    First,
    /// The hop before answered with a redirect.
    Redirect,
    /// The try before failed in a way that is retried.
    Retry {
        wait: Duration,
        reason: String,
    },
    /// The server had closed the kept-alive connection; the request was sent again over a new one.
    StaleConnection,
    /// To get the token the request needs.
    Token,
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub struct RequestRecord {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: BodyRecord,
}

/// The body of a request, as far as it is kept.
#[derive(Debug, Clone)]
pub enum BodyRecord {
    Empty,
    /// The beginning, which is the whole of most bodies.
    Bytes {
        start: Bytes,
        size: u64,
    },
    Multipart(Vec<PartRecord>),
    File {
        path: PathBuf,
        size: u64,
    },
}

/// A part of a multipart body.
#[derive(Debug, Clone)]
pub struct PartRecord {
    pub name: String,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub text: Option<String>,
    pub path: Option<PathBuf>,
    pub size: u64,
}

/// A response as it came.
#[derive(Debug, Clone)]
pub struct ResponseRecord {
    pub status: u16,
    pub version: Version,
    pub headers: HeaderMap,
    pub remote: Option<SocketAddr>,
    /// Bytes of the body on the wire, before unpacking.
    pub raw_size: u64,
    /// Bytes of the body.
    pub size: u64,
    /// The beginning of the body.
    pub start: Bytes,
    pub saved_to: Option<PathBuf>,
}

/// One request and what came of it.
#[derive(Debug, Clone)]
pub struct Hop {
    pub cause: Cause,
    pub request: RequestRecord,
    pub response: Option<ResponseRecord>,
    pub error: Option<String>,
    pub(crate) probe: Arc<Probe>,
}

impl Cause {
    /// Why the hop was made, in a few words; nothing for the first.
    pub fn words(&self) -> String {
        match self {
            Self::First => String::new(),
            Self::Redirect => "redirect".to_owned(),
            Self::Retry { wait, reason } => {
                format!("retry after {}: {reason}", duration::show(*wait))
            }
            Self::StaleConnection => {
                "sent again: the server had closed the kept-alive connection".to_owned()
            }
            Self::Token => "token".to_owned(),
        }
    }

    /// Whether a try begins with it.
    pub fn begins_try(&self) -> bool {
        matches!(self, Self::First | Self::Retry { .. })
    }
}

impl Hop {
    pub fn timings(&self) -> Timings {
        self.probe.timings()
    }

    /// Whether it went over a connection kept alive from an earlier request.
    pub fn is_reused(&self) -> bool {
        self.probe.is_reused()
    }

    /// What the hop is, or was last, busy with.
    pub fn phase(&self) -> super::probe::Phase {
        self.probe.phase()
    }
}

/// All hops of one request of the script, in order.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub hops: Vec<Hop>,
    pub(crate) spec: Arc<ClientSpec>,
}

impl Exchange {
    /// The last hop that was made for the request itself, not for a token.
    pub fn last(&self) -> Option<&Hop> {
        self.hops.iter().rev().find(|hop| hop.cause != Cause::Token)
    }

    /// Hops that began a try: the first one and each retry.
    pub fn tries(&self) -> usize {
        self.hops
            .iter()
            .filter(|hop| hop.cause.begins_try())
            .count()
    }

    /// The URLs of the redirects that were followed in the last try.
    pub fn redirects(&self) -> Vec<&Url> {
        let mut followed: Vec<&Url> = self
            .hops
            .iter()
            .rev()
            .take_while(|hop| !hop.cause.begins_try())
            .filter(|hop| hop.cause == Cause::Redirect)
            .map(|hop| &hop.request.url)
            .collect();
        followed.reverse();
        followed
    }

    /// The last request as a command to copy and paste.
    pub fn curl(&self) -> String {
        self.last()
            .map(|hop| curl::command(&hop.request, &self.spec))
            .unwrap_or_default()
    }

    /// One line's worth, for events.
    pub fn summary(&self) -> Summary {
        let Some(last) = self.last() else {
            return Summary::default();
        };
        let response = last.response.as_ref();
        Summary {
            method: last.request.method.to_string(),
            url: last.request.url.to_string(),
            status: response.map(|response| response.status),
            error: last.error.clone(),
            duration: self.hops.iter().map(|hop| hop.timings().total).sum(),
            size: response.map_or(0, |response| response.size),
            reused: last.is_reused(),
            tries: self.tries(),
            redirects: self.redirects().len(),
        }
    }

    /// The whole exchange as text for people, with bodies of at most `limit` characters.
    pub fn show(&self, limit: usize) -> String {
        show::exchange(self, limit)
    }

    /// Everything worth showing, with bodies of at most `limit` characters.
    pub fn view(&self, limit: usize) -> ExchangeView {
        ExchangeView {
            hops: self.hops.iter().map(|hop| hop_view(hop, limit)).collect(),
            curl: self.curl(),
        }
    }
}

/// An exchange in a line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    pub method: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub duration: Duration,
    pub size: u64,
    pub reused: bool,
    pub tries: usize,
    pub redirects: usize,
}

/// An exchange to look at. The texts are as they were sent: masking is up to whoever shows them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExchangeView {
    pub hops: Vec<HopView>,
    pub curl: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopView {
    /// Why it was made; empty for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cause: String,
    pub method: String,
    pub url: String,
    pub request_headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseView>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub reused: bool,
    pub timings: TimingsView,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseView {
    pub status: u16,
    pub version: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub size: u64,
    pub raw_size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<SocketAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_to: Option<PathBuf>,
}

/// [`Timings`] in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimingsView {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_us: Option<u64>,
    pub total_us: u64,
}

fn hop_view(hop: &Hop, limit: usize) -> HopView {
    HopView {
        cause: hop.cause.words(),
        method: hop.request.method.to_string(),
        url: hop.request.url.to_string(),
        request_headers: header_list(&hop.request.headers),
        request_body: show_body(&hop.request.body, limit),
        response: hop.response.as_ref().map(|response| ResponseView {
            status: response.status,
            version: format!("{:?}", response.version),
            headers: header_list(&response.headers),
            body: excerpt(&response.start, limit),
            size: response.size,
            raw_size: response.raw_size,
            remote: response.remote,
            saved_to: response.saved_to.clone(),
        }),
        error: hop.error.clone(),
        reused: hop.is_reused(),
        timings: timings_view(&hop.timings()),
    }
}

fn timings_view(timings: &Timings) -> TimingsView {
    let micros = |part: Duration| u64::try_from(part.as_micros()).unwrap_or(u64::MAX);
    TimingsView {
        dns_us: timings.dns.map(micros),
        connect_us: timings.connect.map(micros),
        tls_us: timings.tls.map(micros),
        first_byte_us: timings.first_byte.map(micros),
        total_us: micros(timings.total),
    }
}

pub(crate) fn header_list(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |value: &[u8]| super::text::printable(&String::from_utf8_lossy(value));
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), shown(value.as_bytes())))
        .collect()
}

pub(crate) fn show_body(body: &BodyRecord, limit: usize) -> String {
    match body {
        BodyRecord::Empty => String::new(),
        BodyRecord::Bytes { start, .. } => excerpt(start, limit),
        BodyRecord::File { path, size } => {
            format!("({} from {})", human_size(*size), path.display())
        }
        BodyRecord::Multipart(parts) => {
            let lines: Vec<String> = parts.iter().map(|part| show_part(part, limit)).collect();
            lines.join("\n")
        }
    }
}

fn show_part(part: &PartRecord, limit: usize) -> String {
    let content = match (&part.text, &part.path) {
        (Some(text), _) => excerpt(text.as_bytes(), limit),
        (None, Some(path)) => format!("({} from {})", human_size(part.size), path.display()),
        (None, None) => format!("({})", human_size(part.size)),
    };
    format!("{}: {content}", part.name)
}

/// What a record keeps of `body`. Copied when it is large, so that the record does not keep all of it alive.
pub(crate) fn keep(body: &Bytes) -> Bytes {
    if body.len() > KEPT {
        Bytes::copy_from_slice(&body[..KEPT])
    } else {
        body.clone()
    }
}

/// Where an exchange is written down while it happens. Clones write the same record.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    hops: Vec<Hop>,
    spec: Option<Arc<ClientSpec>>,
    sealed: Option<Arc<Exchange>>,
}

impl Recorder {
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn opens(&self, spec: &Arc<ClientSpec>) {
        let mut state = self.lock();
        state.spec = Some(spec.clone());
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

    /// Notes the error of the hop under way. An exchange that never got to a hop has none to note it on.
    pub(crate) fn fails(&self, error: &str) {
        if let Some(hop) = self.lock().hops.last_mut() {
            hop.probe.ends();
            hop.error.get_or_insert_with(|| error.to_owned());
        }
    }

    /// The marks of the hop under way.
    pub(crate) fn probe(&self) -> Option<Arc<Probe>> {
        self.lock().hops.last().map(|hop| hop.probe.clone())
    }

    /// Ends the record.
    pub(crate) fn seals(&self) -> Arc<Exchange> {
        let mut state = self.lock();
        let exchange = Arc::new(Exchange {
            hops: std::mem::take(&mut state.hops),
            spec: state.spec.clone().unwrap_or_default(),
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
            }),
        }
    }
}
