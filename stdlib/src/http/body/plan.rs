//! One request with every default filled in and every argument checked, before anything is sent.

use std::path::Path;

use base64::Engine;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};

use super::address;
use super::error::HttpError;
use super::headers::check_value;
use super::payload::ReadyPayload;
use super::receive::directory;
use super::request::Request;
use super::spec::{Auth, ClientSpec, RetrySpec, Timeouts};
use super::text::printable;

/// What is to be sent, and how.
pub(crate) struct Plan<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: ReadyPayload,
    pub(crate) auth: &'a Auth,
    pub(crate) timeouts: Timeouts,
    pub(crate) redirects: u32,
    pub(crate) retry: &'a RetrySpec,
    pub(crate) max: u64,
    pub(crate) save_to: Option<&'a Path>,
}

impl<'a> Plan<'a> {
    /// Checks a request and fills in what it leaves to `spec`; `base` and `headers` are those of the client.
    pub(crate) fn new(
        spec: &'a ClientSpec,
        base: Option<&Url>,
        headers: &HeaderMap,
        request: &'a Request,
    ) -> Result<Self, HttpError> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| HttpError::BadMethod(printable(&request.method)))?;
        let mut url = address::resolve(base, &request.url, &[&spec.query, &request.query])?;
        let payload = ReadyPayload::new(request.payload.clone());
        let mut all = headers.clone();
        if let Some(content_type) = payload.content_type() {
            all.insert(CONTENT_TYPE, content_type);
        }
        super::headers::apply(&mut all, &request.headers)?;
        let auth = request.auth.as_ref().unwrap_or(&spec.auth);
        if let Some(given) = take_credentials(&mut url)
            && request.auth.is_none()
        {
            all.entry(AUTHORIZATION)
                .or_insert(basic(&given.0, &given.1)?);
        }
        let save_to = request.save_to.as_deref();
        if let Some(path) = save_to {
            let directory = directory(path);
            if !directory.is_dir() {
                return Err(HttpError::BadOption {
                    option: "save_to",
                    reason: format!("there is no directory `{}`", directory.display()),
                });
            }
        }
        let default_max = match save_to {
            Some(_) => spec.max_file,
            None => spec.max_body,
        };
        Ok(Plan {
            method,
            url,
            headers: all,
            payload,
            auth,
            timeouts: request.timeouts.unwrap_or(spec.timeouts),
            redirects: request.redirects.unwrap_or(spec.redirects),
            retry: request.retry.as_ref().unwrap_or(&spec.retry),
            max: request.max_body.unwrap_or(default_max),
            save_to,
        })
    }
}

/// Takes `user:password@` out of a URL, where it would be shown with it.
fn take_credentials(url: &mut Url) -> Option<(String, String)> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decode = |text: &str| {
        // `form_urlencoded` would turn `+` into a blank, which user names may contain.
        let pair = format!("={}", text.replace('+', "%2B"));
        url::form_urlencoded::parse(pair.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let given = (
        decode(url.username()),
        decode(url.password().unwrap_or_default()),
    );
    // Neither can fail for a URL that has a host, and every http URL has one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(given)
}

pub(crate) fn basic(user: &str, password: &str) -> Result<HeaderValue, HttpError> {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    sensitive(&format!("Basic {encoded}"))
}

pub(crate) fn bearer(token: &str) -> Result<HeaderValue, HttpError> {
    sensitive(&format!("Bearer {token}"))
}

fn sensitive(value: &str) -> Result<HeaderValue, HttpError> {
    let mut header = check_value("authorization", value)?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_leave_the_url() {
        let mut url = Url::parse("http://a%40b:p+%20w@h/x").expect("a good URL");
        let given = take_credentials(&mut url);
        assert_eq!(given, Some(("a@b".to_owned(), "p+ w".to_owned())));
        assert_eq!(url.as_str(), "http://h/x");
        assert_eq!(take_credentials(&mut url), None);
    }
}
