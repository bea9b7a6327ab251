//! How `http` talks: a client, its requests, and a record of every exchange.
//!
//! Nothing here knows Rhai, attempts or scenarios. A [`ClientSpec`] describes a client, [`Client::new`]
//! checks it, [`Client::send`] sends a [`Request`]: over as many tries and redirect hops as the description
//! allows, each written into a [`Recorder`] the caller keeps, so that the record survives a dropped future.
//!
//! The parts, in the order a request meets them:
//!
//! | file | question |
//! |---|---|
//! | `spec`, `request` | what did the script ask for? |
//! | `plan`, `address`, `headers`, `payload` | which URL, headers and bytes does that mean? |
//! | `transport`, `pool`, `direct`, `tls`, `dns`, `probe` | which connections carry it, and when did what happen? |
//! | `client`, `send` | tries, hops and timeouts |
//! | `redirect`, `retry`, `oauth` | what comes after a response? |
//! | `receive`, `decode`, `sink` | how does the body come in, bounded? |
//! | `response` | what is there to look at afterwards? |
//! | `recorder`, `exchange`, `view`, `show`, `curl` | what happened, and how is it told? |
//! | `error`, `classify` | what went wrong, in words? |

mod address;
mod classify;
mod client;
mod curl;
mod decode;
mod direct;
mod dns;
mod error;
mod exchange;
mod headers;
mod jar;
mod oauth;
mod payload;
mod plan;
mod pool;
mod probe;
mod receive;
mod recorder;
mod redirect;
mod request;
mod response;
mod retry;
mod send;
mod show;
mod sink;
mod spec;
mod text;
mod tls;
mod transport;
mod view;

#[cfg(test)]
mod tests;

pub use client::{Checked, Client};
pub use error::{HttpError, SendError, TimeLimit, TlsTrouble};
pub use exchange::{BodyRecord, Cause, Exchange, Hop, PartRecord, RequestRecord, ResponseRecord};
pub use jar::{CookieView, Jar, NewCookie};
pub use probe::{Phase, Timings};
pub use recorder::Recorder;
pub use request::{Part, PartContent, Payload, QueryValue, Request};
pub use response::{Content, Response};
pub use spec::{
    Auth, ClientSpec, HttpVersion, OAuth2, Pem, ProxySpec, RetryOn, RetrySpec, Timeouts, TlsSpec,
    TokenCredentials,
};
pub use text::{Mask, parse_size};
pub use transport::Transports;
pub use view::{ExchangeView, HopView, ResponseView, Summary, TimingsView};

/// The TLS configuration that `spec` asks for: for other clients that take the same options.
pub(crate) fn tls_config(spec: &TlsSpec) -> Result<rustls::ClientConfig, HttpError> {
    tls::config(&tls::load(spec)?, HttpVersion::Http1)
}
