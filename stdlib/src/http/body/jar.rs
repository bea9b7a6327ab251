//! Cookies: kept, sent back, and open to be looked into.
//!
//! Matching and expiry follow RFC 6265 through `cookie_store`; this is the handle scripts share.

use std::cmp::Reverse;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use cookie_store::{Cookie, CookieDomain, CookieExpiration, CookieStore, RawCookie};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};
use serde::{Deserialize, Serialize};

/// A cookie as one looks at it, and as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookieView {
    pub name: String,
    pub value: String,
    pub domain: String,
    pub path: String,
    /// Seconds since 1970; absent for a cookie of the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    #[serde(default)]
    pub secure: bool,
    #[serde(default)]
    pub http_only: bool,
    /// Whether only this very host gets it, and not its subdomains.
    #[serde(default)]
    pub host_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_site: Option<String>,
}

/// A cookie to put into a jar by hand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewCookie {
    pub name: String,
    pub value: String,
    /// The host of the base URL when absent.
    pub domain: Option<String>,
    pub path: Option<String>,
    pub secure: bool,
    pub http_only: bool,
}

/// A cookie jar. Clones share their content.
#[derive(Debug, Clone, Default)]
pub struct Jar(Arc<Mutex<CookieStore>>);

impl Jar {
    fn lock(&self) -> MutexGuard<'_, CookieStore> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The `Cookie` header for a request to `url`, if any cookie goes there.
    pub(crate) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let store = self.lock();
        let mut matching = store.matches(url);
        // RFC 6265, 5.4: longer paths first, so that a server sees the most specific one. By name beyond that,
        // so that the same request is the same text each time.
        matching.sort_by_key(|cookie| (Reverse(cookie.path.len()), cookie.name().to_owned()));
        let mut text = String::new();
        for cookie in matching {
            if !text.is_empty() {
                text.push_str("; ");
            }
            let (name, value) = cookie.name_value();
            text.push_str(name);
            text.push('=');
            text.push_str(value);
        }
        if text.is_empty() {
            return None;
        }
        HeaderValue::from_str(&text).ok()
    }

    /// Takes in what a response sets. Cookies that break the rules are ignored, as browsers do.
    pub(crate) fn absorb(&self, headers: &HeaderMap, url: &Url) {
        let mut lines = headers.get_all(SET_COOKIE).iter().peekable();
        if lines.peek().is_none() {
            return;
        }
        let mut store = self.lock();
        for line in lines {
            if let Ok(line) = std::str::from_utf8(line.as_bytes()) {
                // The only error there is says why the cookie is none, which is no trouble of ours.
                let _ = store.parse(line, url);
            }
        }
    }

    /// All cookies that have not expired, by name.
    pub fn list(&self) -> Vec<CookieView> {
        let mut all: Vec<_> = self.lock().iter_unexpired().map(view).collect();
        all.sort_by(|a, b| (&a.name, &a.domain, &a.path).cmp(&(&b.name, &b.domain, &b.path)));
        all
    }

    /// The cookie of this name; where there are several, the one with the longest path.
    pub fn get(&self, name: &str) -> Option<CookieView> {
        self.list()
            .into_iter()
            .filter(|cookie| cookie.name == name)
            .max_by_key(|cookie| cookie.path.len())
    }

    /// Puts a cookie in as if `url` had set it. Says what is wrong when it cannot be one.
    pub fn set(&self, cookie: &NewCookie, url: &Url) -> Result<(), String> {
        if cookie.name.is_empty() || cookie.name.contains(['=', ';', ' ', '\r', '\n', '\0']) {
            return Err(format!(
                "`{}` is no cookie name",
                super::text::printable(&cookie.name)
            ));
        }
        if cookie.value.contains(|c: char| c == ';' || c.is_control()) {
            return Err(format!(
                "the value of cookie `{}` has a `;` or a control character",
                cookie.name
            ));
        }
        let mut raw = RawCookie::new(cookie.name.clone(), cookie.value.clone());
        raw.set_path(cookie.path.clone().unwrap_or_else(|| "/".to_owned()));
        if let Some(domain) = &cookie.domain {
            raw.set_domain(domain.clone());
        }
        raw.set_secure(cookie.secure);
        raw.set_http_only(cookie.http_only);
        match self.lock().insert_raw(&raw, url) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("cookie `{}` cannot be set: {error}", cookie.name)),
        }
    }

    /// Removes every cookie of this name; says whether there was one.
    pub fn remove(&self, name: &str) -> bool {
        let mut store = self.lock();
        let found: Vec<(String, String)> = store
            .iter_any()
            .filter(|cookie| cookie.name() == name)
            .map(|cookie| (String::from(&cookie.domain), String::from(&cookie.path)))
            .collect();
        for (domain, path) in &found {
            store.remove(domain, path, name);
        }
        !found.is_empty()
    }

    /// Empties the jar.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Adds cookies that another jar listed. Expired ones stay out; says which one cannot be a cookie.
    pub fn load(&self, cookies: &[CookieView]) -> Result<(), String> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| {
                i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
            });
        let mut store = self.lock();
        for cookie in cookies {
            let bad = |reason: &str| format!("cookie `{}`: {reason}", cookie.name);
            let host = cookie.domain.trim_start_matches('.');
            let url = format!("https://{host}{}", cookie.path);
            let url = Url::parse(&url).map_err(|_| bad("its domain is no host name"))?;
            let mut line = format!("{}={}; Path={}", cookie.name, cookie.value, cookie.path);
            if !cookie.host_only {
                line.push_str(&format!("; Domain={host}"));
            }
            if let Some(expires) = cookie.expires {
                if expires <= now {
                    continue;
                }
                line.push_str(&format!("; Max-Age={}", expires - now));
            }
            if cookie.secure {
                line.push_str("; Secure");
            }
            if cookie.http_only {
                line.push_str("; HttpOnly");
            }
            if let Some(same_site) = &cookie.same_site {
                line.push_str(&format!("; SameSite={same_site}"));
            }
            store
                .parse(&line, &url)
                .map_err(|error| bad(&error.to_string()))?;
        }
        Ok(())
    }
}

/// The cookies a response sets, as it says them, whether or not a jar accepts them.
pub(crate) fn set_by(headers: &HeaderMap, url: &Url) -> Vec<CookieView> {
    headers
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|line| std::str::from_utf8(line.as_bytes()).ok())
        .filter_map(|line| Cookie::parse(line, url).ok())
        .map(|cookie| view(&cookie))
        .collect()
}

fn view(cookie: &Cookie<'_>) -> CookieView {
    let expires = match &cookie.expires {
        CookieExpiration::AtUtc(at) => Some(at.unix_timestamp()),
        CookieExpiration::SessionEnd => None,
    };
    CookieView {
        name: cookie.name().to_owned(),
        value: cookie.value().to_owned(),
        domain: String::from(&cookie.domain),
        path: String::from(&cookie.path),
        expires,
        secure: cookie.secure().unwrap_or(false),
        http_only: cookie.http_only().unwrap_or(false),
        host_only: matches!(cookie.domain, CookieDomain::HostOnly(_)),
        same_site: cookie.same_site().map(|rule| rule.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a good URL")
    }

    fn setting(lines: &[&str]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (SET_COOKIE, HeaderValue::from_str(line).expect("a header")))
            .collect()
    }

    #[test]
    fn a_cookie_goes_back_where_it_came_from_and_nowhere_else() {
        let jar = Jar::default();
        jar.absorb(
            &setting(&["sid=1; HttpOnly", "deep=2; Path=/a/b", "gone=3; Max-Age=0"]),
            &url("http://h/a"),
        );
        assert_eq!(
            jar.header(&url("http://h/a/b")).expect("both"),
            "deep=2; sid=1"
        );
        assert_eq!(jar.header(&url("http://h/")).expect("one"), "sid=1");
        assert_eq!(jar.header(&url("http://other/")), None);
    }

    #[test]
    fn a_jar_survives_being_written_down() {
        let jar = Jar::default();
        jar.absorb(
            &setting(&[
                "sid=a=b; Secure; SameSite=Lax",
                "long=1; Max-Age=1000; Path=/x",
            ]),
            &url("https://h/x/y"),
        );
        let text = serde_json::to_string(&jar.list()).expect("JSON");
        let copy = Jar::default();
        let read: Vec<CookieView> = serde_json::from_str(&text).expect("its own JSON");
        copy.load(&read).expect("its own cookies");
        let without_clock = |jar: &Jar| {
            let mut all = jar.list();
            all.iter_mut()
                .for_each(|cookie| cookie.expires = cookie.expires.map(|_| 0));
            all
        };
        assert_eq!(without_clock(&copy), without_clock(&jar));
        assert!(copy.list().iter().any(|cookie| cookie.expires.is_some()));
    }

    #[test]
    fn a_cookie_can_be_set_found_removed_and_all_cleared() {
        let jar = Jar::default();
        let cookie = NewCookie {
            name: "theme".into(),
            value: "dark".into(),
            ..NewCookie::default()
        };
        jar.set(&cookie, &url("http://h/deep/path")).expect("valid");
        assert_eq!(
            jar.get("theme").map(|found| found.value),
            Some("dark".into())
        );
        assert_eq!(
            jar.header(&url("http://h/")).expect("it is sent"),
            "theme=dark"
        );
        assert!(jar.remove("theme") && !jar.remove("theme"));
        jar.set(&cookie, &url("http://h/")).expect("valid");
        jar.clear();
        assert_eq!(jar.list(), []);
    }

    #[test]
    fn a_cookie_that_cannot_be_one_is_refused() {
        let jar = Jar::default();
        let bad = |name: &str, value: &str, domain: Option<&str>| {
            let cookie = NewCookie {
                name: name.into(),
                value: value.into(),
                domain: domain.map(str::to_owned),
                ..NewCookie::default()
            };
            jar.set(&cookie, &url("http://h/")).expect_err("refused")
        };
        assert_eq!(bad("a b", "1", None), "`a b` is no cookie name");
        assert!(bad("a", "1;2", None).contains("has a `;`"));
        assert!(bad("a", "1", Some("example.com")).contains("cannot be set"));
    }

    #[test]
    fn what_a_response_sets_is_told_even_without_a_jar() {
        let set = set_by(&setting(&["a=1; Path=/", "=x"]), &url("http://h/"));
        assert_eq!(set.len(), 1);
        assert_eq!((set[0].name.as_str(), set[0].value.as_str()), ("a", "1"));
    }
}
