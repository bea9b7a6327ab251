//! What can go wrong with `parallel` itself.

use crate::host::failure::Failure;
use std::io;

/// Each way it can.
#[derive(Debug, thiserror::Error)]
pub enum ParallelError {
    #[error("{branch} of `parallel` must be a closure")]
    NoClosure { branch: String, got: String },
    #[error("{branch} of `parallel` takes parameters, and there is nothing to give it")]
    Parameters { branch: String },
    #[error("{branch} of `parallel` panicked: {message}")]
    Panicked { branch: String, message: String },
    #[error("`parallel` could not start a thread: {0}")]
    NoThread(io::Error),
}

impl From<ParallelError> for Failure {
    fn from(error: ParallelError) -> Self {
        let message = error.to_string();
        match error {
            ParallelError::NoClosure { got, .. } => Failure::usage(message)
                .detail("got", got)
                .hint("write parallel([|| first(), || second()])"),
            ParallelError::Parameters { .. } => Failure::usage(message)
                .hint("write `|| …`; a branch gets its own copy of the variables around it"),
            ParallelError::Panicked { .. } => Failure::fault(message),
            ParallelError::NoThread(_) => {
                Failure::fault(message).hint("let fewer run at a time: parallel(#{ limit: 50 }, …)")
            }
        }
    }
}
