//! Claims about what a value is rather than which: its type, its length, emptiness, truth.

use serde_json::Value;

use super::kind::Kind;
use super::mismatch::{Mismatch, Verdict};
use super::show::show;
use super::text::with_kind;
use crate::expect::error::ExpectError;
use crate::host::suggest::nearest;

/// The value is of the named type; `number` is an integer or a float, `object` and `null` are map and `()`.
pub(super) fn judge_type(received: &Value, name: &str) -> Result<Verdict, ExpectError> {
    let seen = Kind::of(received);
    let holds = match name {
        "string" => seen == Kind::String,
        "integer" => seen == Kind::Integer,
        "float" => seen == Kind::Float,
        "number" => seen.is_number(),
        "bool" => seen == Kind::Bool,
        "array" => seen == Kind::Array,
        "map" | "object" => seen == Kind::Map,
        "()" | "null" => seen == Kind::Null,
        unknown => {
            let nearest = nearest(unknown, Kind::NAMES);
            return Err(ExpectError::UnknownType {
                name: unknown.to_string(),
                nearest,
            });
        }
    };
    if holds {
        return Ok(Verdict::Holds);
    }
    Ok(Mismatch::new(format!("of type {name}"), with_kind(received)).fails())
}

/// Characters of a text, elements of an array, entries of a map.
pub(super) fn judge_length(received: &Value, length: &Value) -> Result<Verdict, ExpectError> {
    let Some(wanted) = length.as_u64() else {
        return Err(ExpectError::Argument {
            matcher: "to_have_length",
            wanted: "an integer of 0 or more",
            seen: with_kind(length),
        });
    };
    let expected = format!("length {wanted}");
    match length_of(received) {
        Some(seen) if seen as u64 == wanted => Ok(Verdict::Holds),
        Some(seen) => {
            Ok(Mismatch::new(expected, format!("length {seen}: {}", show(received))).fails())
        }
        None => Ok(Mismatch::new(expected, with_kind(received)).unfit()),
    }
}

/// A text, array or map of length 0. `()` is not an empty value, it is none.
pub(super) fn judge_empty(received: &Value) -> Verdict {
    match length_of(received) {
        Some(0) => Verdict::Holds,
        Some(length) => {
            Mismatch::new("empty", format!("length {length}: {}", show(received))).fails()
        }
        None => Mismatch::new("an empty string, array or map", with_kind(received)).unfit(),
    }
}

/// Truthy is all but `false`, `()`, `""`, `[]` and `#{}`; a number is neither.
pub(super) fn judge_truth(received: &Value, wanted: bool) -> Result<Verdict, ExpectError> {
    let truthy = match received {
        Value::Number(_) => return Err(ExpectError::NumberAsTruth(show(received))),
        Value::Bool(value) => *value,
        Value::Null => false,
        other => length_of(other) != Some(0),
    };
    if truthy == wanted {
        return Ok(Verdict::Holds);
    }
    Ok(Mismatch::new(truth_phrase(wanted), show(received)).fails())
}

pub(super) fn truth_phrase(wanted: bool) -> &'static str {
    if wanted { "truthy" } else { "falsy" }
}

fn length_of(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(map) => Some(map.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_type_is_named_in_the_words_of_a_script() {
        assert_eq!(judge_type(&json!(1), "number"), Ok(Verdict::Holds));
        assert_eq!(judge_type(&json!({}), "object"), Ok(Verdict::Holds));
        let Ok(Verdict::Fails(mismatch)) = judge_type(&json!("1"), "integer") else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: of type integer\nreceived: \"1\" (a string)"
        );
    }

    #[test]
    fn an_unknown_type_gets_a_suggestion() {
        let error = judge_type(&json!(1), "strnig").expect_err("usage");
        assert_eq!(error.to_string(), "unknown type `strnig`");
        assert_eq!(error.hint().as_deref(), Some("did you mean `string`?"));
    }

    #[test]
    fn length_counts_characters_elements_and_entries() {
        for value in [
            json!("äöü"),
            json!([1, 2, 3]),
            json!({"a": 1, "b": 2, "c": 3}),
        ] {
            assert_eq!(
                judge_length(&value, &json!(3)),
                Ok(Verdict::Holds),
                "{value}"
            );
        }
        let Ok(Verdict::Fails(mismatch)) = judge_length(&json!([1]), &json!(3)) else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: length 3\nreceived: length 1: [1]"
        );
        assert!(matches!(
            judge_length(&json!(null), &json!(3)),
            Ok(Verdict::Unfit(_))
        ));
        assert!(judge_length(&json!([1]), &json!(-1)).is_err());
    }

    #[test]
    fn nothing_is_not_empty() {
        assert_eq!(judge_empty(&json!([])), Verdict::Holds);
        assert!(matches!(judge_empty(&json!(null)), Verdict::Unfit(_)));
        assert!(matches!(judge_empty(&json!("x")), Verdict::Fails(_)));
    }

    #[test]
    fn truth_is_refused_to_numbers() {
        assert_eq!(judge_truth(&json!("x"), true), Ok(Verdict::Holds));
        for falsy in [json!(false), json!(null), json!(""), json!([]), json!({})] {
            assert_eq!(judge_truth(&falsy, false), Ok(Verdict::Holds), "{falsy}");
        }
        assert_eq!(
            judge_truth(&json!(0), true).expect_err("usage").to_string(),
            "a number is neither true nor false: 0"
        );
    }
}
