//! Small words for people: sizes, and text from outside made safe to print.

use std::borrow::Cow;
use std::sync::Arc;

fn trim(number: String, unit: &str) -> String {
    let number = number.trim_end_matches('0').trim_end_matches('.');
    format!("{number}{unit}")
}

/// A number of bytes: `312 bytes`, `1.5 KiB`, `64 MiB`.
pub(crate) fn human_size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes == 1 {
        return "1 byte".to_owned();
    }
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    trim(format!("{value:.1}"), &format!(" {}", UNITS[unit]))
}

/// A size as one writes it: `500`, `64 KiB`, `1.5 MB`, `2GiB`. Decimal and binary units are told apart.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let bytes = number * factor as f64;
    (bytes.is_finite() && bytes <= i64::MAX as f64).then_some(bytes as u64)
}

/// Hides what must not be shown. Applied before text is cut or quoted: half a secret, or one with its quotes
/// escaped, would no longer be recognised afterwards.
#[derive(Clone, Default)]
pub struct Mask(Option<Arc<Hide>>);

type Hide = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Mask {
    /// `hide` gives the text without its secrets, or `None` when there were none.
    pub fn new(hide: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hide)))
    }

    pub(crate) fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let hidden = self.0.as_ref().and_then(|hide| hide(text));
        hidden.map_or(Cow::Borrowed(text), Cow::Owned)
    }
}

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask")
    }
}

/// Room for a secret that begins within an excerpt and ends behind it.
const LONGEST_SECRET: usize = 16 << 10;

/// The beginning of `bytes` as text of at most `limit` characters, masked and without anything a terminal would
/// obey.
///
/// Bytes that are no text are described instead of shown.
pub(crate) fn excerpt(bytes: &[u8], limit: usize, mask: &Mask) -> String {
    // A character takes at most four bytes, so not much more than that need be looked at.
    let enough = limit.saturating_mul(4).saturating_add(LONGEST_SECRET);
    let head = &bytes[..bytes.len().min(enough)];
    let (valid, cut_short) = match std::str::from_utf8(head) {
        Ok(text) => (text, false),
        Err(error) => {
            let valid = std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default();
            // A character cut in half at the end of the excerpt is fine; anything else is binary.
            (valid, error.error_len().is_some())
        }
    };
    if cut_short {
        return format!("({} of binary data)", human_size(bytes.len() as u64));
    }
    let valid = mask.apply(valid);
    let mut out = String::with_capacity(valid.len().min(limit) + 4);
    let is_cut = if is_printable(&valid) {
        let shown = valid.get(..limit).unwrap_or(&valid);
        out.push_str(shown);
        shown.len() < valid.len()
    } else {
        let mut characters = valid.chars();
        for character in characters.by_ref().take(limit) {
            push_printable(&mut out, character);
        }
        characters.next().is_some()
    };
    if is_cut || bytes.len() > head.len() {
        out.push('…');
    }
    out
}

/// Whether a terminal shows all of it as it is, and each byte is a character. Nearly all text is so, and copied as a whole.
fn is_printable(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
}

/// Text from outside with everything a terminal would obey written as an escape.
pub(crate) fn printable(text: &str) -> String {
    if is_printable(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        push_printable(&mut out, character);
    }
    out
}

fn push_printable(out: &mut String, character: char) {
    match character {
        '\n' | '\t' => out.push(character),
        '\r' => out.push_str("\\r"),
        hidden if hidden.is_control() || is_direction_override(hidden) => {
            out.extend(hidden.escape_default());
        }
        plain => out.push(plain),
    }
}

/// Characters that reorder what follows them, so that text reads differently from what it is.
fn is_direction_override(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], limit: usize) -> String {
        excerpt(bytes, limit, &Mask::default())
    }

    #[test]
    fn a_secret_is_hidden_before_the_text_is_cut() {
        let mask = Mask::new(|text| {
            let found = text.contains("top-secret");
            found.then(|| text.replace("top-secret", "[masked:X]"))
        });
        assert_eq!(excerpt(b"it is top-secret", 10, &mask), "it is [mas…");
        assert_eq!(mask.apply("nothing"), "nothing");
    }

    #[test]
    fn sizes_have_one_decimal_at_most() {
        let shown = [0, 1, 312, 1536, 64 << 20, 5 << 40].map(human_size);
        assert_eq!(
            shown,
            [
                "0 bytes",
                "1 byte",
                "312 bytes",
                "1.5 KiB",
                "64 MiB",
                "5 TiB"
            ]
        );
    }

    #[test]
    fn sizes_are_read_in_both_kinds_of_units() {
        let read = ["500", "64 KiB", "1.5 MB", "2GiB", "1 byte"].map(parse_size);
        let bytes = [500, 64 << 10, 1_500_000, 2 << 30, 1].map(Some);
        assert_eq!(read, bytes);
        for wrong in ["", "MB", "-1", "1 parsec", "1e9", "9999999999 GiB"] {
            assert_eq!(parse_size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_excerpt_never_moves_the_cursor_or_turns_text_around() {
        assert_eq!(shown(b"a\x1b[2Jb\r\nc", 20), "a\\u{1b}[2Jb\\r\nc");
        assert_eq!(printable("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn an_excerpt_cut_inside_a_character_is_still_text() {
        assert_eq!(shown("äöüäöü".as_bytes(), 2), "äö…");
        assert_eq!(shown(&"ä".as_bytes()[..1], 10), "");
        assert_eq!(shown(&[0xff, 0xfe, 0], 10), "(3 bytes of binary data)");
    }
}
