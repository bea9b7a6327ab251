//! Tokens of the OAuth 2 client-credentials grant: asked for once, kept as long as they hold.
//!
//! Decides what to ask and what the answer means; `client` does the asking.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::{HttpError, body_start};
use super::request::{Payload, QueryValue, Request};
use super::spec::{Auth, OAuth2, TokenCredentials};
use super::text::{Mask, printable};

/// A token is renewed this long before it ends, so that it does not end under way.
const MARGIN: Duration = Duration::from_secs(10);

/// A token and how long it may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) expires: Option<Instant>,
}

impl Token {
    pub(crate) fn holds(&self, now: Instant) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

/// The request for a token.
pub(crate) fn request(oauth: &OAuth2) -> Request {
    let mut form = vec![(
        "grant_type".to_owned(),
        QueryValue::from("client_credentials"),
    )];
    let mut add = |name: &str, value: &str| form.push((name.to_owned(), QueryValue::from(value)));
    if let Some(scope) = &oauth.scope {
        add("scope", scope);
    }
    for (name, value) in &oauth.fields {
        add(name, value);
    }
    let auth = match oauth.credentials {
        TokenCredentials::Header => Auth::Basic {
            // RFC 6749, 2.3.1: both are form-encoded before they are joined.
            user: form_encode(&oauth.client_id),
            password: form_encode(&oauth.client_secret),
        },
        TokenCredentials::Body => {
            add("client_id", &oauth.client_id);
            add("client_secret", &oauth.client_secret);
            Auth::None
        }
    };
    Request {
        payload: Payload::Form(form),
        auth: Some(auth),
        headers: vec![("accept".to_owned(), Some("application/json".to_owned()))],
        ..Request::new("POST", &oauth.token_url)
    }
}

fn form_encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The token in an answer, or why there is none.
pub(crate) fn token(
    url: &str,
    status: u16,
    body: &[u8],
    now: Instant,
    mask: &Mask,
) -> Result<Token, HttpError> {
    let refused = |reason: String| HttpError::TokenRefused {
        url: printable(url),
        reason,
    };
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let text = |name: &str| json.as_ref()?.get(name)?.as_str().map(str::to_owned);
    if !(200..300).contains(&status) {
        let said = text("error_description").or_else(|| text("error"));
        let said = said.map_or_else(|| body_start(body, mask), |said| printable(&said));
        return Err(refused(format!("status {status}: {said}")));
    }
    let Some(value) = text("access_token").filter(|token| !token.is_empty()) else {
        return Err(refused(format!(
            "the answer has no `access_token`: {}",
            body_start(body, mask)
        )));
    };
    // Some servers send the number as text.
    let lifetime = json.as_ref().and_then(|json| {
        let number = json.get("expires_in")?;
        number
            .as_u64()
            .or_else(|| number.as_str().and_then(|text| text.parse().ok()))
    });
    let expires = lifetime.map(|seconds| {
        let lifetime = Duration::from_secs(seconds.min(u64::from(u32::MAX)));
        now + lifetime.saturating_sub(MARGIN)
    });
    Ok(Token { value, expires })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(status: u16, body: &str) -> Result<Token, HttpError> {
        token(
            "http://h/token",
            status,
            body.as_bytes(),
            Instant::now(),
            &Mask::default(),
        )
    }

    fn oauth(credentials: TokenCredentials) -> OAuth2 {
        OAuth2 {
            token_url: "http://h/token".into(),
            client_id: "id:1".into(),
            client_secret: "s&t".into(),
            scope: Some("read write".into()),
            fields: vec![("audience".into(), "api".into())],
            credentials,
        }
    }

    #[test]
    fn credentials_go_where_the_description_says() {
        let header = request(&oauth(TokenCredentials::Header));
        assert_eq!(
            header.auth,
            Some(Auth::Basic {
                user: "id%3A1".into(),
                password: "s%26t".into()
            })
        );
        let body = request(&oauth(TokenCredentials::Body));
        let Payload::Form(fields) = body.payload else {
            panic!("a form");
        };
        let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "grant_type",
                "scope",
                "audience",
                "client_id",
                "client_secret"
            ]
        );
    }

    #[test]
    fn a_token_holds_until_shortly_before_its_end() {
        let now = Instant::now();
        let token = parse(200, r#"{"access_token":"t","expires_in":"60"}"#).expect("a token");
        assert!(token.holds(now + Duration::from_secs(45)));
        assert!(!token.holds(now + Duration::from_secs(59)));
        let endless = parse(200, r#"{"access_token":"t"}"#).expect("a token");
        assert!(endless.holds(now + Duration::from_secs(1 << 20)));
    }

    #[test]
    fn a_refusal_says_why() {
        let error = parse(401, r#"{"error":"invalid_client"}"#).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "no token from http://h/token: status 401: invalid_client"
        );
        let error = parse(200, "<html>").expect_err("no token");
        assert!(error.to_string().ends_with("no `access_token`: <html>"));
    }
}
