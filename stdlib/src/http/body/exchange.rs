//! What an exchange was: every hop of every try, with bodies as excerpts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, Url, Version};

use super::probe::{Probe, Timings};
use super::spec::ClientSpec;
use super::text::Mask;
use super::view::{self, ExchangeView, Summary};
use super::{curl, show, text};
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
    pub(crate) mask: Mask,
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

    /// The last request as a command to copy and paste, without secrets.
    pub fn curl(&self) -> String {
        self.last()
            .map(|hop| curl::command(&hop.request, &self.spec, &self.mask))
            .unwrap_or_default()
    }

    /// The beginning of [`Exchange::curl`], behind which `body`, as it is shown, and the URL make it whole; nothing if they do not.
    pub fn curl_options(&self, body: &str) -> Option<String> {
        curl::options(&self.last()?.request, &self.spec, &self.mask, body)
    }

    /// One line's worth, for events.
    pub fn summary(&self) -> Summary {
        view::summary(self)
    }

    /// The whole exchange as text for people, with bodies of at most `limit` characters.
    pub fn show(&self, limit: usize) -> String {
        show::exchange(self, limit)
    }

    /// What the last hop sent and got, with bodies of at most `limit` characters; empty where there was none.
    pub fn bodies(&self, limit: usize) -> (String, String) {
        let Some(hop) = self.hops.last() else {
            return Default::default();
        };
        let sent = view::show_body(&hop.request.body, limit, &self.mask);
        let got = hop.response.as_ref();
        let got = got.map(|response| text::excerpt(&response.start, limit, &self.mask));
        (sent, got.unwrap_or_default())
    }

    /// Everything worth showing, with bodies of at most `limit` characters.
    pub fn view(&self, limit: usize) -> ExchangeView {
        view::exchange(self, limit)
    }
}

/// What a record keeps of `body`. Copied when it is large, so that the record does not keep all of it alive.
pub(crate) fn keep(body: &Bytes) -> Bytes {
    if body.len() > KEPT {
        Bytes::copy_from_slice(&body[..KEPT])
    } else {
        body.clone()
    }
}
