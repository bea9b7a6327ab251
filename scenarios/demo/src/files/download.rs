//! Handing files out, whole or in a range, and bodies that are made while they are sent.

use std::ops::Range;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::Shared;
use crate::body::Generated;
use crate::input::text_header;
use crate::paging::escape;
use crate::problem::Problem;

pub(super) async fn download(
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = app.files.get(&id)?;
    // What was uploaded is handed out as a download and never shown: it may be a page with a script.
    let common = [
        (
            header::CONTENT_TYPE,
            header_value(&file.content_type, "application/octet-stream"),
        ),
        (
            header::CONTENT_DISPOSITION,
            header_value(&disposition(&file.name), "attachment"),
        ),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (
            header::ETAG,
            header_value(&format!("\"{}\"", file.sha256), "\"\""),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    match text_header(&headers, "range").map(|text| range(text, file.size)) {
        None | Some(Asked::Whole) => Ok((common, file.content.clone()).into_response()),
        Some(Asked::Outside) => Err(Problem::Range { size: file.size }),
        Some(Asked::Part(part)) => {
            let told = format!("bytes {}-{}/{}", part.start, part.end - 1, file.size);
            let told = [(header::CONTENT_RANGE, header_value(&told, ""))];
            Ok((
                StatusCode::PARTIAL_CONTENT,
                common,
                told,
                file.content.slice(part),
            )
                .into_response())
        }
    }
}

fn header_value(text: &str, otherwise: &'static str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(otherwise))
}

/// The name twice: in plain ASCII, and in full as RFC 6266 has it.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !"\"\\/".contains(c) || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        escape(name)
    )
}

#[derive(Debug, PartialEq)]
enum Asked {
    Whole,
    Part(Range<usize>),
    Outside,
}

/// A single range of bytes. What is not understood counts as no range, as RFC 9110 wants it.
fn range(text: &str, size: usize) -> Asked {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|text| text.split_once('-'))
    else {
        return Asked::Whole;
    };
    let part = match (first.trim().parse::<usize>(), last.trim().parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(count)) if first.is_empty() => size.saturating_sub(count)..size,
        _ => return Asked::Whole,
    };
    if part.is_empty() {
        Asked::Outside
    } else {
        Asked::Part(part)
    }
}

pub(super) async fn bytes(Path(n): Path<String>) -> Result<Response, Problem> {
    let size: u64 = n
        .parse()
        .map_err(|_| Problem::field("n", format!("`{n}` is not a number of bytes")))?;
    let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
    Ok((kind, Body::new(Generated::new(size))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        let cases = [
            ("bytes=0-3", Asked::Part(0..4)),
            ("bytes=8-", Asked::Part(8..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=5-100", Asked::Part(5..10)),
            ("bytes=-100", Asked::Part(0..10)),
            ("bytes=10-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=5-2", Asked::Whole),
            ("bytes=0-1,4-5", Asked::Whole),
            ("rows=1-2", Asked::Whole),
        ];
        for (text, expected) in cases {
            assert_eq!(range(text, 10), expected, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Outside);
    }

    #[test]
    fn a_hostile_file_name_stays_one_header_value() {
        let value = disposition("a\"; x=\r\nSet-Cookie: b\u{fc}.txt");
        assert!(
            value.starts_with("attachment; filename=\"a_; x=__Set-Cookie: b_.txt\"; filename*="),
            "{value}"
        );
        assert!(HeaderValue::from_str(&value).is_ok());
    }
}
