//! From the nested errors of the HTTP stack to one [`HttpError`] that says what happened.
//!
//! The stack wraps errors in errors; what counts is somewhere in that chain: an I/O error, an error of
//! TLS, one of hyper. Together with the phase the hop was in, that is enough to name the trouble.

use std::io;
use std::path::Path;
use std::time::Duration;

use reqwest::Url;
use rustls::{AlertDescription, CertificateError};

use super::address;
use super::error::{HttpError, TimeLimit, TlsTrouble};
use super::pool::Trouble;
use super::probe::{Phase, Probe};
use super::text::printable;
use super::transport::show_proxy;
use crate::host::duration;

/// What was going on when the error came.
pub(crate) struct Scene<'a> {
    pub(crate) url: &'a Url,
    pub(crate) probe: &'a Probe,
    pub(crate) proxy: Option<&'a str>,
    pub(crate) unix_socket: Option<&'a Path>,
    pub(crate) has_client_certificate: bool,
    pub(crate) connect_limit: Option<Duration>,
}

impl Scene<'_> {
    /// Who was talked to.
    fn target(&self) -> String {
        match self.unix_socket {
            Some(path) => path.display().to_string(),
            None => address::target(self.url),
        }
    }
}

/// The one thing that went wrong in `error`.
pub(crate) fn classify(error: &Trouble, scene: &Scene<'_>) -> HttpError {
    let chain = Chain::of(error);
    let phase = scene.probe.phase();
    if scene.probe.connect_timed_out() {
        return HttpError::Timeout {
            limit: TimeLimit::Connect,
            phase,
            elapsed: scene.connect_limit.unwrap_or_default(),
            received: 0,
            announced: None,
        };
    }
    if let Some(trouble) = chain.tls.map(|tls| tls_trouble(tls, scene)) {
        return HttpError::Tls {
            target: scene.target(),
            trouble,
        };
    }
    if let Some(error) = chain.io.and_then(no_sockets) {
        return error;
    }
    let is_connecting = matches!(phase, Phase::Dns | Phase::Connect | Phase::Tls);
    if let Some(proxy) = scene.proxy.filter(|_| is_connecting) {
        return HttpError::Proxy {
            proxy: show_proxy(proxy),
            reason: chain.text(),
        };
    }
    if error.is_dns() {
        return HttpError::Unresolved {
            host: scene.url.host_str().unwrap_or_default().to_owned(),
            reason: chain.innermost(),
        };
    }
    if let Some(found) = chain.io.and_then(|io| from_io(io, phase, scene)) {
        return found;
    }
    from_hyper(&chain, phase, scene)
}

fn from_io(io: &io::Error, phase: Phase, scene: &Scene<'_>) -> Option<HttpError> {
    let (received, announced) = scene.probe.received();
    let target = scene.target();
    Some(match io.kind() {
        io::ErrorKind::ConnectionRefused => HttpError::Refused { target },
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected => HttpError::Reset {
            target,
            phase,
            reused: scene.probe.is_reused() && phase == Phase::FirstByte,
        },
        io::ErrorKind::UnexpectedEof if phase == Phase::Body => HttpError::Truncated {
            received,
            announced,
        },
        io::ErrorKind::UnexpectedEof if phase == Phase::Tls => HttpError::Tls {
            target,
            trouble: TlsTrouble::Closed,
        },
        io::ErrorKind::UnexpectedEof => HttpError::Closed {
            target,
            reused: scene.probe.is_reused(),
        },
        io::ErrorKind::TimedOut => HttpError::Timeout {
            limit: TimeLimit::System,
            phase,
            elapsed: scene.probe.started().elapsed(),
            received,
            announced,
        },
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::NotFound
        | io::ErrorKind::PermissionDenied => HttpError::Unreachable {
            target,
            reason: io.to_string(),
        },
        _ => return None,
    })
}

/// Errors of this machine: out of descriptors, out of ports.
fn no_sockets(io: &io::Error) -> Option<HttpError> {
    // EMFILE and ENFILE, which have no kind of their own.
    let is_full = cfg!(unix) && matches!(io.raw_os_error(), Some(23 | 24));
    (is_full || io.kind() == io::ErrorKind::AddrNotAvailable)
        .then(|| HttpError::NoSockets(io.to_string()))
}

fn from_hyper(chain: &Chain<'_>, phase: Phase, scene: &Scene<'_>) -> HttpError {
    let target = scene.target();
    if let Some(hyper) = chain.hyper {
        if hyper.is_parse() {
            return HttpError::Malformed {
                target,
                reason: chain.innermost(),
            };
        }
        if phase != Phase::Body
            && (hyper.is_incomplete_message() || hyper.is_canceled() || hyper.is_closed())
        {
            return HttpError::Closed {
                target,
                reused: scene.probe.is_reused(),
            };
        }
        if hyper.is_incomplete_message() {
            let (received, announced) = scene.probe.received();
            return HttpError::Truncated {
                received,
                announced,
            };
        }
    }
    HttpError::Broken {
        phase,
        reason: chain.text(),
        reused: scene.probe.is_reused() && phase == Phase::FirstByte,
    }
}

fn tls_trouble(error: &rustls::Error, scene: &Scene<'_>) -> TlsTrouble {
    use rustls::Error as E;
    match error {
        E::InvalidCertificate(reason) => certificate_trouble(reason),
        E::InvalidMessage(_) if scene.probe.phase() == Phase::Tls => TlsTrouble::NotTls,
        E::AlertReceived(alert) => alert_trouble(*alert, scene.has_client_certificate),
        E::NoCertificatesPresented => {
            TlsTrouble::BadCertificate("it presents no certificate".to_owned())
        }
        other => TlsTrouble::Handshake(printable(&other.to_string())),
    }
}

fn certificate_trouble(reason: &CertificateError) -> TlsTrouble {
    use CertificateError as C;
    match reason {
        // A bad signature means a trusted authority of the same name with another key: a test authority that
        // was made anew.
        C::UnknownIssuer | C::BadSignature => TlsTrouble::UnknownIssuer,
        C::ExpiredContext { time, not_after } => TlsTrouble::Expired {
            ago: duration::show(Duration::from_secs(
                time.as_secs().saturating_sub(not_after.as_secs()),
            )),
        },
        C::Expired => TlsTrouble::Expired {
            ago: "some time".to_owned(),
        },
        C::NotValidYet | C::NotValidYetContext { .. } => TlsTrouble::NotYetValid,
        C::Revoked => TlsTrouble::Revoked,
        C::NotValidForNameContext {
            expected,
            presented,
        } => TlsTrouble::WrongName {
            expected: expected.to_str().into_owned(),
            presented: names(presented),
        },
        other => TlsTrouble::BadCertificate(printable(&other.to_string())),
    }
}

/// `DnsName("a")` and its like, as a sentence has it.
fn names(presented: &[String]) -> String {
    let plain = |name: &String| match name.split_once('(') {
        Some((_, inner)) => {
            let inner = inner.trim_end_matches(')').trim_matches('"');
            format!("`{}`", printable(inner))
        }
        None => format!("`{}`", printable(name)),
    };
    if presented.is_empty() {
        return "no name at all".to_owned();
    }
    presented
        .iter()
        .map(plain)
        .collect::<Vec<_>>()
        .join(" and ")
}

fn alert_trouble(alert: AlertDescription, has_certificate: bool) -> TlsTrouble {
    use AlertDescription as A;
    match alert {
        A::CertificateRequired => TlsTrouble::ClientCertificateMissing,
        A::BadCertificate
        | A::UnsupportedCertificate
        | A::CertificateRevoked
        | A::CertificateExpired
        | A::CertificateUnknown
        | A::UnknownCA
        | A::DecryptError
        | A::AccessDenied
            if has_certificate =>
        {
            TlsTrouble::ClientCertificateRefused(format!("{alert:?}"))
        }
        other => TlsTrouble::Alert(format!("{other:?}")),
    }
}

/// The errors inside an error, outermost first.
struct Chain<'a> {
    texts: Vec<String>,
    io: Option<&'a io::Error>,
    tls: Option<&'a rustls::Error>,
    hyper: Option<&'a hyper::Error>,
}

impl<'a> Chain<'a> {
    fn of(trouble: &'a Trouble) -> Self {
        let mut chain = Self {
            texts: Vec::new(),
            io: None,
            tls: None,
            hyper: None,
        };
        let mut next = trouble.first();
        while let Some(error) = next {
            chain.texts.push(error.to_string());
            if let Some(tls) = error.downcast_ref() {
                chain.tls = Some(tls);
            }
            if let Some(hyper) = error.downcast_ref() {
                chain.hyper = Some(hyper);
            }
            next = match error.downcast_ref::<io::Error>() {
                Some(io) => {
                    chain.io = Some(io);
                    // `source` of an I/O error skips the error it wraps.
                    match io.get_ref() {
                        Some(inner) => Some(inner),
                        None => None,
                    }
                }
                None => error.source(),
            };
        }
        chain
    }

    fn innermost(&self) -> String {
        self.texts
            .last()
            .map(|text| printable(text))
            .unwrap_or_default()
    }

    /// All of it, without what is said twice.
    fn text(&self) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for text in &self.texts {
            let said = parts.iter().any(|part| part.contains(text.as_str()));
            if !said {
                parts.push(text);
            }
        }
        printable(&parts.join(": "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_certificate_read_like_names() {
        let presented = ["DnsName(\"a.test\")", "IpAddress(127.0.0.1)"].map(str::to_owned);
        assert_eq!(names(&presented), "`a.test` and `127.0.0.1`");
        assert_eq!(names(&[]), "no name at all");
    }

    #[test]
    fn an_alert_about_certificates_means_ours_only_when_there_is_one() {
        let alert = AlertDescription::UnknownCA;
        assert!(matches!(
            alert_trouble(alert, true),
            TlsTrouble::ClientCertificateRefused(_)
        ));
        assert!(matches!(alert_trouble(alert, false), TlsTrouble::Alert(_)));
        assert_eq!(
            alert_trouble(AlertDescription::CertificateRequired, false),
            TlsTrouble::ClientCertificateMissing
        );
    }
}
