//! One HTTP POST to a hook. Only plain http to this machine: a service to practise on calls nobody else.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, Uri};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("`{0}` is not the address of an http server on this machine")]
    Address(String),
    #[error("cannot connect: {0}")]
    Connect(#[from] io::Error),
    #[error("no HTTP answer: {0}")]
    Exchange(#[from] hyper::Error),
    #[error("the request cannot be built: {0}")]
    Build(#[from] axum::http::Error),
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Silence,
}

/// Host, port, and the rest.
pub(super) fn local_address(url: &str) -> Result<(String, u16, Uri), Error> {
    let wrong = || Error::Address(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let host = uri
        .host()
        .ok_or_else(wrong)?
        .trim_matches(['[', ']'])
        .to_owned();
    let is_local = host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if uri.scheme_str() != Some("http") || !is_local {
        return Err(wrong());
    }
    Ok((host, uri.port_u16().unwrap_or(80), uri))
}

pub(super) async fn post(
    url: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Result<StatusCode, Error> {
    tokio::time::timeout(PATIENCE, exchange(url, headers, body))
        .await
        .unwrap_or(Err(Error::Silence))
}

async fn exchange(url: &str, headers: &[(&str, &str)], body: String) -> Result<StatusCode, Error> {
    let (host, port, uri) = local_address(url)?;
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // The connection must be driven while the answer is awaited, and must not outlive it: the set aborts it.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri
        .authority()
        .map_or(host.as_str(), |authority| authority.as_str());
    let mut request = Request::post(path)
        .header("host", authority)
        .header("connection", "close")
        .header("user-agent", "scenario-demo")
        .header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Body::from(body))?).await?;
    Ok(response.status())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_to_this_machine_is_called() {
        for right in [
            "http://127.0.0.1:80/x?y",
            "http://localhost/",
            "http://[::1]:9000/hook",
            "http://127.1.2.3",
        ] {
            assert!(local_address(right).is_ok(), "{right}");
        }
        for wrong in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://10.0.0.1/",
            "/hook",
            "ftp://localhost",
            "",
        ] {
            assert!(local_address(wrong).is_err(), "{wrong}");
        }
    }
}
