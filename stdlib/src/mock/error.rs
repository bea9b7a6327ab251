//! What can be wrong with how a mock server is told to answer.

use crate::host::failure::Failure;
use std::io;

/// Each way it can.
#[derive(Debug, thiserror::Error)]
pub enum MockError {
    #[error("`{text}` does not say which requests are meant")]
    Route { text: String },
    #[error(
        "a request to mock server `{server}` can be answered with a map, a text, a list of them, or a closure"
    )]
    NoAnswer { server: String, got: String },
    #[error("an answer has one body: {} were given", given.join(" and "))]
    Bodies { given: Vec<&'static str> },
    #[error("an answer cannot have the header `{name}`")]
    Header { name: String },
    #[error("option `bytes` of an answer must be bytes")]
    Bytes { got: String },
    #[error("option `error_rate` of an answer must be from 0 to 1")]
    Rate { got: String },
    #[error("mock server `{server}` cannot listen on port {port}: {error}")]
    Listen {
        server: String,
        port: u16,
        error: io::Error,
    },
}

impl From<MockError> for Failure {
    fn from(error: MockError) -> Self {
        let message = error.to_string();
        match error {
            MockError::Route { .. } => Self::usage(message).hint(
                "a method and a path: \"POST /v1/chat\"; a path alone is for any method; `*` stands for one part of it, `**` for the rest",
            ),
            MockError::NoAnswer { got, .. } => Self::usage(message)
                .detail("got", got)
                .hint("#{ status: 201, json: #{ id: 7 } }, or |request| #{ json: request.json }"),
            MockError::Bodies { .. } => Self::usage(message).hint("one of `json`, `text` and `bytes`"),
            MockError::Header { .. } => Self::usage(message),
            MockError::Bytes { got } | MockError::Rate { got } => Self::usage(message).detail("got", got),
            MockError::Listen { .. } => {
                Self::fault(message).hint("without the option `port` it takes any free one")
            }
        }
    }
}
