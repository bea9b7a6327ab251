//! Where a redirect leads, and what becomes of the request on its way there. Pure.

use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, PROXY_AUTHORIZATION,
};
use reqwest::{Method, Url};

use super::address::same_origin;
use super::error::HttpError;
use super::text::printable;

/// What a followed redirect asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) url: Url,
    pub(crate) method: Method,
    /// Whether the body is sent along.
    pub(crate) keeps_body: bool,
    /// Whether it stays on the same scheme, host and port.
    pub(crate) same_origin: bool,
}

/// The next request, if the response is a redirect one can follow.
pub(crate) fn next(
    method: &Method,
    url: &Url,
    status: u16,
    headers: &HeaderMap,
) -> Result<Option<Next>, HttpError> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else {
        return Ok(None);
    };
    let bad = |reason: &str| HttpError::BadRedirect {
        location: printable(&String::from_utf8_lossy(location.as_bytes())),
        reason: reason.to_owned(),
    };
    let text = std::str::from_utf8(location.as_bytes()).map_err(|_| bad("it is not UTF-8"))?;
    let mut target = url.join(text).map_err(|error| bad(&error.to_string()))?;
    if !matches!(target.scheme(), "http" | "https") {
        return Err(bad("only http and https are spoken here"));
    }
    target.set_fragment(None);
    let becomes_get = match status {
        303 => *method != Method::HEAD,
        // What every browser does with a POST, and what RFC 9110 therefore allows.
        301 | 302 => *method == Method::POST,
        _ => false,
    };
    Ok(Some(Next {
        same_origin: same_origin(url, &target),
        url: target,
        method: if becomes_get {
            Method::GET
        } else {
            method.clone()
        },
        keeps_body: !becomes_get,
    }))
}

/// The error for a way that goes on beyond what is allowed. Within a site only paths are told.
pub(crate) fn too_many(limit: u32, visited: Vec<Url>, next: Url) -> HttpError {
    let circular = visited.contains(&next);
    let mut chain = Vec::with_capacity(visited.len() + 1);
    let mut before: Option<&Url> = None;
    for url in visited.iter().chain([&next]) {
        chain.push(match before {
            Some(before) if same_origin(before, url) => url[url::Position::BeforePath..].to_owned(),
            _ => url.to_string(),
        });
        before = Some(url);
    }
    HttpError::TooManyRedirects {
        limit,
        chain,
        circular,
    }
}

/// Takes away the headers that must not go along.
pub(crate) fn strip(headers: &mut HeaderMap, next: &Next) {
    if !next.same_origin {
        for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            headers.remove(name);
        }
    }
    if !next.keeps_body {
        for name in [
            CONTENT_TYPE,
            CONTENT_LENGTH,
            CONTENT_ENCODING,
            CONTENT_LANGUAGE,
            CONTENT_LOCATION,
        ] {
            headers.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn follow(method: Method, status: u16, location: &'static str) -> Option<Next> {
        let url = Url::parse("http://h/a/b").expect("a good URL");
        let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(location))]);
        next(&method, &url, status, &headers).expect("it can be followed")
    }

    #[test]
    fn a_location_may_be_relative() {
        let at = |location| follow(Method::GET, 302, location).expect("a redirect").url;
        assert_eq!(at("c#x").as_str(), "http://h/a/c");
        assert_eq!(at("/c").as_str(), "http://h/c");
        assert_eq!(at("//other/c").as_str(), "http://other/c");
    }

    #[test]
    fn a_post_becomes_a_get_unless_the_status_says_to_repeat_it() {
        let after = |status| {
            let next = follow(Method::POST, status, "/c").expect("a redirect");
            (next.method.to_string(), next.keeps_body)
        };
        for status in [301, 302, 303] {
            assert_eq!(after(status), ("GET".to_owned(), false));
        }
        for status in [307, 308] {
            assert_eq!(after(status), ("POST".to_owned(), true));
        }
        let head = follow(Method::HEAD, 303, "/c").expect("a redirect");
        assert_eq!(head.method, Method::HEAD);
    }

    #[test]
    fn credentials_do_not_go_to_another_origin() {
        let stripped = |location| {
            let next = follow(Method::GET, 307, location).expect("a redirect");
            let mut headers = HeaderMap::from_iter([
                (AUTHORIZATION, HeaderValue::from_static("Bearer x")),
                (CONTENT_TYPE, HeaderValue::from_static("text/plain")),
            ]);
            strip(&mut headers, &next);
            headers.len()
        };
        assert_eq!(stripped("/same"), 2);
        for other in ["http://h:81/", "https://h/", "http://other/"] {
            assert_eq!(stripped(other), 1, "{other}");
        }
    }

    #[test]
    fn other_statuses_and_missing_locations_are_answers() {
        assert_eq!(follow(Method::GET, 304, "/c"), None);
        assert_eq!(follow(Method::GET, 200, "/c"), None);
        let url = Url::parse("http://h/").expect("a good URL");
        let none = next(&Method::GET, &url, 302, &HeaderMap::new());
        assert_eq!(none, Ok(None));
    }

    #[test]
    fn a_way_without_end_is_told_by_its_paths() {
        let url = |text| Url::parse(text).expect("a good URL");
        let (a, b) = (url("http://h/a"), url("http://h/b?x=1"));
        let straight = too_many(1, vec![a.clone()], b.clone());
        assert_eq!(
            straight.to_string(),
            "more than 1 redirect: http://h/a -> /b?x=1"
        );
        let round = too_many(2, vec![a.clone(), b], a);
        assert_eq!(
            round.to_string(),
            "more than 2 redirects, going in a circle: http://h/a -> /b?x=1 -> /a"
        );
    }

    #[test]
    fn a_redirect_to_nowhere_is_an_error() {
        let url = Url::parse("http://h/").expect("a good URL");
        for location in ["ftp://h/", "http://", "javascript:alert(1)"] {
            let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(location))]);
            let error = next(&Method::GET, &url, 302, &headers).expect_err(location);
            assert!(error.to_string().contains(location));
        }
    }
}
