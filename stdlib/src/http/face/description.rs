//! What the options of `http.client` mean.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Mutex;

use rhai::{Dynamic, ImmutableString, Map};

use super::super::body::{ClientSpec, HttpVersion, Pem, ProxySpec};
use super::request::{auth, limits, redirects, retry, size};
use super::session::Description;
use super::values::{at, headers, pairs, wrong};
use crate::host::failure::Failure;
use crate::host::options::Options;

/// Reads the options; what is not given is as in `parent`. Relative paths start from `directory`.
pub(super) fn read(
    options: Map,
    parent: &Description,
    directory: &Path,
) -> Result<Description, Failure> {
    let mut options = Options::new("http.client", options);
    let mut spec = parent.spec.clone();
    if let Some(url) = options.text("base_url")? {
        spec.base_url = Some(url);
    }
    if let Some(cookies) = options.flag("cookies")? {
        spec.cookies = cookies;
    }
    if let Some(compressed) = options.flag("compressed")? {
        spec.compressed = compressed;
    }
    if let Some(map) = options.map("headers")? {
        let is_replaced = |name: &str| map.keys().any(|key| key.eq_ignore_ascii_case(name));
        spec.headers.retain(|(name, _)| !is_replaced(name));
        spec.headers.extend(headers(map)?);
    }
    if let Some(map) = options.map("query")? {
        spec.query
            .retain(|(name, _)| !map.contains_key(name.as_str()));
        spec.query.extend(pairs("query", map)?);
    }
    if let Some(auth) = auth(&mut options)? {
        spec.auth = auth;
    }
    if let Some(redirects) = redirects(&mut options)? {
        spec.redirects = redirects;
    }
    if let Some(retry) = retry(&mut options)? {
        spec.retry = retry;
    }
    if let Some(bytes) = size(&mut options, "max_body")? {
        spec.max_body = bytes;
        spec.max_file = bytes;
    }
    connection(&mut options, &mut spec, directory)?;
    let limits = limits(&mut options)?.over(parent.limits);
    options.finish()?;
    Ok(Description {
        is_custom: true,
        spec,
        limits,
        directory: directory.to_owned(),
        checked: Mutex::default(),
    })
}

/// The options that decide how connections are made.
fn connection(
    options: &mut Options,
    spec: &mut ClientSpec,
    directory: &Path,
) -> Result<(), Failure> {
    if let Some(insecure) = options.flag("insecure")? {
        spec.tls.insecure = insecure;
    }
    if let Some(ca) = options.text("ca")? {
        spec.tls.ca = Some(pem(ca, directory));
    }
    let cert = options.text("cert")?;
    let key = options.text("key")?;
    match (cert, key) {
        (Some(cert), key) => {
            spec.tls.cert = Some(pem(cert, directory));
            spec.tls.key = key.map(|key| pem(key, directory));
        }
        (None, Some(_)) => {
            return Err(Failure::usage("`http.client` has a `key` without a `cert`"));
        }
        (None, None) => {}
    }
    if let Some(version) = version(options)? {
        spec.version = version;
    }
    if let Some(proxy) = proxy(options)? {
        spec.proxy = proxy;
    }
    if let Some(path) = options.text("unix_socket")? {
        spec.unix_socket = Some(at(directory, &path));
    }
    if let Some(map) = options.map("resolve")? {
        spec.resolve.extend(resolve(map)?);
    }
    Ok(())
}

/// A PEM document: the text itself, or a file.
fn pem(given: String, directory: &Path) -> Pem {
    match given.contains("-----BEGIN") {
        true => Pem::Text(given),
        false => Pem::File(at(directory, &given)),
    }
}

fn version(options: &mut Options) -> Result<Option<HttpVersion>, Failure> {
    let Some(given) = options.text("http_version")? else {
        return Ok(None);
    };
    match given.as_str() {
        "1.1" => Ok(Some(HttpVersion::Http1)),
        "2" => Ok(Some(HttpVersion::Http2)),
        _ => Err(wrong(
            "option `http_version` of `http.client`",
            "\"1.1\" or \"2\"",
            &given.into(),
        )),
    }
}

/// `proxy: "http://…"`, `"system"`, `#{ url, except: […] }`, or `false` for none.
fn proxy(options: &mut Options) -> Result<Option<ProxySpec>, Failure> {
    let Some(value) = options.take("proxy") else {
        return Ok(None);
    };
    if matches!(value.as_bool(), Ok(false)) {
        return Ok(Some(ProxySpec::None));
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(Some(match text.as_str() {
            "system" => ProxySpec::System,
            url => ProxySpec::Url {
                url: url.to_owned(),
                except: Vec::new(),
            },
        }));
    }
    let Some(map) = value.read_lock::<Map>() else {
        return Err(wrong(
            "option `proxy` of `http.client`",
            "an address, \"system\", a map such as #{ url: …, except: […] }, or false",
            &value,
        ));
    };
    let mut map = Options::new("proxy", map.clone());
    let url = map.text("url")?;
    let except = map.texts("except")?.unwrap_or_default();
    map.finish()?;
    let url = url.ok_or_else(|| Failure::usage("`proxy` needs `url`"))?;
    Ok(Some(ProxySpec::Url { url, except }))
}

/// Host names and where they really are: an address, with a port or without.
fn resolve(map: Map) -> Result<BTreeMap<String, Vec<SocketAddr>>, Failure> {
    let address = |name: &str, value: &Dynamic| {
        let text = value.read_lock::<ImmutableString>()?;
        let plain = || text.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, 0));
        let found = text.parse::<SocketAddr>().ok().or_else(plain)?;
        Some((name.to_ascii_lowercase(), vec![found]))
    };
    map.iter()
        .map(|(name, value)| {
            let value = value.flatten_clone();
            address(name, &value).ok_or_else(|| {
                wrong(
                    &format!("address of `{name}` in `resolve`"),
                    "an IP address such as \"127.0.0.1\" or \"127.0.0.1:8443\"",
                    &value,
                )
            })
        })
        .collect()
}
