//! Looking into a JSON Web Token. The signature is not checked: a test wants to see what a server issued.

use jiff::Timestamp;
use serde_json::Value;

use super::encode::base64url_decode;
use crate::crypto::error::CryptoError;
use crate::host::duration;

/// What a token says.
#[derive(Debug, Clone, PartialEq)]
pub struct Jwt {
    pub header: Value,
    pub payload: Value,
    /// The `exp` claim, if there is one.
    pub expires: Option<Timestamp>,
    /// How long the token lives yet, for people: `expires in 59m 30s`, `expired 3s ago`, `never expires`.
    pub lifetime: String,
}

impl Jwt {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// Decodes header and payload of a signed token.
pub fn jwt_decode(token: &str, now: Timestamp) -> Result<Jwt, CryptoError> {
    let token = token.trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, _signature] = parts[..] else {
        return Err(CryptoError::JwtParts(parts.len()));
    };
    let header = object("header", header)?;
    let payload = object("payload", payload)?;
    let expires = payload.get("exp").map(expiry).transpose()?;
    let lifetime = match expires {
        None => "never expires".to_string(),
        Some(at) => {
            let left = at.duration_since(now);
            let shown = duration::show(left.unsigned_abs());
            if left.is_positive() {
                format!("expires in {shown}")
            } else {
                format!("expired {shown} ago")
            }
        }
    };
    Ok(Jwt {
        header,
        payload,
        expires,
        lifetime,
    })
}

fn object(part: &'static str, text: &str) -> Result<Value, CryptoError> {
    let bad = |reason: String| CryptoError::JwtPart { part, reason };
    let bytes = base64url_decode(text).map_err(|error| bad(error.to_string()))?;
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|error| bad(format!("not JSON: {error}")))?;
    if !value.is_object() {
        return Err(bad("JSON, but not an object".to_string()));
    }
    Ok(value)
}

fn expiry(claim: &Value) -> Result<Timestamp, CryptoError> {
    let bad = || CryptoError::JwtPart {
        part: "`exp` claim",
        reason: format!("{claim}, not seconds since 1970"),
    };
    let seconds = claim
        .as_f64()
        .filter(|seconds| seconds.abs() < 1e12)
        .ok_or_else(bad)?;
    Timestamp::from_millisecond((seconds * 1000.0) as i64).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::super::encode::base64url_encode;
    use super::*;
    use serde_json::json;

    fn token(payload: &Value) -> String {
        let part = |value: &Value| base64url_encode(value.to_string().as_bytes());
        format!("{}.{}.c2ln", part(&json!({"alg": "HS256"})), part(payload))
    }

    fn now() -> Timestamp {
        "2026-01-05T10:00:00Z".parse().expect("a timestamp")
    }

    #[test]
    fn a_token_is_opened_without_its_key() {
        let payload = json!({"sub": "ada", "exp": now().as_second() + 90});
        let jwt = jwt_decode(&format!("Bearer {}", token(&payload)), now()).expect("a token");
        assert_eq!(
            (&jwt.header["alg"], &jwt.payload["sub"]),
            (&json!("HS256"), &json!("ada"))
        );
        assert_eq!(jwt.lifetime, "expires in 1m 30s");
        assert!(!jwt.is_expired(now()));
    }

    #[test]
    fn an_old_token_and_an_endless_one_say_so() {
        let jwt =
            jwt_decode(&token(&json!({"exp": now().as_second() - 3})), now()).expect("a token");
        assert_eq!(jwt.lifetime, "expired 3s ago");
        assert!(jwt.is_expired(now()));
        let jwt = jwt_decode(&token(&json!({})), now()).expect("a token");
        assert_eq!(
            (jwt.lifetime.as_str(), jwt.expires),
            ("never expires", None)
        );
    }

    #[test]
    fn a_broken_token_says_which_part() {
        let told = |token: &str| jwt_decode(token, now()).expect_err("broken").to_string();
        assert_eq!(
            told("abc"),
            "not a JWT: it has 1 parts separated by dots instead of 3"
        );
        assert!(
            told("a$.e30.x").starts_with("not a JWT: the header is not base64url: invalid"),
            "{}",
            told("a$.e30.x")
        );
        assert_eq!(
            told("e30.MQ.x"),
            "not a JWT: the payload is JSON, but not an object"
        );
        assert!(told("e30.e30x.x").starts_with("not a JWT: the payload is not JSON: "));
        let soon = token(&json!({"exp": "soon"}));
        assert_eq!(
            told(&soon),
            "not a JWT: the `exp` claim is \"soon\", not seconds since 1970"
        );
    }
}
