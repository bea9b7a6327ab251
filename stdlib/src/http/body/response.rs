//! A response as a script looks at it. The body is parsed when it is asked for, and kept as it came.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Url, Version};
use serde::de::DeserializeOwned;

use super::error::{HttpError, body_start};
use super::exchange::Exchange;
use super::jar::{self, CookieView};

/// Where the body is.
#[derive(Debug, Clone)]
pub enum Content {
    Memory(Bytes),
    /// Saved to this file, as the request asked.
    File(PathBuf),
}

/// A response with its whole body.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub version: Version,
    pub headers: HeaderMap,
    /// Where the response came from, after redirects.
    pub url: Url,
    pub content: Content,
    /// Bytes of the body as it was sent, before unpacking.
    pub raw_size: u64,
    /// Bytes of the body.
    pub size: u64,
    pub remote: Option<SocketAddr>,
    /// How long the last try took, redirects and body included.
    pub elapsed: Duration,
    pub exchange: Arc<Exchange>,
}

impl Response {
    /// Whether the status says success: 200 to 299.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The values of a header, joined by `, ` as the standard allows.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut values = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .peekable();
        values.peek()?;
        Some(values.collect::<Vec<_>>().join(", "))
    }

    /// The body in memory; empty when it was saved to a file.
    pub fn bytes(&self) -> &Bytes {
        static NOTHING: Bytes = Bytes::new();
        match &self.content {
            Content::Memory(bytes) => bytes,
            Content::File(_) => &NOTHING,
        }
    }

    /// The file the body was saved to.
    pub fn saved_to(&self) -> Option<&Path> {
        match &self.content {
            Content::Memory(_) => None,
            Content::File(path) => Some(path),
        }
    }

    /// The body as text, in the charset its content type names, else UTF-8. What is no text becomes U+FFFD.
    pub fn text(&self) -> String {
        let bytes = self.bytes();
        let encoding = self
            .content_type()
            .as_deref()
            .and_then(charset)
            .and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()))
            .unwrap_or(encoding_rs::UTF_8);
        // Decoding also takes a byte-order mark off, and obeys it.
        encoding.decode(bytes).0.into_owned()
    }

    /// The cookies this response sets.
    pub fn cookies(&self) -> Vec<CookieView> {
        jar::set_by(&self.headers, &self.url)
    }

    pub fn content_type(&self) -> Option<String> {
        self.header(CONTENT_TYPE.as_str())
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        let bytes = self.bytes();
        let not_json = |reason: String| HttpError::NotJson {
            status: self.status,
            content_type: self
                .content_type()
                .map(|content_type| super::text::printable(&content_type)),
            reason,
            start: body_start(bytes, &self.exchange.mask),
        };
        if let Content::File(path) = &self.content {
            return Err(not_json(format!(
                "its body was saved to `{}`",
                path.display()
            )));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(not_json("its body is empty".to_owned()));
        }
        // RFC 8259: UTF-8, and a mark before it may be ignored.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(text).map_err(|error| not_json(error.to_string()))
    }
}

/// The charset of a content type.
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;
    use serde_json::Value;

    fn response(content_type: &'static str, body: &'static [u8]) -> Response {
        Response {
            status: 200,
            version: Version::HTTP_11,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]),
            url: Url::parse("http://h/").expect("a good URL"),
            content: Content::Memory(Bytes::from_static(body)),
            raw_size: 0,
            size: 0,
            remote: None,
            elapsed: Duration::ZERO,
            exchange: Arc::new(Exchange {
                hops: Vec::new(),
                spec: Arc::default(),
                mask: Default::default(),
            }),
        }
    }

    #[test]
    fn text_is_read_in_its_charset() {
        let latin = response("text/plain; Charset=\"ISO-8859-1\"", b"caf\xe9");
        assert_eq!(latin.text(), "café");
        let unknown = response("text/plain; charset=klingon", "café".as_bytes());
        assert_eq!(unknown.text(), "café");
        assert_eq!(
            response("text/plain", b"\xef\xbb\xbfa\xff").text(),
            "a\u{fffd}"
        );
    }

    #[test]
    fn numbers_beyond_i64_keep_their_digits_as_far_as_u64() {
        let big = response("application/json", b"[9223372036854775808, 1e400]");
        assert!(big.json::<Value>().is_err(), "1e400 is no number there is");
        let big = response("application/json", b"18446744073709551615");
        assert_eq!(
            big.json::<Value>().expect("a number").as_u64(),
            Some(u64::MAX)
        );
        assert_eq!(big.text(), "18446744073709551615");
    }

    #[test]
    fn a_body_that_is_not_json_shows_its_type_and_beginning() {
        let html = response("text/html", b"<html>\x1b[2J oops");
        assert_eq!(
            html.json::<Value>().expect_err("HTML").to_string(),
            "the response is not JSON: expected value at line 1 column 1 (status 200, content-type text/html); \
             it starts: <html>\\u{1b}[2J oops"
        );
    }

    #[test]
    fn an_empty_body_is_not_json_either() {
        let empty = response("application/json", b" \n");
        let error = empty.json::<Value>().expect_err("nothing").to_string();
        assert!(error.contains("its body is empty"), "{error}");
    }

    #[test]
    fn json_nested_beyond_reason_is_an_error_and_no_overflow() {
        let deep: &'static [u8] = vec![b'['; 1_000_000].leak();
        let error = response("application/json", deep)
            .json::<Value>()
            .expect_err("too deep")
            .to_string();
        assert!(error.contains("recursion limit"), "{error}");
    }

    #[test]
    fn a_mark_before_the_json_is_ignored() {
        let marked = response("application/json", b"\xef\xbb\xbf{\"a\":1}");
        assert_eq!(marked.json::<Value>().expect("JSON")["a"], 1);
    }
}
