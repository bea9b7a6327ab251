//! Everything that can go wrong with a request, in words, and whose fault it is.
//!
//! The errors own plain text only, so they can be kept as "the last error" of a poll.

use std::path::PathBuf;
use std::time::Duration;

use super::probe::Phase;
use super::text::{Mask, excerpt, human_size};
use crate::host::duration;
use crate::host::failure::Kind;

/// Which time limit ran out, by the name a script gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    Total,
    Connect,
    FirstByte,
    Idle,
    /// The operating system gave up; no limit of ours was reached.
    System,
}

impl TimeLimit {
    fn option(self) -> &'static str {
        match self {
            Self::Total => "timeout",
            Self::Connect => "timeout.connect",
            Self::FirstByte => "timeout.first_byte",
            Self::Idle => "timeout.idle",
            Self::System => "",
        }
    }
}

/// Why no trusted TLS connection came about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsTrouble {
    #[error("its certificate is signed by an unknown issuer")]
    UnknownIssuer,
    #[error("its certificate expired {ago} ago")]
    Expired { ago: String },
    #[error("its certificate is not valid yet")]
    NotYetValid,
    #[error("its certificate is for {presented}, not for `{expected}`")]
    WrongName { expected: String, presented: String },
    #[error("its certificate was revoked")]
    Revoked,
    #[error("its certificate is not acceptable: {0}")]
    BadCertificate(String),
    #[error("it demands a client certificate")]
    ClientCertificateMissing,
    #[error("it refused our client certificate ({0})")]
    ClientCertificateRefused(String),
    #[error("it does not speak TLS")]
    NotTls,
    #[error("it ended the handshake with the alert {0}")]
    Alert(String),
    #[error("it closed the connection during the handshake")]
    Closed,
    #[error("the handshake failed: {0}")]
    Handshake(String),
}

/// One way a request can fail. The text is a fragment that follows "GET http://…: ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    // --- the script or its options ---
    #[error("bad URL `{given}`: {reason}")]
    BadUrl {
        given: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("bad method `{0}`: a method is a word such as GET or PURGE")]
    BadMethod(String),
    #[error("bad header `{name}`: {reason}")]
    BadHeader { name: String, reason: &'static str },
    #[error("cannot read `{}` ({role}): {reason}", path.display())]
    FileMissing {
        path: PathBuf,
        role: &'static str,
        reason: String,
    },
    #[error("{role} holds no usable PEM: {reason}")]
    BadPem { role: String, reason: String },
    #[error("bad option `{option}`: {reason}")]
    BadOption {
        option: &'static str,
        reason: String,
    },

    // --- traffic ---
    #[error("connection to {target} refused")]
    Refused { target: String },
    #[error("cannot resolve the host name `{host}`: {reason}")]
    Unresolved { host: String, reason: String },
    #[error("{target} cannot be reached: {reason}")]
    Unreachable { target: String, reason: String },
    #[error("no TLS connection to {target}: {trouble}")]
    Tls { target: String, trouble: TlsTrouble },
    #[error("connection reset by {target} while {phase}{}", reused_note(*.reused))]
    Reset {
        target: String,
        phase: Phase,
        reused: bool,
    },
    #[error("{target} closed the connection without a response{}", reused_note(*.reused))]
    Closed { target: String, reused: bool },
    #[error("timed out after {} while {phase}{}", duration::show(*.elapsed), arrived(*.received, *.announced))]
    Timeout {
        limit: TimeLimit,
        phase: Phase,
        elapsed: Duration,
        received: u64,
        announced: Option<u64>,
    },
    #[error("more than {limit} redirect{}{}: {}", plural(*.limit), circle(*.circular), chain.join(" -> "))]
    TooManyRedirects {
        limit: u32,
        /// Where it went, the last redirect that was not followed included.
        chain: Vec<String>,
        /// Whether it would have come to where it had been.
        circular: bool,
    },
    #[error("the redirect to `{location}` cannot be followed: {reason}")]
    BadRedirect { location: String, reason: String },
    #[error("{}", too_large(*.limit, *.announced, encoding.as_deref()))]
    BodyTooLarge {
        limit: u64,
        announced: Option<u64>,
        encoding: Option<String>,
    },
    #[error("the body ended early{}", arrived(*.received, *.announced))]
    Truncated {
        received: u64,
        announced: Option<u64>,
    },
    #[error("the body is not valid {encoding}: {reason}")]
    BadEncoding { encoding: String, reason: String },
    #[error("{target} sent something that is not HTTP: {reason}")]
    Malformed { target: String, reason: String },
    #[error("the exchange broke while {phase}: {reason}{}", reused_note(*.reused))]
    Broken {
        phase: Phase,
        reason: String,
        reused: bool,
    },
    #[error("the proxy {proxy} failed: {reason}")]
    Proxy { proxy: String, reason: String },
    #[error("no token from {url}: {reason}")]
    TokenRefused { url: String, reason: String },
    #[error("the response is not JSON: {reason} (status {status}, content-type {}){}", content_type.as_deref().unwrap_or("missing"), starts_with(start))]
    NotJson {
        status: u16,
        content_type: Option<String>,
        reason: String,
        start: String,
    },

    // --- this machine ---
    #[error("cannot save the body to `{}`: {reason}", path.display())]
    NotSaved { path: PathBuf, reason: String },
    #[error("cannot load the certificates this machine trusts: {0}")]
    NoRoots(String),
    #[error("this machine cannot open another connection: {0}")]
    NoSockets(String),
    #[error("cannot set up a client: {0}")]
    NoClient(String),
}

impl HttpError {
    /// Whose fault it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::BadUrl { .. }
            | Self::BadMethod(_)
            | Self::BadHeader { .. }
            | Self::FileMissing { .. }
            | Self::BadPem { .. }
            | Self::BadOption { .. } => Kind::Usage,
            Self::NotSaved { .. } | Self::NoRoots(_) | Self::NoSockets(_) | Self::NoClient(_) => {
                Kind::Fault
            }
            _ => Kind::Failure,
        }
    }

    /// Whether the server may not have seen the request as a whole, or answered nothing: the trouble a
    /// retry is for.
    pub(crate) fn is_transport(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. }
                | Self::Unresolved { .. }
                | Self::Unreachable { .. }
                | Self::Reset { .. }
                | Self::Closed { .. }
                | Self::Timeout { .. }
                | Self::Truncated { .. }
                | Self::Broken { .. }
                | Self::Proxy { .. }
        )
    }

    /// What to try next, where there is something to say.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::BadUrl { hint, .. } => return hint.clone(),
            Self::Refused { .. } => "is the service started, and is this its port?",
            Self::Unresolved { .. } => {
                "is the name spelled right? `resolve: #{ \"name\": \"127.0.0.1\" }` on a client gives it an address"
            }
            Self::Tls { trouble, .. } => return tls_hint(trouble),
            Self::Reset { reused: true, .. } | Self::Closed { reused: true, .. } => {
                "the server ended a kept-alive connection just as it was used again; `retry: 1` sends the request once more"
            }
            Self::Closed { .. } => "did the service crash? its log may tell",
            Self::Timeout {
                limit: TimeLimit::System,
                ..
            } => "is a firewall dropping the packets?",
            Self::Timeout { limit, .. } => {
                return Some(format!(
                    "`{}` sets this limit; for work that takes long, poll with `wait_until`",
                    limit.option()
                ));
            }
            Self::TooManyRedirects { .. } => "`redirects: n` on the request allows more",
            Self::BodyTooLarge { .. } => {
                "`max_body: \"1 GiB\"` raises the limit; `save_to: \"file\"` streams the body to a file instead"
            }
            Self::NotJson { .. } => "`.text` has the body as it came",
            Self::Malformed { .. } => "does the port speak https, or another protocol?",
            Self::NoRoots(_) => {
                "`ca: \"file.pem\"` on a client names the certificates to trust instead"
            }
            Self::NoSockets(_) => {
                "raise the limit of open files (`ulimit -n`), or run fewer jobs at once"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

fn tls_hint(trouble: &TlsTrouble) -> Option<String> {
    let hint = match trouble {
        TlsTrouble::UnknownIssuer => {
            "`ca: \"file.pem\"` trusts the authority of a test system; `insecure: true` trusts anybody"
        }
        TlsTrouble::WrongName { .. } => {
            "use the name in the URL that the certificate is for; `resolve: #{ \"name\": \"127.0.0.1\" }` tells where it is"
        }
        TlsTrouble::ClientCertificateMissing => {
            "`cert: \"file.pem\", key: \"file.pem\"` on a client presents one"
        }
        TlsTrouble::NotTls => "does the server speak plain http:// on this port?",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn reused_note(reused: bool) -> &'static str {
    if reused {
        " (on a connection kept alive from an earlier request)"
    } else {
        ""
    }
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn circle(circular: bool) -> &'static str {
    if circular { ", going in a circle" } else { "" }
}

fn arrived(received: u64, announced: Option<u64>) -> String {
    match (received, announced) {
        (0, None) => String::new(),
        (_, Some(announced)) => {
            format!(": {} of {} had arrived", received, human_size(announced))
        }
        (_, None) => format!(": {} had arrived", human_size(received)),
    }
}

fn too_large(limit: u64, announced: Option<u64>, encoding: Option<&str>) -> String {
    let limit = human_size(limit);
    match (announced, encoding) {
        (Some(announced), _) => format!(
            "the body is announced as {}, more than the {limit} allowed",
            human_size(announced)
        ),
        (None, Some(encoding)) => {
            format!("the body grows beyond the {limit} allowed when its {encoding} is unpacked")
        }
        (None, None) => format!("the body grows beyond the {limit} allowed"),
    }
}

fn starts_with(start: &str) -> String {
    if start.is_empty() {
        String::new()
    } else {
        format!("; it starts: {start}")
    }
}

/// The first 200 characters of a body, as [`HttpError::NotJson`] shows them.
pub(crate) fn body_start(bytes: &[u8], mask: &Mask) -> String {
    excerpt(bytes, 200, mask)
}

/// An [`HttpError`] with the request it happened to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{request}: {error}")]
pub struct SendError {
    /// `GET http://…`, of the hop that failed; as written in the script when it never became a URL.
    pub request: String,
    pub error: HttpError,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_says_what_it_waited_for_and_how_far_it_came() {
        let error = HttpError::Timeout {
            limit: TimeLimit::Total,
            phase: Phase::Body,
            elapsed: Duration::from_secs(2),
            received: 100,
            announced: Some(2048),
        };
        assert_eq!(
            error.to_string(),
            "timed out after 2s while reading the body: 100 of 2 KiB had arrived"
        );
        assert!(error.hint().is_some_and(|hint| hint.contains("`timeout`")));
    }

    #[test]
    fn traffic_is_a_failure_options_are_usage_and_the_disk_is_a_fault() {
        let refused = HttpError::Refused {
            target: "127.0.0.1:1".into(),
        };
        let method = HttpError::BadMethod("G T".into());
        let disk = HttpError::NotSaved {
            path: "x".into(),
            reason: "no space left".into(),
        };
        assert_eq!(
            [refused, method, disk].map(|error| error.kind()),
            [Kind::Failure, Kind::Usage, Kind::Fault]
        );
    }
}
