//! The connections behind all clients: one pool per way of connecting, shared by the whole process.
//!
//! What makes two clients connect alike is a [`Key`]; cookies, headers and timeouts are no part of it, so a
//! thousand scenarios talking to one server share one pool and still know nothing of each other. A connection can be
//! used only by the driver it was made on, so each driver has pools of its own.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::direct::Direct;
use super::dns::Resolver;
use super::error::HttpError;
use super::pool::Pool;
use super::probe::ProbeLayer;
use super::spec::{HttpVersion, ProxySpec};
use super::tls::{self, TlsMaterial};
use crate::host::driver::{self, DriverId};

/// Shorter than the keep-alive time of common servers (Node and uvicorn 5 s, gunicorn 2 s), so that a server
/// hardly ever closes a connection in the very moment it is used again.
pub(crate) const IDLE: Duration = Duration::from_millis(1500);

/// Different ways of connecting kept at once. Beyond, the one unused for longest goes.
const KEPT: usize = 256;

/// Everything that decides whether two requests may use the same connection, besides the address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// `None` never meets TLS.
    pub(crate) tls: Option<TlsMaterial>,
    pub(crate) version: HttpVersion,
    pub(crate) proxy: ProxySpec,
    pub(crate) unix_socket: Option<PathBuf>,
    pub(crate) resolve: BTreeMap<String, Vec<SocketAddr>>,
    /// Whether forms of several parts are sent, which reqwest writes.
    pub(crate) has_forms: bool,
}

impl Key {
    /// Whether it leads straight to the server, by nothing but HTTP/1.1.
    fn is_direct(&self) -> bool {
        self.tls.is_none()
            && self.version != HttpVersion::Http2
            && self.proxy == ProxySpec::None
            && self.unix_socket.is_none()
            && !self.has_forms
    }
}

/// A cache of connection pools. One for the whole process is best; each keeps its connections to itself.
#[derive(Debug, Default)]
pub struct Transports {
    inner: Arc<Mutex<Cache>>,
}

#[derive(Debug, Default)]
struct Cache {
    clock: u64,
    pools: HashMap<(DriverId, Key), Entry>,
}

#[derive(Debug)]
struct Entry {
    pool: Pool,
    last_used: u64,
}

impl Transports {
    /// The pool of `driver` for `key`, built when it is the first of its kind.
    pub(crate) fn get(&self, driver: DriverId, key: Key) -> Result<Pool, HttpError> {
        let key = (driver, key);
        let mut cache = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        cache.clock += 1;
        let now = cache.clock;
        if let Some(entry) = cache.pools.get_mut(&key) {
            entry.last_used = now;
            return Ok(entry.pool.clone());
        }
        // Built under the lock: rare, and it keeps two scenarios from loading the same roots side by side.
        let pool = match key.1.is_direct() {
            true => Pool::Direct(Arc::new(Direct::new(Resolver::new(key.1.resolve.clone())))),
            false => Pool::Reqwest(build(&key.1)?),
        };
        if !cache.pools.keys().any(|(of, _)| *of == driver) {
            let cache = Arc::downgrade(&self.inner);
            driver::at_end(move || {
                if let Some(cache) = cache.upgrade() {
                    forget(&cache, driver);
                }
            });
        }
        if cache.pools.len() >= KEPT {
            let oldest = cache.pools.iter().min_by_key(|(_, entry)| entry.last_used);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                cache.pools.remove(&oldest);
            }
        }
        let entry = Entry {
            pool: pool.clone(),
            last_used: now,
        };
        cache.pools.insert(key, entry);
        Ok(pool)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pools
            .len()
    }
}

/// Closes what belongs to a driver that goes: nobody can use it any more.
fn forget(cache: &Mutex<Cache>, driver: DriverId) {
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    cache.pools.retain(|(of, _), entry| {
        if let (true, Pool::Direct(direct)) = (*of == driver, &entry.pool) {
            direct.close();
        }
        *of != driver
    });
}

fn build(key: &Key) -> Result<reqwest::Client, HttpError> {
    let tls = match &key.tls {
        Some(material) => tls::config(material, key.version)?,
        None => tls::plain()?,
    };
    // Whatever reqwest would do without being asked is off: it is done visibly elsewhere, or not at all.
    // Cookies and unpacking are left out of its features for the same reason.
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // Whether reqwest can unpack depends on who else is in the build; here it never does.
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .pool_idle_timeout(IDLE)
        .dns_resolver(Resolver::new(key.resolve.clone()))
        .connector_layer(ProbeLayer);
    builder = match &key.proxy {
        ProxySpec::None => builder.no_proxy(),
        ProxySpec::System => builder,
        ProxySpec::Url { url, except } => {
            let proxy = reqwest::Proxy::all(url).map_err(|error| HttpError::BadOption {
                option: "proxy",
                reason: format!("`{}` is no proxy address ({error})", show_proxy(url)),
            })?;
            builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_string(&except.join(","))))
        }
    };
    builder = match key.version {
        HttpVersion::Negotiated => builder,
        HttpVersion::Http1 => builder.http1_only(),
        HttpVersion::Http2 => builder.http2_prior_knowledge(),
    };
    if let Some(path) = &key.unix_socket {
        builder = builder.unix_socket(path.clone());
    }
    builder
        .build()
        .map_err(|error| HttpError::NoClient(error.to_string()))
}

/// A proxy address without its credentials.
pub(crate) fn show_proxy(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => match before.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://{host}"),
            None => host.to_owned(),
        },
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: HttpVersion, host: &str) -> Key {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Key {
            tls: None,
            version,
            proxy: ProxySpec::None,
            unix_socket: None,
            resolve: BTreeMap::from([(host.to_owned(), vec![address])]),
            has_forms: false,
        }
    }

    #[test]
    fn clients_that_connect_alike_share_a_pool() {
        let transports = Transports::default();
        for _ in 0..3 {
            transports
                .get(DriverId::default(), key(HttpVersion::Http1, "a"))
                .expect("a client");
        }
        transports
            .get(DriverId::default(), key(HttpVersion::Http2, "a"))
            .expect("a client");
        assert_eq!(transports.len(), 2);
    }

    #[test]
    fn the_cache_does_not_grow_for_ever() {
        let transports = Transports::default();
        for number in 0..KEPT + 5 {
            transports
                .get(
                    DriverId::default(),
                    key(HttpVersion::Http1, &format!("h{number}")),
                )
                .expect("a client");
        }
        assert_eq!(transports.len(), KEPT);
    }

    #[test]
    fn a_bad_proxy_is_a_bad_option_without_its_password() {
        let mut key = key(HttpVersion::Http1, "a");
        key.proxy = ProxySpec::Url {
            url: "http://user:secret@[".to_owned(),
            except: Vec::new(),
        };
        let error = Transports::default()
            .get(DriverId::default(), key)
            .expect_err("refused")
            .to_string();
        assert!(
            error.starts_with("bad option `proxy`") && !error.contains("secret"),
            "{error}"
        );
    }
}
