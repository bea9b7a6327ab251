//! Why a service is not ready, in the words of a failure.

use super::running::{SHOWN_LINES, Service, exited};
use super::spec::Ready;
use crate::guard::Exit;
use crate::host::clock::Stop;
use crate::host::duration::show;
use crate::host::failure::{Code, Failure};
use std::time::Duration;

/// Why a service is not ready.
#[derive(Debug)]
pub enum Unready {
    /// The attempt was stopped.
    Stopped(Stop),
    /// A neighbour failed.
    Aborted,
    /// It ended before.
    Ended(Exit),
    /// Its time ran out.
    TimedOut { waited_for: String, sight: Sight },
    /// It can never be, or the script is wrong.
    Never(Box<Failure>),
}

/// What the looks at a service showed so far.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    pub last: String,
    pub looks: u64,
}

/// What is waited for, in words.
pub fn in_words(service: &Service, ready: &Ready) -> String {
    match ready {
        Ready::Http { statuses, .. } => match address(service, ready) {
            Some(url) => format!("GET {url} to answer with {statuses}"),
            None => "an answer".into(),
        },
        Ready::Tcp { port } => match port_of(service, port.as_deref()) {
            Some(number) => format!("connections on port {number}"),
            None => "connections".into(),
        },
        Ready::Log(regex) => format!("a line of its log that matches `{regex}`"),
        Ready::Command(program) => format!("`{}` to end with 0", program.show()),
        Ready::File(path) => format!("the file `{path}` in its directory"),
        Ready::Closure(_) => "`ready` to be true".into(),
        Ready::Exit(code) => format!("its end with code {code}"),
        Ready::Running => "it to run".into(),
    }
}

/// Says what was waited for when the time ran out.
pub fn explained(service: &Service, ready: &Ready, unready: Unready) -> Unready {
    match unready {
        Unready::TimedOut { sight, .. } => Unready::TimedOut {
            waited_for: in_words(service, ready),
            sight,
        },
        other => other,
    }
}

pub fn timed_out() -> Unready {
    Unready::TimedOut {
        waited_for: String::new(),
        sight: Sight::default(),
    }
}

pub fn port_of(service: &Service, name: Option<&str>) -> Option<u16> {
    let facts = service.facts();
    let mut ports = facts.ports.iter();
    let found = match name {
        Some(name) => ports.find(|(known, _)| known == name),
        None => ports.next(),
    };
    found.map(|(_, port)| *port)
}

/// What an HTTP look asks: a whole URL, or a path of the service's own.
pub fn address(service: &Service, ready: &Ready) -> Option<url::Url> {
    let Ready::Http { url, port, .. } = ready else {
        return None;
    };
    if !url.starts_with('/') {
        return url.parse().ok();
    }
    let base = match port {
        Some(name) => format!("http://127.0.0.1:{}", port_of(service, Some(name))?),
        None => service.facts().url?,
    };
    format!("{}{url}", base.trim_end_matches('/')).parse().ok()
}

/// The news that a service did not become ready.
pub fn failure(service: &Service, unready: Unready, timeout: Duration) -> Result<Failure, Stop> {
    let name = service.name();
    let with_log = |failure: Failure| {
        failure
            .detail("log", service.log_path())
            .detail(format!("last {} lines", SHOWN_LINES), service.last_lines())
    };
    match unready {
        Unready::Stopped(stop) => Err(stop),
        Unready::Aborted => Ok(Failure::fault(format!(
            "service `{name}` was not waited for"
        ))),
        Unready::Never(failure) => Ok(match failure.code {
            Code::GaveUp => with_log(*failure),
            _ => *failure,
        }),
        Unready::Ended(exit) if service.spec().is_errand() => Ok(with_log(
            Failure::product(
                Code::Service,
                format!("service `{name}` failed: it {}", exited(&exit)),
            )
            .detail("ran for", show(exit.after)),
        )),
        Unready::Ended(exit) => {
            let failure = Failure::product(
                Code::Service,
                format!("service `{name}` {} before it was ready", exited(&exit)),
            )
            .detail("ran for", show(exit.after));
            let failure = with_log(failure);
            Ok(match exit.is_success() {
                true => failure.hint(
                    "a service stays in the foreground; one that does its work and ends is `ready: \"completed\"`",
                ),
                false => failure,
            })
        }
        Unready::TimedOut { waited_for, sight } => {
            let mut failure = Failure::product(
                Code::Service,
                format!("service `{name}` was not ready within {}", show(timeout)),
            )
            .detail("waited for", waited_for);
            if sight.looks > 0 {
                failure = failure
                    .detail("last seen", sight.last)
                    .detail("looks", sight.looks.to_string());
            }
            Ok(with_log(failure).hint("if it only needs more time: `timeout: \"2m\"`"))
        }
    }
}
