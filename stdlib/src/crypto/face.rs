//! The names scripts use. Data may be text or bytes; text is taken as UTF-8.

use jiff::Timestamp;
use rhai::plugin::*;
use rhai::{Blob, Dynamic, ImmutableString, Map, NativeCallContext};

use super::body::{self, Hash};
use super::error::CryptoError;
use crate::host::failure::{Code, Failure};
use crate::host::json;
use crate::host::script::{self, Raise};

#[export_module]
pub mod digests {
    /// The MD5 digest of a text or bytes, in hex digits.
    ///
    /// ```rhai
    /// assert md5("abc") == "900150983cd24fb0d6963f7d28e17f72";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn md5(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        digest(&ctx, Hash::Md5, &data)
    }

    /// The SHA-1 digest of a text or bytes, in hex digits.
    ///
    /// ```rhai
    /// assert sha1("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sha1(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        digest(&ctx, Hash::Sha1, &data)
    }

    /// The SHA-256 digest of a text or bytes, in hex digits.
    ///
    /// ```rhai
    /// assert sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sha256(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        digest(&ctx, Hash::Sha256, &data)
    }

    /// The SHA-512 digest of a text or bytes, in hex digits.
    ///
    /// ```rhai
    /// expect(sha512("abc")).to_start_with("ddaf35a193617aba");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn sha512(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        digest(&ctx, Hash::Sha512, &data)
    }

    /// The keyed digest (HMAC) of a text or bytes, in hex digits. `hash` is `md5`, `sha1`, `sha256` or `sha512`.
    ///
    /// ```rhai
    /// let signature = hmac("sha256", "Jefe", "what do ya want for nothing?");
    /// assert signature == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hmac(
        ctx: NativeCallContext,
        hash: &str,
        key: Dynamic,
        data: Dynamic,
    ) -> Result<String, Raise> {
        Ok(body::hex_encode(&keyed(&ctx, hash, &key, &data)?))
    }

    /// As `hmac`, as bytes: for a signature written in base64.
    ///
    /// ```rhai
    /// let signature = base64_encode(hmac_bytes("sha1", "key", "The quick brown fox jumps over the lazy dog"));
    /// assert signature == "3nybhbi3iqa8ino29wqQcBydtNk=";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hmac_bytes(
        ctx: NativeCallContext,
        hash: &str,
        key: Dynamic,
        data: Dynamic,
    ) -> Result<Blob, Raise> {
        keyed(&ctx, hash, &key, &data)
    }

    /// The Ed25519 signature of a text or bytes, 64 bytes. The key is the secret one, 32 bytes.
    ///
    /// ```rhai
    /// let key = hex_decode_bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    /// let message = #{ task: 7, round: 1 }.to_json();
    /// let signature = ed25519_sign(key, message);
    /// assert ed25519_verify(ed25519_public_key(key), message, signature);
    /// assert !ed25519_verify(ed25519_public_key(key), message + " ", signature);
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ed25519_sign(
        ctx: NativeCallContext,
        key: Dynamic,
        data: Dynamic,
    ) -> Result<Blob, Raise> {
        body::ed25519_sign(&bytes(&ctx, &key)?, &bytes(&ctx, &data)?)
            .map_err(|error| raise(&ctx, &error))
    }

    /// The public key of a secret one, 32 bytes.
    ///
    /// ```rhai
    /// let key = hex_decode_bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    /// expect(hex_encode(ed25519_public_key(key))).to_start_with("3d4017c3e843895a");
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ed25519_public_key(ctx: NativeCallContext, key: Dynamic) -> Result<Blob, Raise> {
        body::ed25519_public_key(&bytes(&ctx, &key)?).map_err(|error| raise(&ctx, &error))
    }

    /// Whether a signature is that of a text or bytes, by the public key of whoever signed.
    ///
    /// ```rhai
    /// let key = hex_decode_bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    /// assert ed25519_verify(ed25519_public_key(key), "hello", ed25519_sign(key, "hello"));
    /// ```
    #[rhai_fn(return_raw)]
    pub fn ed25519_verify(
        ctx: NativeCallContext,
        key: Dynamic,
        data: Dynamic,
        signature: Dynamic,
    ) -> Result<bool, Raise> {
        let (key, data) = (bytes(&ctx, &key)?, bytes(&ctx, &data)?);
        Ok(body::ed25519_verify(&key, &data, &bytes(&ctx, &signature)?))
    }
}

#[export_module]
pub mod encodings {
    /// A text or bytes in base64.
    ///
    /// ```rhai
    /// assert base64_encode("ada:secret") == "YWRhOnNlY3JldA==";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base64_encode(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        Ok(body::base64_encode(&bytes(&ctx, &data)?))
    }

    /// The text that base64 stands for, padded or not.
    ///
    /// ```rhai
    /// assert base64_decode("YWRhOnNlY3JldA==") == "ada:secret";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base64_decode(ctx: NativeCallContext, text: &str) -> Result<String, Raise> {
        into_text(&ctx, body::base64_decode(text))
    }

    /// The bytes that base64 stands for.
    ///
    /// ```rhai
    /// assert base64_decode_bytes("/w==").len() == 1;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base64_decode_bytes(ctx: NativeCallContext, text: &str) -> Result<Blob, Raise> {
        body::base64_decode(text).map_err(|error| raise(&ctx, &error))
    }

    /// A text or bytes in the base64 of URLs and tokens: `-` and `_`, no padding.
    ///
    /// ```rhai
    /// assert base64url_encode("a?>") == "YT8-";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base64url_encode(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        Ok(body::base64url_encode(&bytes(&ctx, &data)?))
    }

    /// The text that base64url stands for, padded or not.
    ///
    /// ```rhai
    /// assert base64url_decode("YT8-") == "a?>";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base64url_decode(ctx: NativeCallContext, text: &str) -> Result<String, Raise> {
        into_text(&ctx, body::base64url_decode(text))
    }

    /// The bytes that base64url stands for.
    ///
    /// ```rhai
    /// assert base64url_decode_bytes("_w").len() == 1;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base64url_decode_bytes(ctx: NativeCallContext, text: &str) -> Result<Blob, Raise> {
        body::base64url_decode(text).map_err(|error| raise(&ctx, &error))
    }

    /// A text or bytes in base58: no `0`, `O`, `I` and `l`.
    ///
    /// ```rhai
    /// assert base58_encode("Hello World!") == "2NEpo7TZRRrLZSi2U";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base58_encode(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        Ok(body::base58_encode(&bytes(&ctx, &data)?))
    }

    /// The text that base58 stands for.
    ///
    /// ```rhai
    /// assert base58_decode("2NEpo7TZRRrLZSi2U") == "Hello World!";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base58_decode(ctx: NativeCallContext, text: &str) -> Result<String, Raise> {
        into_text(&ctx, body::base58_decode(text))
    }

    /// The bytes that base58 stands for.
    ///
    /// ```rhai
    /// assert base58_decode_bytes("11").len() == 2;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn base58_decode_bytes(ctx: NativeCallContext, text: &str) -> Result<Blob, Raise> {
        body::base58_decode(text).map_err(|error| raise(&ctx, &error))
    }

    /// A text or bytes in hex digits.
    ///
    /// ```rhai
    /// assert hex_encode("abc") == "616263";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hex_encode(ctx: NativeCallContext, data: Dynamic) -> Result<String, Raise> {
        Ok(body::hex_encode(&bytes(&ctx, &data)?))
    }

    /// The text that hex digits stand for.
    ///
    /// ```rhai
    /// assert hex_decode("616263") == "abc";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hex_decode(ctx: NativeCallContext, text: &str) -> Result<String, Raise> {
        into_text(&ctx, body::hex_decode(text))
    }

    /// The bytes that hex digits stand for.
    ///
    /// ```rhai
    /// assert hex_decode_bytes("ff00").len() == 2;
    /// ```
    #[rhai_fn(return_raw)]
    pub fn hex_decode_bytes(ctx: NativeCallContext, text: &str) -> Result<Blob, Raise> {
        body::hex_decode(text).map_err(|error| raise(&ctx, &error))
    }

    /// A text with everything percent-encoded that has a meaning in a URL: for one part of a path or query.
    ///
    /// ```rhai
    /// assert url_encode("a b/c?") == "a%20b%2Fc%3F";
    /// ```
    pub fn url_encode(text: &str) -> String {
        body::url_encode(text)
    }

    /// The text that a percent-encoded one stands for.
    ///
    /// ```rhai
    /// assert url_decode("a%20b%2Fc%3F") == "a b/c?";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn url_decode(ctx: NativeCallContext, text: &str) -> Result<String, Raise> {
        body::url_decode(text).map_err(|error| raise(&ctx, &error))
    }

    /// Looks into a JSON Web Token without checking its signature: a map with `header`, `payload`, `expires` (RFC 3339,
    /// or `()`), `expired`, and `lifetime` in words. `Bearer ` before the token is left out.
    ///
    /// ```rhai
    /// let token = base64url_encode(`{"alg":"none"}`) + "." + base64url_encode(`{"sub":"ada"}`) + ".";
    /// let jwt = jwt_decode(token);
    /// assert jwt.payload.sub == "ada";
    /// assert jwt.lifetime == "never expires";
    /// ```
    #[rhai_fn(return_raw)]
    pub fn jwt_decode(ctx: NativeCallContext, token: &str) -> Result<Map, Raise> {
        // Whether a token is expired depends on when one asks, which is no matter of loading.
        script::attempt(&ctx)?;
        let now = Timestamp::now();
        let jwt = body::jwt_decode(token, now).map_err(|error| raise(&ctx, &error))?;
        let expires = jwt
            .expires
            .map_or(Dynamic::UNIT, |at| at.to_string().into());
        Ok(Map::from([
            ("header".into(), json::from_json(&jwt.header)),
            ("payload".into(), json::from_json(&jwt.payload)),
            ("expires".into(), expires),
            ("expired".into(), jwt.is_expired(now).into()),
            ("lifetime".into(), jwt.lifetime.into()),
        ]))
    }
}

fn digest(ctx: &NativeCallContext, hash: Hash, data: &Dynamic) -> Result<String, Raise> {
    Ok(body::hash(hash, &bytes(ctx, data)?))
}

fn keyed(
    ctx: &NativeCallContext,
    hash: &str,
    key: &Dynamic,
    data: &Dynamic,
) -> Result<Blob, Raise> {
    let hash = Hash::named(hash).map_err(|error| raise(ctx, &error))?;
    Ok(body::hmac(hash, &bytes(ctx, key)?, &bytes(ctx, data)?))
}

fn bytes(ctx: &NativeCallContext, data: &Dynamic) -> Result<Vec<u8>, Raise> {
    if let Some(text) = data.read_lock::<ImmutableString>() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(blob) = data.read_lock::<Blob>() {
        return Ok(blob.clone());
    }
    let message = format!(
        "`{}` takes a text or bytes, not {}",
        ctx.fn_name(),
        json::type_in_words(data)
    );
    Err(script::usage(
        ctx,
        Failure::usage(message).hint("make it a text first: value.to_json()"),
    ))
}

fn into_text(
    ctx: &NativeCallContext,
    decoded: Result<Vec<u8>, CryptoError>,
) -> Result<String, Raise> {
    let text = decoded.and_then(|bytes| {
        let length = bytes.len();
        String::from_utf8(bytes).map_err(|_| CryptoError::NotText(length))
    });
    text.map_err(|error| raise(ctx, &error))
}

/// What cannot be decoded came from the system under test as a rule; a wrong name of a hash from the script.
fn raise(ctx: &NativeCallContext, error: &CryptoError) -> Raise {
    let mut failure = match error {
        CryptoError::UnknownHash { .. } | CryptoError::Key { .. } => {
            Failure::usage(error.to_string())
        }
        _ => Failure::product(Code::Traffic, error.to_string()),
    };
    failure.hint = match error {
        CryptoError::NotText(_) if ctx.fn_name() != "url_decode" => {
            Some(format!("use `{}_bytes`", ctx.fn_name()))
        }
        _ => error.hint(),
    };
    script::usage(ctx, failure)
}
