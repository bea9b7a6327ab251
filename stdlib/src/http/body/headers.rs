//! The headers of a request: defaults, those of the client, those of the request, each checked.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::error::HttpError;

/// Headers as a script gave them. `None` takes a header away.
pub(crate) type Given = [(String, Option<String>)];

/// `scenario/<version>`, unless told otherwise.
pub(crate) const USER_AGENT: &str = concat!("scenario/", env!("CARGO_PKG_VERSION"));

/// What goes with every request.
pub(crate) fn defaults(compressed: bool) -> HeaderMap {
    use reqwest::header::{ACCEPT, ACCEPT_ENCODING, USER_AGENT as NAME};
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(NAME, HeaderValue::from_static(USER_AGENT));
    if compressed {
        headers.insert(
            ACCEPT_ENCODING,
            HeaderValue::from_static("gzip, br, zstd, deflate"),
        );
    }
    headers
}

/// Lays `given` over `headers`: the first mention of a name replaces it, further ones add to it.
pub(crate) fn apply(headers: &mut HeaderMap, given: &Given) -> Result<(), HttpError> {
    let mut seen: Vec<HeaderName> = Vec::new();
    for (name, value) in given {
        let checked = check_name(name)?;
        let Some(value) = value else {
            headers.remove(&checked);
            continue;
        };
        let value = check_value(name, value)?;
        if seen.contains(&checked) {
            headers.append(checked, value);
        } else {
            headers.insert(checked.clone(), value);
            seen.push(checked);
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<HeaderName, HttpError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| HttpError::BadHeader {
        name: super::text::printable(name),
        reason: "a header name has only letters, digits and `-`, no blanks or colons",
    })
}

pub(crate) fn check_value(name: &str, value: &str) -> Result<HeaderValue, HttpError> {
    HeaderValue::from_str(value).map_err(|_| HttpError::BadHeader {
        name: name.to_owned(),
        reason: "its value has a line break or another control character",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: Option<&str>) -> (String, Option<String>) {
        (name.to_owned(), value.map(str::to_owned))
    }

    #[test]
    fn the_later_layer_wins_and_repeats_within_a_layer_add_up() {
        let mut headers = defaults(false);
        apply(&mut headers, &[pair("x-tag", Some("a"))]).expect("valid");
        apply(
            &mut headers,
            &[pair("X-Tag", Some("b")), pair("x-tag", Some("c"))],
        )
        .expect("valid");
        let tags: Vec<_> = headers.get_all("x-tag").iter().collect();
        assert_eq!(tags, ["b", "c"]);
    }

    #[test]
    fn a_default_header_can_be_taken_away() {
        let mut headers = defaults(true);
        apply(&mut headers, &[pair("User-Agent", None)]).expect("valid");
        assert!(!headers.contains_key("user-agent") && headers.contains_key("accept-encoding"));
    }

    #[test]
    fn a_header_cannot_smuggle_another_one_in() {
        let error = apply(&mut HeaderMap::new(), &[pair("x", Some("a\r\nHost: evil"))])
            .expect_err("refused");
        assert_eq!(
            error.to_string(),
            "bad header `x`: its value has a line break or another control character"
        );
        assert!(apply(&mut HeaderMap::new(), &[pair("x y", Some("a"))]).is_err());
        assert!(apply(&mut HeaderMap::new(), &[pair("x:", Some("a"))]).is_err());
    }
}
