//! What a script asks for: one request, as plain values.

use std::path::PathBuf;

use bytes::Bytes;

use super::spec::{Auth, RetrySpec, Timeouts};

/// One request. Fields that are `None` take the value of the client.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    /// Absolute, or relative to the base URL of the client.
    pub url: String,
    /// A value of `None` takes away a header that would be sent otherwise.
    pub headers: Vec<(String, Option<String>)>,
    pub query: Vec<(String, QueryValue)>,
    pub payload: Payload,
    pub auth: Option<Auth>,
    pub timeouts: Option<Timeouts>,
    pub redirects: Option<u32>,
    pub retry: Option<RetrySpec>,
    pub max_body: Option<u64>,
    /// Stream the body of the response into this file instead of memory.
    pub save_to: Option<PathBuf>,
}

impl Request {
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            ..Self::default()
        }
    }
}

/// The value of a query parameter or form field.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryValue {
    /// Left out.
    Nothing,
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// The name is repeated for each.
    Many(Vec<QueryValue>),
}

impl QueryValue {
    /// Calls `each` with every text this value stands for.
    pub(crate) fn for_each(&self, each: &mut dyn FnMut(&str)) {
        match self {
            Self::Nothing => {}
            Self::Text(text) => each(text),
            Self::Integer(number) => each(&number.to_string()),
            Self::Float(number) => each(&number.to_string()),
            Self::Bool(truth) => each(if *truth { "true" } else { "false" }),
            Self::Many(values) => values.iter().for_each(|value| value.for_each(each)),
        }
    }
}

impl From<&str> for QueryValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The body of a request.
#[derive(Debug, Clone, Default)]
pub enum Payload {
    #[default]
    Empty,
    /// JSON text.
    Json(String),
    Form(Vec<(String, QueryValue)>),
    Multipart(Vec<Part>),
    Text(String),
    Bytes(Bytes),
    /// The content of a file, streamed.
    File(PathBuf),
}

/// One part of a multipart body.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: String,
    pub content: PartContent,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
}

#[derive(Debug, Clone)]
pub enum PartContent {
    Text(String),
    Bytes(Bytes),
    /// Streamed from this file.
    File(PathBuf),
}
