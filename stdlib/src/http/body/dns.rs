//! Host names to addresses: overrides first, `localhost` as RFC 6761 has it, else the system.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_localhost;
use super::probe::Probe;

/// A resolver that marks its beginning and end on the [`Probe`] of the task.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    overrides: Arc<BTreeMap<String, Vec<SocketAddr>>>,
}

impl Resolver {
    pub(crate) fn new(overrides: BTreeMap<String, Vec<SocketAddr>>) -> Self {
        Self {
            overrides: Arc::new(overrides),
        }
    }

    /// The answer that needs no question.
    fn known(&self, name: &str) -> Option<Vec<SocketAddr>> {
        if let Some(addresses) = self.overrides.get(name) {
            return Some(addresses.clone());
        }
        // Asking the system costs a thread; the answer is a matter of standard.
        is_localhost(name).then(|| {
            let v4 = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let v6 = IpAddr::V6(Ipv6Addr::LOCALHOST);
            vec![SocketAddr::new(v4, 0), SocketAddr::new(v6, 0)]
        })
    }
}

/// A name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
pub(crate) struct Unresolved(#[source] std::io::Error);

impl Resolver {
    fn resolve(
        &self,
        name: &str,
    ) -> impl Future<Output = std::io::Result<Vec<SocketAddr>>> + Send + use<> {
        let probe = Probe::current();
        if let Some(probe) = &probe {
            probe.dns_starts();
        }
        let known = self.known(name);
        let name = name.to_owned();
        async move {
            let addresses = match known {
                Some(addresses) => addresses,
                None => tokio::net::lookup_host((name, 0)).await?.collect(),
            };
            if let Some(probe) = &probe {
                probe.dns_ends();
            }
            Ok(addresses)
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolving = self.resolve(name.as_str());
        Box::pin(async move { Ok(Box::new(resolving.await?.into_iter()) as Addrs) })
    }
}

impl tower::Service<connect::dns::Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unresolved>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: connect::dns::Name) -> Self::Future {
        let resolving = self.resolve(name.as_str());
        Box::pin(async move { Ok(resolving.await.map_err(Unresolved)?.into_iter()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_come_first_then_localhost() {
        let address: SocketAddr = "127.0.0.9:0".parse().expect("an address");
        let resolver = Resolver::new(BTreeMap::from([("localhost".to_owned(), vec![address])]));
        assert_eq!(resolver.known("localhost"), Some(vec![address]));
        assert_eq!(
            resolver.known("api.localhost").map(|all| all.len()),
            Some(2)
        );
        assert_eq!(resolver.known("example.com"), None);
    }
}
