//! An exchange as text for people, as it stands below a failure.

use std::fmt::Write;

use reqwest::StatusCode;

use super::exchange::{Cause, Exchange, Hop, ResponseRecord};
use super::headers;
use super::text::{Mask, excerpt, human_size, printable};
use super::view::{header_list, show_body};
use crate::host::duration;

/// Headers shown of a response; more are counted.
const HEADERS: usize = 20;

/// Characters shown of the error of a hop.
const ERROR: usize = 120;

/// Hops shown in full; earlier ones take a line each.
const IN_FULL: usize = 1;

/// ```text
/// POST http://127.0.0.1:8080/tasks
/// > content-type: application/json
/// > {"kind":"export"}
/// < 422 Unprocessable Entity in 3ms, 27 bytes
/// < content-type: application/json
/// < {"error":"rows is missing"}
/// again: curl -H 'content-type: application/json' …
/// ```
pub(crate) fn exchange(exchange: &Exchange, limit: usize) -> String {
    let mut out = String::new();
    let brief = exchange.hops.len().saturating_sub(IN_FULL);
    for (number, hop) in exchange.hops.iter().enumerate() {
        let is_token = hop.cause == Cause::Token;
        if number < brief || is_token {
            let _ = writeln!(out, "{} -> {}", first_line(hop), result(hop));
        } else {
            in_full(&mut out, hop, limit, &exchange.mask);
        }
    }
    if exchange.last().is_some() {
        let _ = write!(out, "again: {}", exchange.curl());
    }
    out
}

fn first_line(hop: &Hop) -> String {
    let request = &hop.request;
    let why = hop.cause.words();
    let why = if why.is_empty() {
        why
    } else {
        format!("  ({})", printable(&why))
    };
    format!("{} {}{why}", request.method, request.url)
}

/// What came of a hop, in a few words.
fn result(hop: &Hop) -> String {
    let took = duration::show(hop.timings().total);
    match (&hop.response, &hop.error) {
        (_, Some(error)) => format!("failed after {took}: {}", shortened(&printable(error))),
        (Some(response), None) => format!("{} in {took}", status(response)),
        (None, None) => format!("cut off after {took} while {}", hop.phase()),
    }
}

/// The failure itself, which stands above, has it in full.
fn shortened(error: &str) -> String {
    match error.char_indices().nth(ERROR) {
        Some((end, _)) => format!("{}…", &error[..end]),
        None => error.to_owned(),
    }
}

fn status(response: &ResponseRecord) -> String {
    let reason = StatusCode::from_u16(response.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    format!("{} {reason}", response.status)
        .trim_end()
        .to_owned()
}

fn in_full(out: &mut String, hop: &Hop, limit: usize, mask: &Mask) {
    let _ = writeln!(out, "{}", first_line(hop));
    for (name, value) in header_list(&hop.request.headers, mask) {
        let is_ours = matches!(
            (name.as_str(), value.as_str()),
            ("accept", "*/*") | ("user-agent", headers::USER_AGENT) | ("traceparent", _)
        );
        if !is_ours {
            let _ = writeln!(out, "> {name}: {value}");
        }
    }
    lines(out, "> ", &show_body(&hop.request.body, limit, mask));
    let Some(response) = &hop.response else {
        let _ = writeln!(out, "< {}", result(hop));
        return;
    };
    let _ = match &hop.error {
        None => writeln!(out, "< {}, {}", result(hop), human_size(response.size)),
        Some(_) => writeln!(out, "< {}\n< {}", status(response), result(hop)),
    };
    let headers = header_list(&response.headers, mask);
    for (name, value) in headers.iter().take(HEADERS) {
        let _ = writeln!(out, "< {name}: {value}");
    }
    if headers.len() > HEADERS {
        let _ = writeln!(out, "< … and {} more headers", headers.len() - HEADERS);
    }
    match &response.saved_to {
        Some(path) => lines(out, "< ", &format!("(saved to {})", path.display())),
        None => lines(out, "< ", &excerpt(&response.start, limit, mask)),
    }
}

fn lines(out: &mut String, before: &str, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{before}{line}");
    }
}
