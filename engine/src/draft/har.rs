//! A HAR file, as browsers and proxies save it: one scenario of all its requests for data and pages, in their order.

use super::error::DraftError;
use super::noise;
use super::request::{Body, Content, Draft, Exchange, Expected, Part, Planned, Request};
use super::shape;
use base64::Engine;
use serde_json::Value;

/// From so many requests on the rest is left out: nobody reads more.
const MOST: usize = 50;

/// The scenario of a HAR file, under this name.
pub fn of_har(text: &str, name: &str) -> Result<Draft, DraftError> {
    let text = text.trim_start_matches('\u{feff}');
    let har: Value =
        serde_json::from_str(text).map_err(|error| DraftError::NotHar(error.to_string()))?;
    let entries = har["log"]["entries"]
        .as_array()
        .ok_or_else(|| DraftError::NotHar("it has no `log.entries`".into()))?;
    let exchanges: Vec<Exchange> = entries.iter().filter_map(exchange).take(MOST).collect();
    if exchanges.is_empty() {
        return Err(DraftError::EmptyHar(entries.len()));
    }
    Ok(Draft {
        origin: "a HAR file".into(),
        scenarios: vec![Planned {
            name: name.to_owned(),
            exchanges,
        }],
    })
}

fn exchange(entry: &Value) -> Option<Exchange> {
    let (asked, answer) = (&entry["request"], &entry["response"]);
    let method = asked["method"].as_str()?;
    let media = answer["content"]["mimeType"].as_str().unwrap_or_default();
    let kind = entry["_resourceType"].as_str().unwrap_or_default();
    if !noise::is_worth(method, media, kind) {
        return None;
    }
    let mut request = Request::to(method, asked["url"].as_str()?)?;
    let headers = asked["headers"].as_array().into_iter().flatten();
    request.headers = headers
        .filter_map(|header| {
            let name = header["name"].as_str()?;
            Some((name.to_owned(), header["value"].as_str()?.to_owned()))
        })
        // Cookies that the answers before it set go along by themselves.
        .filter(|(name, _)| !name.eq_ignore_ascii_case("cookie"))
        .collect();
    noise::of_browser(&mut request.headers);
    request.understand_authorization();
    body(&mut request, &asked["postData"]);
    // A status of 0 is a request that got no answer.
    let status = answer["status"]
        .as_u64()
        .and_then(|s| u16::try_from(s).ok());
    let expected = status.filter(|status| *status >= 100).map(|status| {
        let shape = json(&answer["content"]).map(|json| shape::of_value(&json));
        Expected {
            status,
            media_type: shape.is_none().then(|| plain(media)).flatten(),
            shape,
        }
    });
    Some(Exchange { request, expected })
}

fn body(request: &mut Request, data: &Value) {
    let media = data["mimeType"].as_str().unwrap_or_default();
    if media.starts_with("multipart/") {
        let params = data["params"].as_array().into_iter().flatten();
        let parts: Vec<Part> = params.filter_map(part).collect();
        request.take_header("content-type");
        if !parts.is_empty() {
            request.body = Body::Multipart(parts);
        }
        return;
    }
    let text = data["text"].as_str().unwrap_or_default();
    if !text.is_empty() {
        if request.header("content-type").is_none() && !media.is_empty() {
            request
                .headers
                .push(("Content-Type".into(), media.to_owned()));
        }
        request.understand_body(text.to_owned());
    }
}

fn part(param: &Value) -> Option<Part> {
    let text = |key: &str| param[key].as_str().map(str::to_owned);
    let content = match text("fileName") {
        Some(file) => Content::File(file),
        None => Content::Text(text("value").unwrap_or_default()),
    };
    Some(Part {
        name: text("name")?,
        content,
        filename: None,
        content_type: text("contentType"),
    })
}

/// The JSON of an answer.
fn json(content: &Value) -> Option<Value> {
    let media = content["mimeType"].as_str().unwrap_or_default();
    let text = content["text"].as_str()?;
    if !media.contains("json") {
        return None;
    }
    if content["encoding"].as_str() == Some("base64") {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .ok()?;
        return serde_json::from_slice(&bytes).ok();
    }
    serde_json::from_str(text).ok()
}

/// A media type without its parameters.
fn plain(media: &str) -> Option<String> {
    let media = media.split(';').next().unwrap_or_default().trim();
    (!media.is_empty() && media != "x-unknown").then(|| media.to_owned())
}
