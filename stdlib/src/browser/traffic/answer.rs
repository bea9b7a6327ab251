//! What a request gets instead of its response. Plain data, and the commands it becomes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::time::Duration;

/// What becomes of a request that is held back.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Answer {
    /// It goes on as it is.
    #[default]
    PassOn,
    /// It fails, as if there were no network.
    Abort,
    /// It goes on changed.
    Change(Sent),
    /// It gets this instead of a response.
    Respond {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        delay: Duration,
    },
}

/// What is sent instead; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    pub url: Option<String>,
    pub method: Option<String>,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// A request that is held back, as scripts see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub id: String,
    pub url: String,
    pub method: String,
    pub kind: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

impl Held {
    /// From the event that tells of it.
    pub fn read(params: &Value) -> Option<Self> {
        let request = params.get("request")?;
        let text = |key: &str| request[key].as_str().unwrap_or_default().to_owned();
        Some(Self {
            id: request["request"].as_str()?.to_owned(),
            url: text("url"),
            method: text("method"),
            kind: text("goog:resourceType").to_lowercase(),
            headers: pairs(&request["headers"]),
            body: request["goog:postData"].as_str().map(str::to_owned),
        })
    }
}

/// Headers as browsers tell them.
pub fn pairs(headers: &Value) -> Vec<(String, String)> {
    let all = headers.as_array().map(Vec::as_slice).unwrap_or_default();
    let pair = |header: &Value| {
        let name = header["name"].as_str()?.to_owned();
        let value = header["value"]["value"].as_str().unwrap_or_default();
        Some((name, value.to_owned()))
    };
    all.iter().filter_map(pair).collect()
}

fn told(headers: &[(String, String)]) -> Vec<Value> {
    let header = |(name, value): &(String, String)| json!({ "name": name, "value": { "type": "string", "value": value } });
    headers.iter().map(header).collect()
}

fn bytes(body: &[u8]) -> Value {
    json!({ "type": "base64", "value": BASE64_STANDARD.encode(body) })
}

impl Answer {
    /// The command that gives it to the request `held`.
    pub fn command(&self, held: &Held) -> (&'static str, Value) {
        let mut params = json!({ "request": held.id });
        match self {
            Self::PassOn => ("network.continueRequest", params),
            Self::Abort => ("network.failRequest", params),
            Self::Change(sent) => {
                if let Some(url) = &sent.url {
                    params["url"] = url.clone().into();
                }
                if let Some(method) = &sent.method {
                    params["method"] = method.clone().into();
                }
                if !sent.headers.is_empty() {
                    params["headers"] = merged(&held.headers, &sent.headers).into();
                }
                if let Some(body) = &sent.body {
                    params["body"] = bytes(body);
                }
                ("network.continueRequest", params)
            }
            Self::Respond {
                status,
                headers,
                body,
                ..
            } => {
                params["statusCode"] = (*status).into();
                params["headers"] = told(headers).into();
                params["body"] = bytes(body);
                ("network.provideResponse", params)
            }
        }
    }
}

/// The headers of a request with some of them in place of its own.
fn merged(own: &[(String, String)], instead: &[(String, String)]) -> Vec<Value> {
    let is_replaced = |name: &str| {
        instead
            .iter()
            .any(|(new, _)| new.eq_ignore_ascii_case(name))
    };
    let kept = own.iter().filter(|(name, _)| !is_replaced(name));
    told(&kept.chain(instead).cloned().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Held {
        Held {
            id: "r1".into(),
            url: "http://x/".into(),
            method: "GET".into(),
            kind: "fetch".into(),
            headers: vec![("Accept".into(), "*/*".into())],
            body: None,
        }
    }

    #[test]
    fn an_answer_is_a_response_of_our_own() {
        let answer = Answer::Respond {
            status: 201,
            headers: vec![("content-type".into(), "text/plain".into())],
            body: b"hi".to_vec(),
            delay: Duration::ZERO,
        };
        let (command, params) = answer.command(&held());
        assert_eq!(command, "network.provideResponse");
        assert_eq!(params["statusCode"], 201);
        assert_eq!(params["body"]["value"], "aGk=");
    }

    #[test]
    fn changed_headers_replace_those_of_the_same_name() {
        let sent = Sent {
            headers: vec![("accept".into(), "text/csv".into())],
            ..Sent::default()
        };
        let (_, params) = Answer::Change(sent).command(&held());
        assert_eq!(params["headers"].as_array().unwrap().len(), 1);
        assert_eq!(params["headers"][0]["value"]["value"], "text/csv");
    }
}
