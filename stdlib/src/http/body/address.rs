//! Which URL a request goes to: base, relative path and query put together.
//!
//! Pure. A base URL is a prefix: its path is kept, with or without slashes at the seam, because that is what
//! one means by `base_url: "http://localhost:8080/api"`. (RFC 3986 would drop the path.)

use reqwest::Url;

use super::error::HttpError;
use super::request::QueryValue;

/// Checks a base URL.
pub(crate) fn base(given: &str) -> Result<Url, HttpError> {
    let url = absolute(given)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad(
            given,
            "a base URL ends with its path",
            Some("`query: #{ … }` on the client adds to every request"),
        ));
    }
    Ok(url)
}

/// The URL of one request. Credentials in it stay; the fragment goes, since it is never sent.
pub(crate) fn resolve(
    base: Option<&Url>,
    given: &str,
    query: &[&[(String, QueryValue)]],
) -> Result<Url, HttpError> {
    let mut url = locate(base, given)?;
    url.set_fragment(None);
    if query.iter().any(|pairs| !pairs.is_empty()) {
        // Opened only when there is something to add: it would leave a bare `?` behind.
        let mut added = Vec::new();
        for (name, value) in query.iter().copied().flatten() {
            value.for_each(&mut |text| added.push((name.as_str(), text.to_owned())));
        }
        if !added.is_empty() {
            url.query_pairs_mut().extend_pairs(added);
        }
    }
    Ok(url)
}

fn locate(base: Option<&Url>, given: &str) -> Result<Url, HttpError> {
    if has_scheme(given) {
        return absolute(given);
    }
    if looks_like_host(given) {
        return Err(bad(
            given,
            "the scheme is missing",
            Some(&format!("write `http://{given}`")),
        ));
    }
    if given.starts_with("//") {
        return Err(bad(
            given,
            "the scheme is missing",
            Some(&format!("write `http:{given}`")),
        ));
    }
    let Some(base) = base else {
        return Err(bad(
            given,
            "a relative URL needs a base URL, and none is configured",
            Some(
                "did you forget `base_url`? set it in scenario.toml, with --base-url, or on http.client(#{ base_url: … })",
            ),
        ));
    };
    if let Some(found) = given.find(|character: char| character.is_control() || character == ' ') {
        return Err(bad(
            given,
            &format!(
                "there is a blank or control character at position {}",
                found + 1
            ),
            None,
        ));
    }
    let mut url = base.clone();
    let (path, query) = match given.split('#').next().unwrap_or_default().split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (given.split('#').next().unwrap_or_default(), None),
    };
    if !path.is_empty() {
        let joined = format!(
            "{}/{}",
            base.path().trim_end_matches('/'),
            path.trim_start_matches('/')
        );
        url.set_path(&joined);
    }
    url.set_query(query);
    Ok(url)
}

fn absolute(given: &str) -> Result<Url, HttpError> {
    if !has_scheme(given) {
        let hint = format!("write `http://{given}`");
        return Err(bad(given, "the scheme is missing", Some(&hint)));
    }
    if let Some(found) = given.find(|character: char| character.is_control() || character == ' ') {
        return Err(bad(
            given,
            &format!(
                "there is a blank or control character at position {}",
                found + 1
            ),
            None,
        ));
    }
    let url = Url::parse(given).map_err(|error| bad(given, &error.to_string(), None))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(bad(
            given,
            &format!("`{other}` is not spoken here, only http and https"),
            None,
        )),
    }
}

fn bad(given: &str, reason: &str, hint: Option<&str>) -> HttpError {
    HttpError::BadUrl {
        given: super::text::printable(given),
        reason: reason.to_owned(),
        hint: hint.map(super::text::printable),
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}

/// `localhost:8080/x` and `127.0.0.1/x`: a host without a scheme rather than a path.
fn looks_like_host(text: &str) -> bool {
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    let has_port =
        port.is_some_and(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
    let is_address = name.parse::<std::net::Ipv4Addr>().is_ok();
    is_address
        || (name == "localhost" && (port.is_none() || has_port))
        || (has_port && name.contains('.'))
}

/// Whether the URL names this machine by a loopback address or `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => is_localhost(name),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `localhost` and its subdomains, which RFC 6761 reserves for this machine.
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name.eq_ignore_ascii_case("localhost")
        || name.len() > 10 && name[name.len() - 10..].eq_ignore_ascii_case(".localhost")
}

/// `host:port`, for messages.
pub(crate) fn target(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Whether a header meant for `from` may go to `to` as well: same scheme, host and port.
pub(crate) fn same_origin(from: &Url, to: &Url) -> bool {
    from.scheme() == to.scheme()
        && from.host_str() == to.host_str()
        && from.port_or_known_default() == to.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base: &str, given: &str) -> String {
        let base = self::base(base).expect("a good base");
        resolve(Some(&base), given, &[])
            .expect("a good URL")
            .to_string()
    }

    fn error(given: &str) -> HttpError {
        resolve(None, given, &[]).expect_err("a bad URL")
    }

    #[test]
    fn a_base_url_is_a_prefix_whatever_the_slashes() {
        for base in ["http://h/api", "http://h/api/"] {
            for given in ["tasks", "/tasks"] {
                assert_eq!(at(base, given), "http://h/api/tasks");
            }
        }
        assert_eq!(at("http://h", "/"), "http://h/");
        assert_eq!(at("http://h/api", ""), "http://h/api");
        assert_eq!(at("http://h/api", "?page=2"), "http://h/api?page=2");
        assert_eq!(
            at("http://h/api", "tasks?state=a#top"),
            "http://h/api/tasks?state=a"
        );
    }

    #[test]
    fn an_absolute_url_ignores_the_base() {
        assert_eq!(
            at("http://h/api", "https://other:8443/x#y"),
            "https://other:8443/x"
        );
    }

    #[test]
    fn query_values_are_escaped_repeated_and_left_out() {
        let pairs = [
            ("q".to_owned(), QueryValue::from("a b&c")),
            (
                "id".to_owned(),
                QueryValue::Many(vec![QueryValue::Integer(1), QueryValue::Integer(2)]),
            ),
            ("none".to_owned(), QueryValue::Nothing),
        ];
        let url = resolve(None, "http://h/x?y=1", &[&pairs]).expect("a good URL");
        assert_eq!(url.as_str(), "http://h/x?y=1&q=a+b%26c&id=1&id=2");
    }

    #[test]
    fn a_query_of_nothing_leaves_no_question_mark() {
        let pairs = [("none".to_owned(), QueryValue::Nothing)];
        let url = resolve(None, "http://h/x", &[&pairs]).expect("a good URL");
        assert_eq!(url.as_str(), "http://h/x");
    }

    #[test]
    fn a_relative_url_without_base_asks_for_base_url() {
        assert!(
            error("/tasks")
                .hint()
                .is_some_and(|hint| hint.contains("base_url"))
        );
    }

    #[test]
    fn a_host_without_scheme_is_told_to_have_one() {
        for given in [
            "localhost:8080/x",
            "127.0.0.1/x",
            "api.example.com:443",
            "//h/x",
        ] {
            let error = error(given);
            assert!(
                error.to_string().contains("scheme is missing"),
                "{given}: {error}"
            );
            assert!(
                error
                    .hint()
                    .is_some_and(|hint| hint.contains("http://") || hint.contains("http:"))
            );
        }
        assert!(error("tasks:run/x").to_string().contains("base URL"));
    }

    #[test]
    fn other_schemes_and_broken_urls_are_refused() {
        for given in [
            "ftp://h/x",
            "http://",
            "http://h:99999/",
            "http://h/a b",
            "http://[::1",
        ] {
            assert!(matches!(error(given), HttpError::BadUrl { .. }), "{given}");
        }
    }

    #[test]
    fn a_base_url_with_a_query_is_refused() {
        assert!(base("http://h/?a=1").is_err());
    }

    #[test]
    fn localhost_has_subdomains() {
        assert!(
            is_localhost("api.LOCALHOST")
                && is_localhost("localhost.")
                && !is_localhost("notlocalhost")
        );
    }
}
