//! Everything that can go wrong between a script and a server, and whose fault it is.

use std::time::Duration;

use crate::host::duration;
use crate::host::failure::{Code, Detail, Failure};

/// Each way it can. `server` is told as `postgres at 127.0.0.1:5432`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("bad address `{given}`: {reason}")]
    BadAddress {
        /// Without its password.
        given: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("cannot connect to {server}: {reason}")]
    Unreachable {
        server: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("{server} refused the login: {reason}")]
    Denied {
        server: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("{server} gave no answer within {}", duration::show(*.limit))]
    Silent { server: String, limit: Duration },
    #[error("lost the connection to {server}: {reason}")]
    Lost { server: String, reason: String },
    #[error("{0}")]
    Refused(Box<Refusal>),
    #[error("{message}")]
    Usage {
        message: String,
        details: Vec<Detail>,
        hint: Option<String>,
    },
    #[error("{message}")]
    Unmet {
        message: String,
        hint: Option<String>,
    },
    #[error("the connection to {server} is closed")]
    Closed { server: String },
    #[error("{0}")]
    Fault(String),
}

/// What a server said about a call it would not do.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub message: String,
    pub details: Vec<Detail>,
    pub hint: Option<String>,
    /// Asking again cannot help: a wait ends at once.
    pub is_final: bool,
}

impl ClientError {
    /// A wrong argument of the script.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            details: Vec::new(),
            hint: None,
        }
    }

    /// A plain refusal of the server.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused(Box::new(Refusal {
            message: message.into(),
            ..Refusal::default()
        }))
    }

    /// The same with the next move.
    pub fn hinting(mut self, text: impl Into<String>) -> Self {
        match &mut self {
            Self::Refused(refusal) => refusal.hint = Some(text.into()),
            Self::BadAddress { hint, .. }
            | Self::Unreachable { hint, .. }
            | Self::Denied { hint, .. }
            | Self::Unmet { hint, .. }
            | Self::Usage { hint, .. } => *hint = Some(text.into()),
            Self::Silent { .. } | Self::Lost { .. } | Self::Closed { .. } | Self::Fault(_) => {}
        }
        self
    }

    /// Whether the connection is of no use any more.
    pub fn breaks(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::Silent { .. })
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let message = error.to_string();
        match error {
            ClientError::BadAddress { hint, .. } => with(Failure::usage(message), hint),
            ClientError::Usage { hint, details, .. } => {
                let mut failure = with(Failure::usage(message), hint);
                failure.details = details;
                failure
            }
            ClientError::Unreachable { hint, .. } => {
                with(Failure::product(Code::Traffic, message), hint)
            }
            ClientError::Unmet { hint, .. } => {
                with(Failure::product(Code::Assertion, message), hint)
            }
            // No wait makes a wrong password right, so it ends one at once.
            ClientError::Denied { hint, .. } => {
                with(Failure::product(Code::Argument, message), hint)
            }
            ClientError::Refused(refusal) => {
                let code = match refusal.is_final {
                    true => Code::Argument,
                    false => Code::Traffic,
                };
                let mut failure = with(Failure::product(code, message), refusal.hint);
                failure.details = refusal.details;
                failure
            }
            ClientError::Silent { .. } => Failure::product(Code::Traffic, message)
                .hint("is it busy, or locked by another? the option `timeout` sets the limit"),
            ClientError::Lost { .. } => Failure::product(Code::Traffic, message),
            ClientError::Closed { .. } => Failure::usage(message)
                .hint("connections end with their phase: connect again in this one"),
            ClientError::Fault(_) => Failure::fault(message),
        }
    }
}

fn with(mut failure: Failure, hint: Option<String>) -> Failure {
    failure.hint = hint;
    failure
}
