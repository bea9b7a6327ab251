//! The traffic of a page as HAR 1.2, which other tools read.

use super::answer::pairs;
use crate::browser::trace::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The requests with the bodies that are known, by request id.
pub fn har(requests: &[Request], bodies: &HashMap<String, Vec<u8>>, browser: &str) -> Value {
    let entries: Vec<Value> = requests
        .iter()
        .map(|request| entry(request, bodies))
        .collect();
    json!({
        "log": {
            "version": "1.2",
            "creator": { "name": "scenario", "version": env!("CARGO_PKG_VERSION") },
            "browser": { "name": "Chromium", "version": browser },
            "entries": entries,
        }
    })
}

fn entry(request: &Request, bodies: &HashMap<String, Vec<u8>>) -> Value {
    let began = Timestamp::from_millisecond(request.at as i64).unwrap_or_default();
    let headers = |told: &Value| -> Vec<Value> {
        let pairs = pairs(told).into_iter();
        pairs
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect()
    };
    let query: Vec<Value> = url::Url::parse(&request.url)
        .map(|url| {
            let pairs = url.query_pairs();
            pairs
                .map(|(name, value)| json!({ "name": name, "value": value }))
                .collect()
        })
        .unwrap_or_default();
    let mut content = json!({ "size": request.bytes, "mimeType": request.mime_type });
    if let Some(body) = bodies.get(&request.id) {
        content["size"] = body.len().into();
        match std::str::from_utf8(body) {
            Ok(text) => content["text"] = text.into(),
            Err(_) => {
                use base64::Engine;
                content["text"] = base64::prelude::BASE64_STANDARD.encode(body).into();
                content["encoding"] = "base64".into();
            }
        }
    }
    let millis = request.millis.unwrap_or(0);
    let headers_sent = headers(&request.request_headers);
    let mut asked = json!({
        "method": request.method, "url": request.url, "httpVersion": "HTTP/1.1",
        "headers": headers_sent, "queryString": query, "cookies": [],
        "headersSize": -1, "bodySize": request.body.as_ref().map_or(0, String::len),
    });
    if let Some(body) = &request.body {
        let is_type = |header: &&Value| {
            let name = header["name"].as_str().unwrap_or_default();
            name.eq_ignore_ascii_case("content-type")
        };
        let media = headers_sent.iter().find(is_type);
        let media = media.map_or(json!(""), |header| header["value"].clone());
        asked["postData"] = json!({ "mimeType": media, "text": body });
    }
    json!({
        "startedDateTime": began.to_string(),
        "time": millis,
        "request": asked,
        "response": {
            "status": request.status.unwrap_or(0), "statusText": request.error.clone().unwrap_or_default(),
            "httpVersion": "HTTP/1.1", "headers": headers(&request.response_headers), "cookies": [],
            "content": content, "redirectURL": "", "headersSize": -1, "bodySize": request.bytes,
        },
        "cache": {},
        "timings": { "send": 0, "wait": millis, "receive": 0 },
        "_resourceType": request.kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn other_tools_can_read_it() {
        let request = Request {
            id: "1".into(),
            at: 1_795_281_145_132,
            url: "http://x/a?b=c".into(),
            method: "GET".into(),
            kind: "fetch".into(),
            request_headers: json!([{ "name": "Content-Type", "value": { "type": "string", "value": "text/plain" } }]),
            body: Some("tea".into()),
            status: Some(200),
            response_headers: Value::Null,
            mime_type: "text/plain".into(),
            bytes: 2,
            error: None,
            millis: Some(5),
            redirects: 0,
            began: Instant::now(),
        };
        let bodies = HashMap::from([("1".to_owned(), b"hi".to_vec())]);
        let har = har(&[request], &bodies, "156");
        let entry = &har["log"]["entries"][0];
        assert_eq!(entry["request"]["queryString"][0]["value"], "c");
        assert_eq!(entry["request"]["headers"][0]["name"], "Content-Type");
        assert_eq!(
            entry["request"]["postData"],
            json!({ "mimeType": "text/plain", "text": "tea" })
        );
        assert_eq!(entry["response"]["content"]["text"], "hi");
        assert!(
            entry["startedDateTime"]
                .as_str()
                .unwrap()
                .starts_with("2026-11-21T")
        );
    }
}
