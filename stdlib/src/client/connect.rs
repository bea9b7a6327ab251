//! Why no connection came about: told the same way for every server, whatever its driver has to say.

use std::io::ErrorKind;
use std::time::Duration;

use super::address::Address;
use super::error::ClientError;
use crate::host::duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a second look takes at most, after the driver gave up.
const LOOK: Duration = Duration::from_millis(500);

/// Drives `attempt`, which connects to `address`, for at most `limit`; a failure is told by its cause. An
/// [`ClientError::Unreachable`] of the driver is looked into, what else it says stays.
pub async fn connecting<T>(
    address: &Address,
    limit: Duration,
    attempt: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let said = match timeout(limit, attempt).await {
        Ok(Err(ClientError::Unreachable { reason, hint, .. })) => Some((reason, hint)),
        Ok(other) => return other,
        Err(_) => None,
    };
    let (reason, hint) = match (diagnose(address).await, said) {
        (Some((reason, hint)), _) => (reason, Some(hint.to_owned())),
        (None, Some((reason, hint))) => (reason, hint),
        (None, None) => (
            format!("no answer within {}", duration::show(limit)),
            Some(format!(
                "the port is open: is it {} that listens there?",
                address.service
            )),
        ),
    };
    Err(ClientError::Unreachable {
        server: address.server(),
        reason,
        hint,
    })
}

/// What stands between us and the server, if it is the network.
async fn diagnose(address: &Address) -> Option<(String, &'static str)> {
    let host = address.host.as_str();
    if host.starts_with('/') {
        return None;
    }
    let resolving = timeout(LOOK, tokio::net::lookup_host((host, address.port))).await;
    let places: Vec<_> = match resolving {
        Ok(Ok(places)) => places.collect(),
        Ok(Err(_)) => {
            return Some((
                format!("the host name `{host}` cannot be resolved"),
                "is it spelled right?",
            ));
        }
        Err(_) => {
            let reason = format!(
                "the host name `{host}` is not resolved within {}",
                duration::show(LOOK)
            );
            return Some((reason, "is there a name server?"));
        }
    };
    match timeout(LOOK, TcpStream::connect(&places[..])).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(match error.kind() {
            ErrorKind::ConnectionRefused => (
                "connection refused".to_owned(),
                "is it running? nothing listens on that port",
            ),
            _ => (error.to_string(), "is the address right?"),
        }),
        Err(_) => Some((
            "no answer".to_owned(),
            "is the address right? a firewall may drop what is sent there",
        )),
    }
}

/// The innermost text of an error: what the operating system or the library below said.
pub fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}
