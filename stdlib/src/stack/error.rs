//! What can go wrong with a stack as a whole.

use crate::host::failure::Failure;
use crate::host::suggest;

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
