//! Secret values and the one place that hides them. Every sink passes its text through here.

use super::cut_secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};

/// What a masked value is shown as, followed by its name.
const MASK: &str = "[masked:";

/// Whether something was hidden in `text` when it was written down.
pub fn hides(text: &str) -> bool {
    text.contains(MASK)
}

/// Values shorter than this are not masked: they would blank out ordinary text.
pub(super) const SHORTEST: usize = 4;

/// Of a value of several lines, shorter ones are masked only together with the others.
const SHORTEST_LINE: usize = 8;

/// The secrets of a run, and how often each was hidden.
#[derive(Debug, Default)]
pub struct Masker {
    any: AtomicBool,
    hidden: AtomicU64,
    /// How often in what, such as `logs`.
    places: Mutex<BTreeMap<&'static str, u64>>,
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// name -> value, for references from `state`.
    secrets: BTreeMap<String, String>,
    /// Everything to look for, longest first, each with the text that replaces it.
    needles: Vec<(String, String)>,
}

impl Masker {
    /// Hides `value` from now on, shown as `[masked:name]`. Values under four characters are ignored,
    /// because hiding them would blank out ordinary text; returns whether it will be hidden.
    pub fn add(&self, name: &str, value: &str) -> bool {
        if value.trim().len() < SHORTEST {
            return false;
        }
        let mut inner = self.inner.write().unwrap_or_else(|e| e.into_inner());
        if inner.needles.iter().any(|(needle, _)| needle == value) {
            return true;
        }
        let shown = format!("{MASK}{name}]");
        for form in forms(value).into_iter().chain(telling_lines(value)) {
            if form.len() >= SHORTEST && !inner.needles.iter().any(|(n, _)| *n == form) {
                inner.needles.push((form, shown.clone()));
            }
        }
        inner
            .needles
            .sort_by_key(|(needle, _)| std::cmp::Reverse(needle.len()));
        self.any.store(true, Ordering::Release);
        true
    }

    /// Like [`Masker::add`], for a value of `secret(name)`: `state` may then hold a reference to it.
    pub fn add_secret(&self, name: &str, value: &str) {
        self.add(name, value);
        let mut inner = self.inner.write().unwrap_or_else(|e| e.into_inner());
        inner.secrets.insert(name.to_owned(), value.to_owned());
    }

    /// The name of the secret whose value `text` is, exactly.
    pub fn secret_named(&self, text: &str) -> Option<String> {
        let inner = self.inner.read().unwrap_or_else(|e| e.into_inner());
        let found = inner.secrets.iter().find(|(_, value)| *value == text);
        found.map(|(name, _)| name.clone())
    }

    /// The value of `secret(name)`, once it was read.
    pub fn secret_value(&self, name: &str) -> Option<String> {
        let inner = self.inner.read().unwrap_or_else(|e| e.into_inner());
        inner.secrets.get(name).cloned()
    }

    /// Whether there is anything to hide.
    pub fn is_needed(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Whether `text` holds any masked value in any of its forms, or a part of one where it is cut.
    pub fn touches(&self, text: &str) -> bool {
        self.any.load(Ordering::Acquire) && {
            let inner = self.inner.read().unwrap_or_else(|e| e.into_inner());
            let needles = &inner.needles;
            needles
                .iter()
                .any(|(needle, _)| text.contains(needle.as_str()))
                || !cut_secret::parts(text, needles).is_empty()
        }
    }

    /// Like [`Masker::mask`], counted as hidden in `place`.
    pub fn mask_in<'a>(&self, place: &'static str, text: &'a str) -> Cow<'a, str> {
        let (masked, count) = self.hide(text);
        self.count(place, count);
        masked
    }

    /// `bytes` with every masked value hidden, whatever else they are.
    pub fn mask_bytes<'a>(&self, place: &'static str, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return match self.mask_in(place, text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            };
        }
        if !self.is_needed() {
            return Cow::Borrowed(bytes);
        }
        // No form of a value holds bytes that are no text.
        let mut out = Vec::with_capacity(bytes.len());
        let mut count = 0;
        for chunk in bytes.utf8_chunks() {
            let (masked, hidden) = match chunk.valid().len() < SHORTEST {
                true => (Cow::Borrowed(chunk.valid()), 0),
                false => self.hide(chunk.valid()),
            };
            out.extend_from_slice(masked.as_bytes());
            out.extend_from_slice(chunk.invalid());
            count += hidden;
        }
        self.count(place, count);
        match count {
            0 => Cow::Borrowed(bytes),
            _ => Cow::Owned(out),
        }
    }

    /// The length of the longest form of any masked value: what is masked piece by piece has to overlap by it.
    pub fn longest(&self) -> usize {
        let inner = self.inner.read().unwrap_or_else(|e| e.into_inner());
        inner.needles.first().map_or(0, |(needle, _)| needle.len())
    }

    /// Where values were hidden, and how many.
    pub fn hidden_in(&self) -> BTreeMap<&'static str, u64> {
        self.places
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .clone()
    }

    fn count(&self, place: &'static str, count: u64) {
        if count > 0 {
            self.hidden.fetch_add(count, Ordering::Relaxed);
            let mut places = self.places.lock().unwrap_or_else(|e| e.into_inner());
            *places.entry(place).or_default() += count;
        }
    }

    /// `text` with every masked value hidden.
    pub fn mask<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.mask_in("output", text)
    }

    fn hide<'a>(&self, text: &'a str) -> (Cow<'a, str>, u64) {
        if !self.touches(text) {
            return (Cow::Borrowed(text), 0);
        }
        let inner = self.inner.read().unwrap_or_else(|e| e.into_inner());
        let mut out = text.to_owned();
        let mut hidden = 0;
        // First, because a whole value that is hidden may be a part of one that is cut.
        for (place, shown) in cut_secret::parts(text, &inner.needles).into_iter().rev() {
            hidden += 1;
            out.replace_range(place, shown);
        }
        for (needle, shown) in &inner.needles {
            if out.contains(needle.as_str()) {
                hidden += out.matches(needle.as_str()).count() as u64;
                out = out.replace(needle.as_str(), shown);
            }
        }
        (Cow::Owned(out), hidden)
    }

    /// Hides masked values in every string and key of a JSON value.
    pub fn mask_json(&self, value: &mut serde_json::Value) {
        use serde_json::Value;
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.mask(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask_json(item)),
            Value::Object(map) => {
                if map.keys().any(|key| self.touches(key)) {
                    *map = std::mem::take(map)
                        .into_iter()
                        .map(|(key, value)| (self.mask(&key).into_owned(), value))
                        .collect();
                }
                map.values_mut().for_each(|item| self.mask_json(item));
            }
            _ => {}
        }
    }

    /// How many values were hidden so far.
    pub fn hidden(&self) -> u64 {
        self.hidden.load(Ordering::Relaxed)
    }
}

/// Every shape in which `value` may stand in a text.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    let json = serde_json::to_string(value).unwrap_or_default();
    // One quote on each side is JSON's; more would be the value's own.
    let inner = json
        .strip_prefix('"')
        .and_then(|json| json.strip_suffix('"'));
    forms.push(inner.unwrap_or_default().to_owned());
    forms.push(inner.unwrap_or_default().replace('/', "\\/"));
    forms.push(url_form(value));
    // What browsers and shells leave alone in a path or a query differs.
    forms.push(url_form(value).replace("%2F", "/"));
    forms.push(url_form(value).to_lowercase_escapes());
    forms.push(url_form(value).replace("%20", "+"));
    forms.extend(base64_forms(value.as_bytes()));
    if value.len() >= 2 * SHORTEST {
        forms.extend(hex_forms(value.as_bytes()));
    }
    forms
}

fn hex_forms(value: &[u8]) -> [String; 2] {
    let lower: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let upper = lower.to_uppercase();
    [lower, upper]
}

/// The lines of a value of several: a log prints a key line by line, indented or cut. Short lines, and the first and
/// last of a PEM block, are as public as any other word.
fn telling_lines(value: &str) -> Vec<String> {
    let lines = value.lines().map(str::trim);
    let telling = lines.filter(|line| {
        *line != value && line.chars().count() >= SHORTEST_LINE && !line.starts_with("-----")
    });
    telling.flat_map(forms).collect()
}

trait LowercaseEscapes {
    fn to_lowercase_escapes(&self) -> String;
}

impl LowercaseEscapes for String {
    /// `%2f` is written as well as `%2F`.
    fn to_lowercase_escapes(&self) -> String {
        let mut out = String::with_capacity(self.len());
        let mut left = 0;
        for c in self.chars() {
            left = if c == '%' { 3 } else { left };
            out.push(if left > 0 { c.to_ascii_lowercase() } else { c });
            left = i32::max(left - 1, 0);
        }
        out
    }
}

fn url_form(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char)
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// Inside a longer encoded text a value takes one of three shapes, depending on where it starts;
/// the outermost characters of each mix with the neighbours and are left out.
fn base64_forms(value: &[u8]) -> Vec<String> {
    let mut forms = vec![STANDARD.encode(value), URL_SAFE_NO_PAD.encode(value)];
    for shift in 0..3_usize {
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(value);
        let skip = [0, 2, 3][shift];
        let whole_chars = shifted.len() * 8 / 6;
        for encoded in [
            STANDARD_NO_PAD.encode(&shifted),
            URL_SAFE_NO_PAD.encode(&shifted),
        ] {
            if let Some(core) = encoded.get(skip..whole_chars)
                && core.len() >= 6
            {
                forms.push(core.to_owned());
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hidden_in_every_form() {
        let masker = Masker::default();
        masker.add_secret("PASS", "p\"ss w/rd!");
        let basic = STANDARD.encode("ada:p\"ss w/rd!");
        for text in [
            "x p\"ss w/rd! y",
            "p%22ss%20w%2Frd%21",
            "p%22ss+w%2Frd%21",
            r#"{"a":"p\"ss w/rd!"}"#,
            &basic,
        ] {
            let shown = masker.mask(text);
            assert!(shown.contains("[masked:PASS]"), "{text} -> {shown}");
        }
        assert!(masker.hidden() >= 5);
    }

    #[test]
    fn what_is_no_text_is_masked_too_and_counted_by_place() {
        let masker = Masker::default();
        masker.add("T", "token-1/x");
        let masked = masker.mask_bytes("attachments", b"\xff token-1/x \xfe token-1/x");
        assert_eq!(&*masked, b"\xff [masked:T] \xfe [masked:T]");
        let cut = Masker::default();
        cut.add("T", "token-1/x");
        let cut = cut.mask_bytes("cuts", b"\xfftoken-\xe2\x80\xa6\xfe");
        assert_eq!(&*cut, b"\xff[masked:T]\xe2\x80\xa6\xfe");
        assert!(matches!(
            masker.mask_bytes("cuts", b"\xff token"),
            Cow::Borrowed(_)
        ));
        masker.mask_in("logs", "746f6b656e2d312f78 token-1\\/x token-1%2fx");
        let places = masker.hidden_in();
        assert_eq!((places["attachments"], places["logs"]), (2, 3));
        assert_eq!(masker.hidden(), 5);
    }

    #[test]
    fn short_and_empty_values_hide_nothing() {
        let masker = Masker::default();
        assert!(!masker.add("A", ""));
        assert!(!masker.add("B", "abc"));
        assert_eq!(masker.mask("abc"), "abc");
    }

    #[test]
    fn each_line_of_a_key_is_hidden_alone_too() {
        let masker = Masker::default();
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n  c3Nob3J0\r\nab\n-----END KEY-----\n";
        masker.add_secret("KEY", key);
        assert_eq!(masker.mask(key), "[masked:KEY]");
        assert_eq!(
            masker.mask("> MIIEvQIBADANBgkq\n> c3Nob3J0\n> ab\n> -----END KEY-----"),
            "> [masked:KEY]\n> [masked:KEY]\n> ab\n> -----END KEY-----"
        );
        let encoded = STANDARD.encode("x: MIIEvQIBADANBgkq");
        assert!(masker.mask(&encoded).contains("[masked:KEY]"), "{encoded}");
    }

    #[test]
    fn the_longest_value_wins() {
        let masker = Masker::default();
        masker.add("SHORT", "abcd");
        masker.add("LONG", "abcdefgh");
        assert_eq!(masker.mask("abcdefgh"), "[masked:LONG]");
    }

    #[test]
    fn json_keys_and_values_are_masked() {
        let masker = Masker::default();
        masker.add("T", "token-1");
        let mut value = serde_json::json!({"token-1": ["token-1", 3]});
        masker.mask_json(&mut value);
        assert_eq!(value, serde_json::json!({"[masked:T]": ["[masked:T]", 3]}));
    }
}
