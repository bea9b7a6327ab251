//! Whether a request is sent again, and when. Pure.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::error::HttpError;
use super::spec::{RetryOn, RetrySpec};

/// What a try came to.
pub(crate) enum Outcome<'a> {
    Response { status: u16, headers: &'a HeaderMap },
    Error(&'a HttpError),
}

/// Another try: after how long, and because of what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Again {
    pub(crate) wait: Duration,
    pub(crate) reason: String,
}

/// Decides after the try number `tries` (counted from 1).
pub(crate) fn decide(
    spec: &RetrySpec,
    method: &str,
    tries: u32,
    outcome: &Outcome<'_>,
    now: Timestamp,
) -> Option<Again> {
    let is_repeatable = spec
        .methods
        .iter()
        .any(|allowed| allowed.eq_ignore_ascii_case(method));
    if tries > spec.times || !is_repeatable {
        return None;
    }
    let (reason, asked) = match outcome {
        Outcome::Error(error) => {
            let wanted = error.is_transport() && spec.on.contains(&RetryOn::Transport);
            (wanted.then(|| error.to_string())?, None)
        }
        Outcome::Response { status, headers } => {
            let wanted = spec.on.contains(&RetryOn::Status(*status));
            (
                wanted.then(|| format!("status {status}"))?,
                retry_after(headers, now),
            )
        }
    };
    let wait = match asked {
        Some(asked) if asked > spec.max_wait => return None,
        Some(asked) => asked,
        None => {
            // Beyond 2^16 the limit has long been reached.
            let doubled = spec.backoff.saturating_mul(1 << (tries - 1).min(16));
            doubled.min(spec.max_wait)
        }
    };
    Some(Again { wait, reason })
}

/// `Retry-After`, in seconds or as a date; one in the past means now.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn spec(times: u32) -> RetrySpec {
        RetrySpec {
            times,
            ..RetrySpec::default()
        }
    }

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().expect("a time")
    }

    fn after_status(
        spec: &RetrySpec,
        method: &str,
        tries: u32,
        status: u16,
        retry_after: Option<&'static str>,
    ) -> Option<Duration> {
        let headers = retry_after
            .map(|value| (RETRY_AFTER, HeaderValue::from_static(value)))
            .into_iter()
            .collect();
        let outcome = Outcome::Response {
            status,
            headers: &headers,
        };
        decide(spec, method, tries, &outcome, now()).map(|again| again.wait)
    }

    #[test]
    fn a10_nothing_is_retried_unless_asked() {
        assert_eq!(after_status(&spec(0), "GET", 1, 503, None), None);
    }

    #[test]
    fn a10_a_post_is_not_repeated_unless_named() {
        assert_eq!(after_status(&spec(3), "POST", 1, 503, None), None);
        for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "get"] {
            assert!(after_status(&spec(3), method, 1, 503, None).is_some());
        }
        let mut with_post = spec(3);
        with_post.methods.push("POST".to_owned());
        assert!(after_status(&with_post, "POST", 1, 503, None).is_some());
    }

    #[test]
    fn the_wait_doubles_up_to_its_limit_and_the_tries_end() {
        let waits: Vec<_> = (1..=11)
            .map(|tries| after_status(&spec(10), "GET", tries, 502, None))
            .collect();
        let millis = |wait: Option<Duration>| wait.map(|wait| wait.as_millis());
        assert_eq!(millis(waits[0]), Some(200));
        assert_eq!(millis(waits[3]), Some(1600));
        assert_eq!(millis(waits[9]), Some(30_000));
        assert_eq!(waits[10], None);
    }

    #[test]
    fn retry_after_is_respected_in_both_forms() {
        let wait = |value| after_status(&spec(1), "GET", 1, 429, Some(value));
        assert_eq!(wait("2"), Some(Duration::from_secs(2)));
        assert_eq!(
            wait("Thu, 01 Jan 2026 00:00:05 GMT"),
            Some(Duration::from_secs(5))
        );
        assert_eq!(wait("Wed, 31 Dec 2025 00:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), Some(Duration::from_millis(200)));
    }

    #[test]
    fn a_server_that_asks_for_too_long_is_not_bothered_again() {
        assert_eq!(after_status(&spec(1), "GET", 1, 503, Some("3600")), None);
    }

    #[test]
    fn a_refused_connection_is_retried_and_a_bad_certificate_is_not() {
        let refused = HttpError::Refused {
            target: "h:1".into(),
        };
        let tls = HttpError::Tls {
            target: "h:1".into(),
            trouble: super::super::error::TlsTrouble::UnknownIssuer,
        };
        let again = |error| decide(&spec(1), "GET", 1, &Outcome::Error(error), now());
        assert_eq!(
            again(&refused).map(|again| again.reason),
            Some("connection to h:1 refused".into())
        );
        assert_eq!(again(&tls), None);
    }
}
