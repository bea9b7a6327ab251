//! Which way requests go: straight to the server where nothing more is needed, else by reqwest.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Body;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Version};

use super::direct::{self, Direct};
use super::dns;
use super::probe::{PROBE, Probe};

/// Connections, and how to make more.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Reqwest(reqwest::Client),
    Direct(Arc<Direct>),
}

/// A response whose body is still to come.
pub(crate) enum Reply {
    Reqwest(reqwest::Response),
    Direct(Box<direct::Reply>),
}

/// What went wrong on the way.
pub(crate) enum Trouble {
    Reqwest(reqwest::Error),
    Direct(Box<dyn Error + Send + Sync>),
}

impl Pool {
    pub(crate) async fn execute(
        &self,
        request: reqwest::Request,
        probe: &Arc<Probe>,
    ) -> Result<Reply, Trouble> {
        match self {
            Self::Reqwest(client) => {
                // Boxed, as the other way, which most requests go, would carry its room along.
                let sending = Box::pin(client.execute(request));
                let sending = PROBE.scope(probe.clone(), sending);
                sending.await.map(Reply::Reqwest).map_err(Trouble::Reqwest)
            }
            Self::Direct(direct) => match direct.clone().execute(request, probe).await {
                Ok(reply) => Ok(Reply::Direct(Box::new(reply))),
                Err(error) => Err(Trouble::Direct(error)),
            },
        }
    }
}

impl Reply {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Reqwest(response) => response.status(),
            Self::Direct(reply) => reply.response.status(),
        }
    }

    pub(crate) fn version(&self) -> Version {
        match self {
            Self::Reqwest(response) => response.version(),
            Self::Direct(reply) => reply.response.version(),
        }
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        match self {
            Self::Reqwest(response) => response.headers(),
            Self::Direct(reply) => reply.response.headers(),
        }
    }

    pub(crate) fn remote(&self) -> Option<SocketAddr> {
        match self {
            Self::Reqwest(response) => response.remote_addr(),
            Self::Direct(reply) => reply.remote,
        }
    }

    /// How long the body is, if that is known before.
    pub(crate) fn content_length(&self) -> Option<u64> {
        match self {
            Self::Reqwest(response) => response.content_length(),
            Self::Direct(reply) => reply.response.body().size_hint().exact(),
        }
    }

    /// The next piece of the body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        match self {
            Self::Reqwest(response) => response.chunk().await.map_err(Trouble::Reqwest),
            Self::Direct(reply) => {
                let piece = reply.chunk().await;
                piece.map_err(|error| Trouble::Direct(error.into()))
            }
        }
    }
}

impl Trouble {
    /// The outermost error that says something of what happened.
    pub(crate) fn first(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Reqwest(error) => error.source(),
            Self::Direct(error) => Some(&**error),
        }
    }

    /// Whether a name has no address.
    pub(crate) fn is_dns(&self) -> bool {
        match self {
            Self::Reqwest(error) => error.is_dns(),
            Self::Direct(_) => {
                let mut errors = std::iter::successors(self.first(), |error| (*error).source());
                errors.any(|error| error.is::<dns::Unresolved>())
            }
        }
    }
}
