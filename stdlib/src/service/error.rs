//! What can go wrong with a service before it runs. Why it did not become ready is told in `unready`.

use super::holder::Holder;
use super::template::TemplateError;
use crate::data::error::DataError;
use crate::host::failure::Failure;
use std::io;
use std::path::PathBuf;

/// Each way it can.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("`{name}` is no name for a service")]
    Name { name: String },
    #[error("service `{service}` has no option `cmd`")]
    NoCommand { service: String },
    #[error("{what} must be {expected}")]
    Wrong {
        what: String,
        expected: &'static str,
        got: String,
    },
    #[error("{what}: `{pattern}` is no regular expression: {why}")]
    Pattern {
        what: String,
        pattern: String,
        why: String,
    },
    #[error("{what}: `{got}` is no range of ports")]
    Range { what: String, got: String },
    #[error(
        "`ready` of service `{service}` names the port `{port}`, and there is none of that name"
    )]
    NoSuchPort {
        service: String,
        port: String,
        ports: Vec<String>,
    },
    #[error("`ready` of service `{service}` needs a port, and the service has none")]
    NoPort { service: String },
    #[error("file `{path}` of service `{service}` leads out of its directory: {why}")]
    Outside {
        service: String,
        path: String,
        why: String,
    },
    #[error("file `{path}` of service `{service}`: {error}")]
    File {
        service: String,
        path: String,
        error: DataError,
    },
    #[error("{0}")]
    Template(#[from] TemplateError),
    #[error("port {port} for `{service}` is taken{}", by(holder))]
    Taken {
        service: String,
        port: u16,
        holder: Option<Holder>,
    },
    #[error("port {port} for `{service}` is leased by {lessee}")]
    Leased {
        service: String,
        port: u16,
        lessee: String,
    },
    #[error("no free port from {low} to {high} for `{service}`: {}", all(*.low, *.high))]
    NoneFree {
        service: String,
        low: u16,
        high: u16,
        holder: Option<(u16, Holder)>,
    },
    #[error("cannot {what} {}: {error}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    #[error("there is no directory of this user's own to lease ports in")]
    NoOffice,
    #[error("a service `{name}` is already running (pid {pid})")]
    Running { name: String, pid: i32 },
    #[error("there is no service `{name}`")]
    NoService { name: String, known: Vec<String> },
    #[error("service `{name}` has no port `{port}`")]
    UnknownPort {
        name: String,
        port: String,
        ports: Vec<String>,
    },
    #[error("service `{name}` was brought up by somebody else, who alone starts and ends it")]
    NotOurs { name: String },
    #[error("service `{name}` is not running")]
    NotRunning { name: String, exit: String },
    #[error("service `{service}` is to run as `{name}`, and there is no such user")]
    NoUser { service: String, name: String },
    #[error("service `{service}` runs as `{name}`, who cannot come through {}", path.display())]
    Closed {
        service: String,
        name: String,
        path: PathBuf,
    },
    #[error("service `{name}` failed to start in `{scenario}`")]
    FailedElsewhere {
        name: String,
        scenario: String,
        cause: Box<Failure>,
    },
}

fn by(holder: &Option<Holder>) -> String {
    holder
        .as_ref()
        .map_or_else(String::new, |holder| format!(" by {holder}"))
}

fn all(low: u16, high: u16) -> String {
    match u32::from(high) + 1 - u32::from(low) {
        1 => "it is taken".into(),
        2 => "both are taken".into(),
        count => format!("all {count} are taken"),
    }
}

fn ports(names: &[String]) -> String {
    match names {
        [] => "it has none: give it some with `ports: [\"web\"]`".into(),
        names => format!("its ports are: {}", names.join(", ")),
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let message = error.to_string();
        match error {
            ServiceError::Name { .. } => Self::usage(message)
                .hint("a name has letters, digits, `-`, `_` and `.`: \"db\", \"worker-1\""),
            ServiceError::NoCommand { .. } => Self::usage(message)
                .hint("cmd: [\"program\", \"argument\"], or a line for the shell: cmd: \"a | b\""),
            ServiceError::Wrong { got, .. } => Self::usage(message).detail("got", got),
            ServiceError::Pattern { .. } => Self::usage(message),
            ServiceError::Range { .. } => Self::usage(message)
                .hint("write it like \"8000-8100\", lowest first, from 1 to 65535; 0 means any free port"),
            ServiceError::NoSuchPort { ports: known, .. }
            | ServiceError::UnknownPort { ports: known, .. } => {
                Self::usage(message).hint(ports(&known))
            }
            ServiceError::NoPort { .. } => Self::usage(message).hint(ports(&[])),
            ServiceError::Outside { .. } => {
                Self::usage(message).hint("it is relative to the service's private directory")
            }
            ServiceError::File { error, .. } => {
                let mut failure = Self::usage(message);
                failure.hint = error.hint();
                failure
            }
            ServiceError::Template(error) => error.failure(),
            ServiceError::Taken { .. } => Self::fault(message).hint(
                "it was left alone: stop it yourself, or let the service have any free port: ports: [\"web\"]",
            ),
            ServiceError::Leased { .. } => Self::fault(message)
                .hint("let the service have any free port: ports: [\"web\"]"),
            ServiceError::NoneFree { holder, .. } => {
                let failure = Self::fault(message);
                let failure = match holder {
                    Some((port, holder)) => failure.detail(format!("port {port}"), format!("held by {holder}")),
                    None => failure,
                };
                failure.hint("widen the range, or let the service have any free port: ports: [\"web\"]")
            }
            ServiceError::NoUser { .. } => {
                Self::fault(message).hint("getent passwd lists the users of this machine; \"nobody\" is one of most")
            }
            ServiceError::Closed { path, .. } => Self::fault(message).hint(format!(
                "chmod o+x {} lets others pass through; or keep the project elsewhere, or do not be root",
                path.display()
            )),
            ServiceError::Io { .. } => Self::fault(message),
            ServiceError::NoOffice => Self::fault(message)
                .hint("set XDG_RUNTIME_DIR to a directory that nobody else can write to"),
            ServiceError::Running { name, .. } => Self::usage(message).hint(format!(
                "service(\"{name}\") finds it; give the other one a name of its own, or stop this one first"
            )),
            ServiceError::NoService { name, known } => {
                let mut failure = Self::usage(message);
                failure.hint = match known.as_slice() {
                    [] => Some("nothing was started yet: spawn_service(…) or stack(…).up()".into()),
                    known => crate::host::suggest::hint(&name, known.iter().map(String::as_str)),
                };
                failure
            }
            ServiceError::NotOurs { .. } => Self::usage(message)
                .hint("without `existing: \"attach\"` the scenario has a stack of its own"),
            ServiceError::NotRunning { exit, .. } => Self::usage(message)
                .detail("ended", exit)
                .hint("start it again with .restart()"),
            // The cause was told where it arose; here it explains why this scenario could not begin.
            ServiceError::FailedElsewhere { cause, .. } => {
                Self::new(cause.kind, cause.code, message).detail("cause", cause.render())
            }
        }
    }
}
