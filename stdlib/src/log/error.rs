//! What can go wrong when a script adds to its account.

use crate::host::failure::Failure;
use crate::host::json::JsonError;
use std::io;
use std::path::PathBuf;

/// Each way it can.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("`{level}` is no log level")]
    Level { level: String, hint: Option<String> },
    #[error("`log` writes to the account of the run and takes no base")]
    Logarithm,
    #[error("an attachment needs a name")]
    NoName,
    #[error("{what} cannot be attached")]
    Content { what: String },
    #[error(transparent)]
    NotJson(#[from] JsonError),
    #[error("`{text}` is no media type")]
    MediaType { text: String },
    #[error("option `when` of `attach_file` must be \"now\", \"failed\" or \"always\"")]
    When { got: String },
    #[error("`{pattern}` is no pattern: {why}")]
    Pattern { pattern: String, why: String },
    #[error("there is no file `{path}` to attach")]
    NoFile {
        path: String,
        looked_in: Vec<PathBuf>,
    },
    #[error("cannot read `{}`: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("cannot keep the attachment `{name}`: {error}")]
    Unkept { name: String, error: io::Error },
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let message = error.to_string();
        match error {
            LogError::Level { hint, .. } => {
                let mut failure = Failure::usage(message);
                failure.hint = hint;
                failure
            }
            LogError::Logarithm => {
                Failure::usage(message).hint("the logarithm to base b is x.ln() / b.ln()")
            }
            LogError::NoName => Failure::usage(message).hint("attach(\"page.html\", text)"),
            LogError::Content { .. } | LogError::NotJson(_) => Failure::usage(message)
                .hint("attach text, bytes, or a map or list, which is kept as JSON"),
            LogError::MediaType { .. } => {
                Failure::usage(message).hint("write it like \"text/html\" or \"image/png\"")
            }
            LogError::When { got } => Failure::usage(message).detail("got", got),
            LogError::Pattern { .. } => {
                Failure::usage(message).hint("write it like \"logs/*.log\" or \"**/*.png\"")
            }
            LogError::NoFile { looked_in, .. } => {
                let places: Vec<String> = looked_in
                    .iter()
                    .map(|place| place.display().to_string())
                    .collect();
                Failure::usage(message)
                    .detail("looked in", places.join(", "))
                    .hint("use a pattern such as \"logs/*.log\" when it may be missing")
            }
            LogError::Unreadable { .. } | LogError::Unkept { .. } => Failure::fault(message),
        }
    }
}
