//! Everything that can be wrong with a request, and how each case is told: a status and a JSON body
//! `{"error": code, "message": sentence}`, with `fields` when single fields are to blame.

use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

/// One field that was refused, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FieldError {
    pub field: String,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("there is no endpoint {method} {path}; GET /api/v1 lists them")]
    NoSuchEndpoint { method: Method, path: String },
    #[error("{path} does not answer {method}; see the Allow header")]
    WrongMethod { method: Method, path: String },
    #[error("{0}")]
    BadRequest(String),
    #[error("{0}")]
    SignIn(&'static str),
    #[error("there is no {what} with the id {id}")]
    NotFound { what: &'static str, id: String },
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Precondition(String),
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("send JSON or a form, not {0}")]
    MediaType(String),
    #[error("the body of {size} bytes has no such range")]
    Range { size: usize },
    #[error("the request has {} invalid field{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
    Invalid(Vec<FieldError>),
    #[error(
        "the demo keeps everything in memory and has no room for this; POST /admin/reset frees it"
    )]
    Full,
}

impl Problem {
    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound {
            what,
            id: id.to_string(),
        }
    }

    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NoSuchEndpoint { .. } | Self::NotFound { .. } => {
                (StatusCode::NOT_FOUND, "not_found")
            }
            Self::WrongMethod { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::SignIn(_) => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::Precondition(_) => (StatusCode::PRECONDITION_FAILED, "precondition_failed"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::MediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::Range { .. } => (StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable"),
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Full => (StatusCode::INSUFFICIENT_STORAGE, "full"),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let mut body = json!({ "error": code, "message": self.to_string() });
        if let Self::Invalid(fields) = &self {
            body["fields"] = json!(fields);
        }
        let mut response = (status, Json(body)).into_response();
        match self {
            Self::SignIn(_) => {
                let challenge = HeaderValue::from_static("Bearer realm=\"demo\"");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, challenge);
            }
            Self::Range { size } => {
                if let Ok(range) = HeaderValue::from_str(&format!("bytes */{size}")) {
                    response.headers_mut().insert(header::CONTENT_RANGE, range);
                }
            }
            _ => {}
        }
        response
    }
}
