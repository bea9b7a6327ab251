//! Bytes as text and back: hex, base64 in two alphabets, percent signs.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::crypto::error::CryptoError;

/// Decoding takes padding or none; what an encoder forgot is not what a test is about.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose =
    GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT.with_encode_padding(false));

/// Base64 with `+`, `/` and padding.
pub fn base64_encode(data: &[u8]) -> String {
    STANDARD.encode(data)
}

/// Base64 with `-` and `_`, without padding.
pub fn base64url_encode(data: &[u8]) -> String {
    URL_SAFE.encode(data)
}

/// Reads base64, padded or not; line breaks are skipped.
pub fn base64_decode(text: &str) -> Result<Vec<u8>, CryptoError> {
    decode(&STANDARD, "base64", text)
}

/// Reads base64url, padded or not; line breaks are skipped.
pub fn base64url_decode(text: &str) -> Result<Vec<u8>, CryptoError> {
    decode(&URL_SAFE, "base64url", text)
}

fn decode(
    engine: &GeneralPurpose,
    encoding: &'static str,
    text: &str,
) -> Result<Vec<u8>, CryptoError> {
    let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    engine.decode(dense).map_err(|error| CryptoError::Encoding {
        encoding,
        reason: error.to_string().to_lowercase(),
    })
}

/// Lower-case hex digits.
pub fn hex_encode(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads hex digits in either case.
pub fn hex_decode(text: &str) -> Result<Vec<u8>, CryptoError> {
    let bad = |reason: String| CryptoError::Encoding {
        encoding: "hex",
        reason,
    };
    let text = text.trim();
    let mut digits = Vec::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        let digit = c.to_digit(16).ok_or_else(|| {
            bad(format!(
                "`{}` at {} is no hex digit",
                c.escape_debug(),
                at + 1
            ))
        })?;
        digits.push(digit as u8);
    }
    if digits.len() % 2 == 1 {
        return Err(bad(format!("{} digits are not whole bytes", digits.len())));
    }
    Ok(digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect())
}

/// Percent-encodes everything but letters, digits and `-._~` (RFC 3986), fit for one part of a path or query.
pub fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Reads percent-encoded text. A `+` stays a `+`.
pub fn url_decode(text: &str) -> Result<String, CryptoError> {
    let bad = |reason: String| CryptoError::Encoding {
        encoding: "percent-encoded text",
        reason,
    };
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit =
            |pair: Option<(usize, u8)>| pair.and_then(|(_, byte)| char::from(byte).to_digit(16));
        let (high, low) = (digit(bytes.next()), digit(bytes.next()));
        let (Some(high), Some(low)) = (high, low) else {
            return Err(bad(format!(
                "the `%` at {} is not followed by two hex digits",
                at + 1
            )));
        };
        out.push((high << 4 | low) as u8);
    }
    let length = out.len();
    String::from_utf8(out).map_err(|_| CryptoError::NotText(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_reads_what_others_write() {
        for text in ["aGVsbG8/", "aGVs\nbG8/"] {
            assert_eq!(
                base64_decode(text).as_deref(),
                Ok(b"hello?".as_slice()),
                "{text:?}"
            );
        }
        assert_eq!(base64_decode("YQ==").as_deref(), Ok(b"a".as_slice()));
        assert_eq!(base64_decode("YQ").as_deref(), Ok(b"a".as_slice()));
        assert_eq!(base64url_encode(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn broken_texts_are_told_where() {
        let told = |error: CryptoError| error.to_string();
        assert!(
            told(base64_decode("a$b=").expect_err("broken"))
                .starts_with("not base64: invalid symbol")
        );
        assert_eq!(
            told(hex_decode("0g").expect_err("broken")),
            "not hex: `g` at 2 is no hex digit"
        );
        assert_eq!(
            told(hex_decode("abc").expect_err("broken")),
            "not hex: 3 digits are not whole bytes"
        );
        assert_eq!(
            told(url_decode("100%").expect_err("broken")),
            "not percent-encoded text: the `%` at 4 is not followed by two hex digits"
        );
        assert_eq!(url_decode("%ff"), Err(CryptoError::NotText(1)));
    }

    #[test]
    fn percent_encoding_is_that_of_one_part() {
        assert_eq!(url_encode("a b/c?d=ä+~"), "a%20b%2Fc%3Fd%3D%C3%A4%2B~");
        assert_eq!(url_decode("a+b%20c").as_deref(), Ok("a+b c"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(data: Vec<u8>, text: String) {
            prop_assert_eq!(base64_decode(&base64_encode(&data)), Ok(data.clone()));
            prop_assert_eq!(base64url_decode(&base64url_encode(&data)), Ok(data.clone()));
            prop_assert_eq!(hex_decode(&hex_encode(&data)), Ok(data));
            prop_assert_eq!(url_decode(&url_encode(&text)), Ok(text));
        }
    }
}
