//! The markers of a partial match: strings such as `#uuid` that stand for any value of a sort.
//!
//! The idea and most of the names are Karate's. They are read once, before anything is compared, so a misspelt one
//! is found even where the received value never reaches it.

use regex::Regex;
use serde_json::Value;

use super::kind::Kind;
use super::text::compile;
use crate::expect::error::ExpectError;
use crate::host::suggest::nearest;

/// What a marker accepts.
#[derive(Debug, Clone)]
pub(super) enum Marker {
    /// There, whatever it is, `null` included.
    Present,
    /// Not there.
    Absent,
    /// There or not, whatever it is.
    Ignore,
    NotNull,
    Number,
    Kind(Kind),
    Uuid,
    Time,
    Regex(Regex),
    Array {
        length: Length,
        each: Option<Box<Marked>>,
    },
    /// `##x`: absent, `null`, or as `#x` says.
    Optional(Box<Marker>),
}

/// A marker with the text it was written as.
#[derive(Debug, Clone)]
pub(super) struct Marked {
    pub(super) text: String,
    pub(super) marker: Marker,
}

/// What a string in a pattern turns out to be.
pub(super) enum Reading {
    Marker(Marked),
    /// `#literal x`, or no marker at all.
    Text(String),
}

/// An array length as a half-open range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    at_least: usize,
    at_most: Option<usize>,
}

impl Length {
    const ANY: Self = Self {
        at_least: 0,
        at_most: None,
    };

    fn accepts(self, length: usize) -> bool {
        length >= self.at_least && self.at_most.is_none_or(|most| length <= most)
    }
}

const SIMPLE: [(&str, Marker); 17] = [
    ("#present", Marker::Present),
    ("#absent", Marker::Absent),
    ("#notpresent", Marker::Absent),
    ("#ignore", Marker::Ignore),
    ("#null", Marker::Kind(Kind::Null)),
    ("#notnull", Marker::NotNull),
    ("#string", Marker::Kind(Kind::String)),
    ("#number", Marker::Number),
    ("#integer", Marker::Kind(Kind::Integer)),
    ("#float", Marker::Kind(Kind::Float)),
    ("#bool", Marker::Kind(Kind::Bool)),
    ("#boolean", Marker::Kind(Kind::Bool)),
    ("#array", Marker::Kind(Kind::Array)),
    ("#object", Marker::Kind(Kind::Map)),
    ("#map", Marker::Kind(Kind::Map)),
    ("#uuid", Marker::Uuid),
    ("#time", Marker::Time),
];

/// Reads one string of a pattern; `path` is where it stands, for the message.
pub(super) fn read(text: &str, path: &str) -> Result<Reading, ExpectError> {
    if !text.starts_with('#') {
        return Ok(Reading::Text(text.to_string()));
    }
    if let Some(literal) = text.strip_prefix("#literal ") {
        return Ok(Reading::Text(literal.to_string()));
    }
    let marker = marker(text, path)?;
    Ok(Reading::Marker(Marked {
        text: text.to_string(),
        marker,
    }))
}

fn marker(text: &str, path: &str) -> Result<Marker, ExpectError> {
    let bad = |reason: String| ExpectError::BadMarker {
        marker: text.to_string(),
        path: path.to_string(),
        reason,
    };
    if let Some((_, marker)) = SIMPLE.iter().find(|(name, _)| *name == text) {
        return Ok(marker.clone());
    }
    if let Some(rest) = text.strip_prefix("##") {
        let inner = marker(&format!("#{rest}"), path)?;
        if matches!(
            inner,
            Marker::Absent
                | Marker::Ignore
                | Marker::Present
                | Marker::NotNull
                | Marker::Optional(_)
        ) {
            return Err(bad(
                "`##` means absent, null or of that type, so it needs a type".to_string(),
            ));
        }
        return Ok(Marker::Optional(Box::new(inner)));
    }
    if let Some(pattern) = text.strip_prefix("#regex ") {
        return compile(pattern)
            .map(Marker::Regex)
            .map_err(|reason| bad(reason.to_string()));
    }
    if let Some(rest) = text.strip_prefix("#[") {
        let (length, each) = rest
            .split_once(']')
            .ok_or_else(|| bad("the `]` is missing".to_string()))?;
        let length = read_length(length.trim()).ok_or_else(|| {
            bad("a length is a number or a range: `#[3]`, `#[1..]`, `#[2..=5]`".to_string())
        })?;
        let each = match each.trim() {
            "" => None,
            each if each.starts_with('#') && !each.starts_with("#literal ") => {
                Some(Box::new(Marked {
                    text: each.to_string(),
                    marker: marker(each, path)?,
                }))
            }
            _ => {
                return Err(bad(
                    "what follows `]` is a marker for each element: `#[] #string`".to_string(),
                ));
            }
        };
        return Ok(Marker::Array { length, each });
    }
    let names = SIMPLE
        .iter()
        .map(|(name, _)| *name)
        .chain(["#regex", "#literal"]);
    Err(ExpectError::UnknownMarker {
        marker: text.to_string(),
        path: path.to_string(),
        nearest: nearest(text, names.filter(|name| *name != "#notpresent")),
    })
}

/// `3`, `1..`, `1..5` (without 5), `1..=5`, `..5`, or nothing for any length.
fn read_length(text: &str) -> Option<Length> {
    if text.is_empty() {
        return Some(Length::ANY);
    }
    let Some((from, to)) = text.split_once("..") else {
        let exactly = text.parse().ok()?;
        return Some(Length {
            at_least: exactly,
            at_most: Some(exactly),
        });
    };
    let at_least = if from.is_empty() {
        0
    } else {
        from.trim().parse().ok()?
    };
    let at_most = match to.strip_prefix('=') {
        Some(to) => Some(to.trim().parse().ok()?),
        None if to.is_empty() => None,
        None => Some(to.trim().parse::<usize>().ok()?.checked_sub(1)?),
    };
    at_most
        .is_none_or(|most| most >= at_least)
        .then_some(Length { at_least, at_most })
}

impl Marker {
    /// Whether a value, or its absence, is what the marker stands for.
    pub(super) fn accepts(&self, received: Option<&Value>) -> bool {
        let Some(value) = received else {
            return matches!(self, Self::Absent | Self::Ignore | Self::Optional(_));
        };
        match self {
            Self::Present | Self::Ignore => true,
            Self::Absent => false,
            Self::NotNull => !value.is_null(),
            Self::Number => value.is_number(),
            Self::Kind(kind) => Kind::of(value) == *kind,
            Self::Uuid => value.as_str().is_some_and(is_uuid),
            Self::Time => value.as_str().is_some_and(crate::time::body::is_rfc3339),
            Self::Regex(regex) => value.as_str().is_some_and(|text| regex.is_match(text)),
            Self::Array { length, each } => value.as_array().is_some_and(|items| {
                length.accepts(items.len())
                    && each
                        .as_ref()
                        .is_none_or(|each| items.iter().all(|item| each.marker.accepts(Some(item))))
            }),
            Self::Optional(inner) => value.is_null() || inner.accepts(received),
        }
    }

    /// What the two values alone do not say about why the marker refused.
    pub(super) fn note(&self, received: &Value) -> Option<String> {
        match (self, received) {
            (Self::Array { length, .. }, Value::Array(items)) if !length.accepts(items.len()) => {
                Some(format!("length {}", items.len()))
            }
            (
                Self::Array {
                    each: Some(each), ..
                },
                Value::Array(items),
            ) => {
                let at = items
                    .iter()
                    .position(|item| !each.marker.accepts(Some(item)))?;
                Some(format!("[{at}] is {}", Kind::of(&items[at])))
            }
            (Self::Regex(_), Value::String(_))
            | (Self::Uuid, Value::String(_))
            | (Self::Time, Value::String(_)) => None,
            (Self::Absent | Self::NotNull, _) => None,
            (Self::Optional(inner), _) => inner.note(received),
            _ => Some(Kind::of(received).to_string()),
        }
    }
}

/// The 8-4-4-4-12 form, as JSON carries it; other spellings of a UUID are not what an API promises.
fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn accepts(text: &str, value: &Value) -> bool {
        match read(text, "$").expect("a marker") {
            Reading::Marker(marked) => marked.marker.accepts(Some(value)),
            Reading::Text(text) => panic!("{text} is no marker"),
        }
    }

    #[test]
    fn each_marker_accepts_its_sort_and_no_other() {
        for (marker, yes, no) in [
            ("#string", json!("x"), json!(1)),
            ("#number", json!(1.5), json!("1")),
            ("#integer", json!(1), json!(1.0)),
            ("#float", json!(1.0), json!(1)),
            ("#bool", json!(false), json!("false")),
            ("#null", json!(null), json!(0)),
            ("#notnull", json!(0), json!(null)),
            ("#array", json!([]), json!({})),
            ("#object", json!({}), json!([])),
            (
                "#uuid",
                json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
                json!("67e5504410b1426f9247bb680e5fe0c8"),
            ),
            ("#time", json!("2026-01-05T10:00:00Z"), json!("yesterday")),
            ("#regex ^a+$", json!("aaa"), json!("baa")),
            ("#[2]", json!([1, 2]), json!([1])),
            ("#[1..]", json!([1]), json!([])),
            ("#[1..3]", json!([1, 2]), json!([1, 2, 3])),
            ("#[..=1]", json!([]), json!([1, 2])),
            ("#[] #string", json!(["a", "b"]), json!(["a", 1])),
            ("#[1] #[] #number", json!([[1, 2]]), json!([["x"]])),
            ("##string", json!(null), json!(5)),
            ("##regex ^a", json!("abc"), json!("b")),
        ] {
            assert!(accepts(marker, &yes), "{marker} should accept {yes}");
            assert!(!accepts(marker, &no), "{marker} should refuse {no}");
        }
    }

    #[test]
    fn absence_is_accepted_by_three_markers_only() {
        for (text, expected) in [
            ("#absent", true),
            ("#ignore", true),
            ("##string", true),
            ("#present", false),
            ("#null", false),
        ] {
            let Ok(Reading::Marker(marked)) = read(text, "$") else {
                panic!("{text}")
            };
            assert_eq!(marked.marker.accepts(None), expected, "{text}");
        }
    }

    #[test]
    fn a_misspelt_marker_names_the_nearest() {
        let Err(error) = read("#strnig", "$.name") else {
            panic!("accepted")
        };
        assert_eq!(error.to_string(), "unknown marker `#strnig` at $.name");
        assert_eq!(
            error.hint().as_deref(),
            Some("did you mean `#string`? To match the text itself write `#literal #strnig`")
        );
    }

    #[test]
    fn a_text_that_begins_with_a_hash_can_be_written_literally() {
        let Ok(Reading::Text(text)) = read("#literal #ff0000", "$") else {
            panic!("not a text")
        };
        assert_eq!(text, "#ff0000");
        let Err(error) = read("#ff0000", "$.colour") else {
            panic!("accepted")
        };
        assert_eq!(
            error.hint().as_deref(),
            Some("to match the text itself write `#literal #ff0000`")
        );
    }

    #[test]
    fn broken_arguments_are_named() {
        for (text, part) in [
            ("#[three]", "a length is a number or a range"),
            ("#[3", "the `]` is missing"),
            ("#[3..1]", "a length is a number or a range"),
            ("#[] string", "what follows `]` is a marker"),
            ("#regex (", "unclosed group"),
            ("##absent", "needs a type"),
            ("###string", "needs a type"),
        ] {
            let Err(error) = read(text, "$") else {
                panic!("{text} accepted")
            };
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
