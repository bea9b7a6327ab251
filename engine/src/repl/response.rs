//! An HTTP response: status line, headers, body.

use super::pretty;
use super::show::Look;
use crate::report::clean;
use scenario_stdlib::host::duration::show as time;
use scenario_stdlib::http::body::Response;

/// The longest body that is shown.
const BODY: usize = 64 * 1024;

/// The whole response.
pub fn show(response: &Response, look: &Look) -> String {
    let palette = look.palette;
    let status = match response.status {
        ..300 => palette.good(response.status),
        300..400 => palette.note(response.status),
        400.. => palette.bad(response.status),
    };
    let mut out = format!(
        "{:?} {status}  {}",
        response.version,
        palette.dim(format!(
            "{} bytes in {}",
            response.size,
            time(response.elapsed)
        ))
    );
    for (name, value) in &response.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let room = look.columns.saturating_sub(name.as_str().len() + 2);
        let value = clean::short(&value, room.max(20));
        out.push_str(&format!("\n{}: {value}", palette.note(name.as_str())));
    }
    let body = body(response, look);
    if !body.is_empty() {
        out.push_str("\n\n");
        out.push_str(&body);
    }
    out
}

fn body(response: &Response, look: &Look) -> String {
    if let Some(path) = response.saved_to() {
        return look.palette.dim(format!("saved to {}", path.display()));
    }
    if response.bytes().is_empty() {
        return String::new();
    }
    if let Ok(json) = response.json::<serde_json::Value>() {
        return pretty::json(&json, look);
    }
    if std::str::from_utf8(response.bytes()).is_err() {
        let kind = response
            .content_type()
            .unwrap_or_else(|| "no content type".into());
        return look
            .palette
            .dim(format!("{} bytes of {}", response.size, clean::name(&kind)));
    }
    clean::block(response.text().trim_end(), BODY)
}
