//! What a request is answered with.

use super::error::MockError;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use rhai::{Blob, Dynamic, Map};
use std::time::Duration;

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// It comes so much later.
    pub delay: Duration,
    /// The connection is closed instead.
    pub drops: bool,
    /// How much of the time it is an error 500 instead.
    pub error_rate: f64,
}

impl Answer {
    /// A status with a line of text.
    pub fn of(status: StatusCode, text: impl Into<Bytes>) -> Self {
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        Self {
            status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, plain)]),
            body: text.into(),
            delay: Duration::ZERO,
            drops: false,
            error_rate: 0.0,
        }
    }

    /// An answer as a script gives it; `None` when it is none.
    pub fn read(value: &Dynamic) -> Option<Result<Self, Failure>> {
        if let Some(text) = value.read_lock::<rhai::ImmutableString>() {
            return Some(Ok(Self::of(StatusCode::OK, text.to_string())));
        }
        let map = value.read_lock::<Map>()?.clone();
        Some(Self::of_map(map))
    }

    fn of_map(map: Map) -> Result<Self, Failure> {
        let mut options = Options::new("an answer", map);
        let status = options.int("status", 100..=599)?.unwrap_or(200);
        let headers = options.map("headers")?.unwrap_or_default();
        let json = options.json("json")?;
        let text = options.text("text")?;
        let bytes = options.take("bytes");
        let delay = options.duration("delay")?.unwrap_or_default();
        let drops = options.flag("drop")?.unwrap_or(false);
        let error_rate = options.number("error_rate")?.unwrap_or(0.0);
        options.finish()?;
        if !(0.0..=1.0).contains(&error_rate) {
            let got = error_rate.to_string();
            return Err(MockError::Rate { got }.into());
        }
        let (body, kind) = body(json, text, bytes)?;
        let mut all = HeaderMap::new();
        if let Some(kind) = kind {
            all.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        for (name, value) in &headers {
            let wrong = || MockError::Header {
                name: name.to_string(),
            };
            let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
            let value = HeaderValue::from_str(&value.to_string()).map_err(|_| wrong())?;
            all.insert(parsed, value);
        }
        Ok(Self {
            status: StatusCode::from_u16(status as u16).unwrap_or(StatusCode::OK),
            headers: all,
            body,
            delay,
            drops,
            error_rate,
        })
    }

    /// As it is put on the wire.
    pub fn response(&self) -> Response<reqwest::Body> {
        let mut response = Response::new(reqwest::Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

type Body = (Bytes, Option<&'static str>);

fn body(
    json: Option<serde_json::Value>,
    text: Option<String>,
    bytes: Option<Dynamic>,
) -> Result<Body, MockError> {
    let given = [
        ("json", json.is_some()),
        ("text", text.is_some()),
        ("bytes", bytes.is_some()),
    ];
    let given: Vec<&str> = given
        .iter()
        .filter(|(_, is)| *is)
        .map(|(name, _)| *name)
        .collect();
    if given.len() > 1 {
        return Err(MockError::Bodies { given });
    }
    if let Some(value) = json {
        return Ok((value.to_string().into(), Some("application/json")));
    }
    if let Some(text) = text {
        return Ok((text.into(), Some("text/plain; charset=utf-8")));
    }
    let Some(value) = bytes else {
        return Ok((Bytes::new(), None));
    };
    match value.read_lock::<Blob>() {
        Some(bytes) => Ok((
            Bytes::copy_from_slice(&bytes),
            Some("application/octet-stream"),
        )),
        None => Err(MockError::Bytes {
            got: json::show(&value, 80),
        }),
    }
}
