//! Exchanges as owned, bounded and serialisable values, for events and reports.
//!
//!

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};

use super::exchange::{BodyRecord, Exchange, Hop, PartRecord};
use super::probe::Timings;
use super::text::{Mask, excerpt, human_size, printable};

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

/// An exchange to look at.
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

/// The line for events.
pub(crate) fn summary(exchange: &Exchange) -> Summary {
    let Some(last) = exchange.last() else {
        return Summary::default();
    };
    let response = last.response.as_ref();
    Summary {
        method: last.request.method.to_string(),
        url: last.request.url.to_string(),
        status: response.map(|response| response.status),
        error: last.error.clone(),
        duration: exchange.hops.iter().map(|hop| hop.timings().total).sum(),
        size: response.map_or(0, |response| response.size),
        reused: last.is_reused(),
        tries: exchange.tries(),
        redirects: exchange.redirects().len(),
    }
}

/// Everything worth showing, with bodies of at most `limit` characters.
pub(crate) fn exchange(exchange: &Exchange, limit: usize) -> ExchangeView {
    ExchangeView {
        hops: exchange
            .hops
            .iter()
            .map(|hop| hop_view(hop, limit, &exchange.mask))
            .collect(),
        curl: exchange.curl(),
    }
}

fn hop_view(hop: &Hop, limit: usize, mask: &Mask) -> HopView {
    HopView {
        cause: hop.cause.words(),
        method: hop.request.method.to_string(),
        url: hop.request.url.to_string(),
        request_headers: header_list(&hop.request.headers, mask),
        request_body: show_body(&hop.request.body, limit, mask),
        response: hop.response.as_ref().map(|response| ResponseView {
            status: response.status,
            version: format!("{:?}", response.version),
            headers: header_list(&response.headers, mask),
            body: excerpt(&response.start, limit, mask),
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

pub(crate) fn header_list(headers: &HeaderMap, mask: &Mask) -> Vec<(String, String)> {
    let shown = |value: &[u8]| printable(&mask.apply(&String::from_utf8_lossy(value)));
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), shown(value.as_bytes())))
        .collect()
}

pub(crate) fn show_body(body: &BodyRecord, limit: usize, mask: &Mask) -> String {
    match body {
        BodyRecord::Empty => String::new(),
        BodyRecord::Bytes { start, .. } => excerpt(start, limit, mask),
        BodyRecord::File { path, size } => {
            format!("({} from {})", human_size(*size), path.display())
        }
        BodyRecord::Multipart(parts) => {
            let lines: Vec<String> = parts
                .iter()
                .map(|part| show_part(part, limit, mask))
                .collect();
            lines.join("\n")
        }
    }
}

fn show_part(part: &PartRecord, limit: usize, mask: &Mask) -> String {
    let content = match (&part.text, &part.path) {
        (Some(text), _) => excerpt(text.as_bytes(), limit, mask),
        (None, Some(path)) => format!("({} from {})", human_size(part.size), path.display()),
        (None, None) => format!("({})", human_size(part.size)),
    };
    format!("{}: {content}", part.name)
}
