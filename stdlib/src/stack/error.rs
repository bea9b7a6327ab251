//! What can go wrong with a stack as a whole.

use crate::host::failure::{Failure, Kind};
use crate::host::suggest;
use std::path::PathBuf;

/// Each way it can.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    #[error("`{name}` is no name for a stack")]
    Name { name: String },
    #[error("stack `{name}` has no services")]
    Empty { name: String },
    #[error("service `{service}` of stack `{stack}` must be described by a map #{{ … }}")]
    NoMap {
        stack: String,
        service: String,
        got: String,
    },
    #[error("a service of stack `{stack}` cannot be called `{service}`")]
    Reserved { stack: String, service: String },
    #[error("there is no stack `{name}` up")]
    NotUp { name: String, known: Vec<String> },
    #[error("stack `{stack}` has no service `{service}`")]
    NoService {
        stack: String,
        service: String,
        known: Vec<String>,
    },
    #[error("option `existing` of `stack` must be \"ignore\", \"attach\" or \"require\"")]
    Existing { got: String },
    #[error("stack `{stack}` is to be there already, and the environment names none")]
    NoneNamed { stack: String, variable: String },
    #[error("stack `{stack}` is said to be up, and {} cannot be read: {why}", path.display())]
    Unreadable {
        stack: String,
        path: PathBuf,
        why: String,
    },
    #[error("what is up is another stack than `{stack}`")]
    Another {
        stack: String,
        declared: String,
        found: String,
        there: String,
        dir: PathBuf,
    },
    #[error("stack `{stack}` is not up any more{}", of_service(service))]
    Gone {
        stack: String,
        service: Option<String>,
        dir: PathBuf,
    },
    #[error("{what} belongs to whoever brought it up, and is not ended from here")]
    NotOurs { what: String },
}

fn of_service(service: &Option<String>) -> String {
    let of_one = |name| format!(": service `{name}` has ended");
    service.as_ref().map_or_else(String::new, of_one)
}

impl From<StackError> for Failure {
    fn from(error: StackError) -> Self {
        let message = error.to_string();
        let mut failure = Self::usage(message);
        match error {
            StackError::Name { .. } => failure.hint(
                "a name has letters, digits, `-`, `_` and `.`: stack(\"shop\", #{ services: … })",
            ),
            StackError::Empty { .. } => {
                failure.hint("services: #{ db: #{ cmd: […], ports: [\"sql\"] } }")
            }
            StackError::NoMap { got, .. } => failure.detail("got", got),
            StackError::Reserved { .. } => {
                failure.hint("what is up has a property of that name already")
            }
            StackError::Existing { got } => failure.detail("got", got),
            StackError::NoneNamed { variable, .. } => failure.hint(format!(
                "eval \"$(scenario up FILE --detach)\" brings it up and sets {variable}"
            )),
            StackError::Unreadable { .. } | StackError::Gone { .. } => {
                failure.kind = Kind::Fault;
                failure.hint("bring it up again, or unset the variable: `existing: \"attach\"` then starts one")
            }
            StackError::Another {
                declared,
                found,
                there,
                dir,
                ..
            } => failure
                .detail("declared", declared)
                .detail("up", format!("{found}: {there}"))
                .detail("directory", dir.to_string_lossy())
                .hint("bring the one up that the scenario declares: `scenario up FILE NAME`"),
            StackError::NotOurs { .. } => {
                failure.hint("`scenario down` ends what `scenario up` holds")
            }
            StackError::NotUp { name, known } => {
                failure.hint = match known.as_slice() {
                    [] => Some("start it in an earlier phase: let app = stack(…).up()".into()),
                    known => suggest::hint(&name, known.iter().map(String::as_str)),
                };
                failure
            }
            StackError::NoService { service, known, .. } => {
                failure.hint = suggest::hint(&service, known.iter().map(String::as_str));
                failure
            }
        }
    }
}
