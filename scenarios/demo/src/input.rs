//! Reading request bodies and query parameters so that what is wrong with them is told as a [`Problem`].

use std::str::FromStr;

use axum::Form;
use axum::body::Bytes;
use axum::extract::{FromRequest, Query, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;
use serde_json::error::Category;

use crate::app::BODY_LIMIT;
use crate::problem::Problem;

/// A body sent as JSON or as a form; an empty one counts as `{}`.
pub(crate) struct Input<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = content_type(request.headers());
        match kind.as_str() {
            "application/x-www-form-urlencoded" => {
                match Form::<T>::from_request(request, state).await {
                    Ok(Form(value)) => Ok(Self(value)),
                    Err(refused) => Err(Problem::BadRequest(refused.body_text())),
                }
            }
            json if json == "application/json" || json.ends_with("+json") => {
                let body = body(request, state).await?;
                // Serde would take a list as the fields in their order.
                if body.trim_ascii_start().starts_with(b"[") {
                    return Err(Problem::field("body", "must be a JSON object"));
                }
                parse(&body).map(Self)
            }
            other => match body(request, state).await? {
                empty if empty.is_empty() => parse(b"{}").map(Self),
                _ => Err(Problem::MediaType(if other.is_empty() {
                    "a body without Content-Type".into()
                } else {
                    other.into()
                })),
            },
        }
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|refused| {
            let message = refused.body_text();
            match refused.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge { limit: BODY_LIMIT },
                _ => Problem::BadRequest(message),
            }
        })
}

pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| match error.classify() {
        Category::Data => Problem::field("body", error.to_string()),
        _ => Problem::BadRequest(format!("the body is not JSON: {error}")),
    })
}

/// The media type without its parameters, in lower case; empty when there is none.
pub(crate) fn content_type(headers: &HeaderMap) -> String {
    let value = text_header(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

pub(crate) fn text_header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Cookies of a request in the order in which they were sent.
pub(crate) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies(headers)
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Query parameters, in order, with their names.
pub(crate) type Params = Query<Vec<(String, String)>>;

pub(crate) fn param<'a>(params: &'a [(String, String)], name: &str) -> Option<&'a str> {
    params
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// A parameter of another type than text; `default` when it is absent, refused when it cannot be read.
pub(crate) fn param_or<T: FromStr>(
    params: &[(String, String)],
    name: &str,
    default: T,
) -> Result<T, Problem> {
    match param(params, name) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| Problem::field(name, format!("`{text}` is not usable here"))),
    }
}

/// For booleans that may come from a form: a ticked checkbox sends "on".
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Ok(flag),
        Value::String(text) => match text.as_str() {
            "on" | "true" | "1" => Ok(true),
            "" | "off" | "false" | "0" => Ok(false),
            _ => Err(D::Error::custom(format!(
                "`{text}` is neither true nor false"
            ))),
        },
        other => Err(D::Error::custom(format!(
            "`{other}` is neither true nor false"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others_and_in_several_lines() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            "a=1; session=x=y".parse().expect("a header"),
        );
        headers.append(header::COOKIE, "b=2".parse().expect("a header"));
        assert_eq!(cookie(&headers, "session"), Some("x=y"));
        assert_eq!(cookie(&headers, "b"), Some("2"));
        assert_eq!(cookie(&headers, "c"), None);
    }

    #[test]
    fn a_checkbox_counts_as_true() {
        #[derive(Deserialize)]
        struct Sent {
            #[serde(deserialize_with = "flag")]
            fail: bool,
        }
        assert!(parse::<Sent>(br#"{"fail":"on"}"#).expect("on is true").fail);
        assert!(
            !parse::<Sent>(br#"{"fail":false}"#)
                .expect("false is false")
                .fail
        );
        assert!(parse::<Sent>(br#"{"fail":"maybe"}"#).is_err());
    }

    #[test]
    fn broken_json_and_wrong_types_are_told_apart() {
        assert!(matches!(
            parse::<Vec<u8>>(b"[1,"),
            Err(Problem::BadRequest(_))
        ));
        assert!(matches!(
            parse::<Vec<u8>>(b"{\"a\":1}"),
            Err(Problem::Invalid(_))
        ));
    }
}
