//! Host names to addresses: overrides first, `localhost` as RFC 6761 has it, else the system.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

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

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let probe = Probe::current();
        if let Some(probe) = &probe {
            probe.dns_starts();
        }
        let known = self.known(name.as_str());
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let addresses: Addrs = match known {
                Some(addresses) => Box::new(addresses.into_iter()),
                None => {
                    let found: Vec<_> = tokio::net::lookup_host((name, 0)).await?.collect();
                    Box::new(found.into_iter())
                }
            };
            if let Some(probe) = &probe {
                probe.dns_ends();
            }
            Ok(addresses)
        })
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
