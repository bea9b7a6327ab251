//! JSON text, written quickly: eight bytes are looked at in one go for those that have to be escaped. The result is serde_json's, byte
//! by byte, and a test holds the two against each other.

use serde_json::{Result, Value};

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Appends a value.
pub fn value(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                self::value(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(entries) => {
            out.push(b'{');
            for (place, (key, entry)) in entries.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                string(key, out);
                out.push(b':');
                self::value(entry, out)?;
            }
            out.push(b'}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => serde_json::to_writer(out, value)?,
    }
    Ok(())
}

/// Appends a text in quotes.
pub fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = special(rest) {
        out.extend_from_slice(&rest[..at]);
        escape(rest[at], out);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Where the first byte stands that JSON does not take as it is.
fn special(bytes: &[u8]) -> Option<usize> {
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (number, chunk) in chunks.iter().enumerate() {
        let chunk = u64::from_le_bytes(*chunk);
        let zero = |word: u64| word.wrapping_sub(LOW) & !word;
        let control = chunk.wrapping_sub(LOW * 0x20) & !chunk;
        let quote = zero(chunk ^ (LOW * u64::from(b'"')));
        let backslash = zero(chunk ^ (LOW * u64::from(b'\\')));
        // Only the lowest mark is to be trusted: a borrow may set others above it.
        let marks = (control | quote | backslash) & HIGH;
        if marks != 0 {
            return Some(number * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let is_special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    let at = rest.iter().position(is_special)?;
    Some(chunks.len() * 8 + at)
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn written(of: &Value) -> String {
        let mut out = Vec::new();
        value(of, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_byte_at_each_place_is_written_as_serde_json_does() {
        for byte in 0..=0x7f_u8 {
            for place in 0..20 {
                for length in place + 1..place + 11 {
                    let mut text = vec![b'~'; length];
                    text[place] = byte;
                    text[length - 1] = b'"';
                    let text = Value::from(String::from_utf8(text).unwrap());
                    assert_eq!(written(&text), text.to_string());
                }
            }
        }
    }

    #[test]
    fn values_of_all_kinds_are_written_as_serde_json_does() {
        let of = json!({ "a\"": [1, -2, 2.5, 1e300, u64::MAX, null, true], "": {}, "ö\u{7f}\u{2028}": [[], ["\\"]] });
        assert_eq!(written(&of), of.to_string());
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_serde_json_does(text in "(?s).{0,60}", more in "[\\x00-\\x7f]{0,60}") {
            let text = Value::from(text + more.as_str());
            prop_assert_eq!(written(&text), text.to_string());
        }
    }
}
