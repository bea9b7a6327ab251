//! Equality: the same JSON value. Numbers are strict: `1` and `1.0` are different JSON numbers.

use serde_json::Value;

use super::diff;
use super::kind::Kind;
use super::mismatch::{Mismatch, Verdict};
use super::pattern::Pattern;
use super::show::show;
use crate::expect::error::ExpectError;

/// The same value, all the way down. An object's keys have no order.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() != b.is_f64() => false,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        (a, b) => a == b,
    }
}

/// As [`equal`], but numbers are compared by amount.
fn same_amounts(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => super::compare::order_numbers(a, b).is_eq(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_amounts(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same_amounts(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Judges `received` against `expected`; `()` may be compared with anything, other kinds only with their own.
pub(super) fn judge(
    received: &Value,
    expected: &Value,
    negated: bool,
) -> Result<Verdict, ExpectError> {
    if equal(received, expected) {
        return Ok(Verdict::Holds);
    }
    demand_comparable(received, expected)?;
    if negated && same_amounts(received, expected) {
        return Err(ExpectError::SameAmount {
            received: show(received),
            expected: show(expected),
        });
    }
    Ok(explain(
        received,
        expected,
        &Pattern::exact(expected),
        show(expected),
    )
    .fails())
}

/// Refuses to compare what can never be equal.
pub(super) fn demand_comparable(received: &Value, expected: &Value) -> Result<(), ExpectError> {
    let (seen, wanted) = (Kind::of(received), Kind::of(expected));
    if seen == Kind::Null || wanted == Kind::Null || seen.is_comparable_with(wanted) {
        return Ok(());
    }
    Err(ExpectError::DifferentTypes {
        received: show(received),
        received_kind: seen,
        expected: show(expected),
        expected_kind: wanted,
    })
}

/// The mismatch between a value and a pattern it does not fit: by path for trees, by excerpt for long texts.
pub(super) fn explain(
    received: &Value,
    expected: &Value,
    pattern: &Pattern,
    phrase: String,
) -> Mismatch {
    let mut mismatch = Mismatch::new(phrase, show(received));
    if received.is_array() || received.is_object() {
        let found = pattern.differences(received);
        mismatch.diff = (found.count() > 0)
            .then(|| diff::structural(pattern, received))
            .flatten();
        mismatch.omitted = found.omitted;
        mismatch.details = found.details;
        return mismatch;
    }
    if let Some(note) = number_note(expected, received).or_else(|| text_note(expected, received)) {
        mismatch.received = format!("{} ({note})", mismatch.received);
    }
    if let (Value::String(expected), Value::String(received)) = (expected, received) {
        mismatch.diff = diff::texts(expected, received);
    }
    mismatch
}

/// Told when two numbers are shown alike or nearly so, yet differ in kind.
pub(super) fn number_note(expected: &Value, received: &Value) -> Option<String> {
    let (wanted, seen) = (Kind::of(expected), Kind::of(received));
    (wanted.is_number() && seen.is_number() && wanted != seen)
        .then(|| format!("{seen}, not {wanted}"))
}

/// Told when two texts are alike at first sight: where they part, or that only white space or letter case differs.
pub(super) fn text_note(expected: &Value, received: &Value) -> Option<String> {
    let (Value::String(expected), Value::String(received)) = (expected, received) else {
        return None;
    };
    if expected.trim() == received.trim() {
        return Some("only white space at the ends differs".to_string());
    }
    if expected.to_lowercase() == received.to_lowercase() {
        return Some("only upper and lower case differ".to_string());
    }
    if expected.len().max(received.len()) <= 80 {
        return None;
    }
    let at = diff::first_difference(expected, received);
    let (expected, received) = diff::excerpts(expected, received);
    let (expected, received) = (
        super::show::show_text(&expected),
        super::show::show_text(&received),
    );
    Some(format!(
        "from character {at} on: expected {expected}, received {received}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failure(received: Value, expected: Value) -> String {
        match judge(&received, &expected, false) {
            Ok(Verdict::Fails(mismatch)) => mismatch.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_are_strict_and_the_message_says_so() {
        assert_eq!(judge(&json!(1), &json!(1), false), Ok(Verdict::Holds));
        assert_eq!(
            failure(json!(1.0), json!(1)),
            "expected: 1\nreceived: 1.0 (a float, not an integer)"
        );
    }

    #[test]
    fn different_types_are_a_usage_error_under_either_sign() {
        for negated in [false, true] {
            let error = judge(&json!("5"), &json!(5), negated).expect_err("usage");
            assert_eq!(
                error.to_string(),
                "cannot compare a string with an integer: received \"5\", expected 5"
            );
        }
    }

    #[test]
    fn nothing_may_be_compared_with_anything() {
        assert_eq!(failure(json!(null), json!(5)), "expected: 5\nreceived: ()");
        assert_eq!(failure(json!(5), json!(null)), "expected: ()\nreceived: 5");
        assert_eq!(judge(&json!(null), &json!(null), false), Ok(Verdict::Holds));
    }

    #[test]
    fn a_negated_equality_of_the_same_amount_is_refused() {
        let error = judge(&json!([0.0]), &json!([0]), true).expect_err("usage");
        assert!(
            error
                .to_string()
                .contains("same amount but different JSON numbers"),
            "{error}"
        );
    }

    #[test]
    fn every_difference_of_a_tree_is_listed_with_a_diff() {
        let received = json!({"id": 7, "items": [{"name": "Bob", "n": 1.0}], "extra": true});
        let expected = json!({"id": 7, "items": [{"name": "Ada", "n": 1}], "total": 3});
        assert_eq!(
            failure(received, expected),
            r#"expected: {"id": 7, "items": [{"name": "Ada", "n": 1}], "total": 3}
received: {"id": 7, "items": [{"name": "Bob", "n": 1.0}], "extra": true}
4 mismatches:
  $.items[0].n     expected 1, received 1.0 (a float, not an integer)
  $.items[0].name  expected "Ada", received "Bob"
  $.total          missing, expected 3
  $.extra          unexpected, received true
--- expected
+++ received
 {
+  "extra": true,
   "id": 7,
   "items": [
     {
-      "n": 1,
-      "name": "Ada",
+      "n": 1.0,
+      "name": "Bob",
     },
   ],
-  "total": 3,
 }"#
        );
    }

    #[test]
    fn an_element_lost_in_the_middle_is_one_mismatch() {
        assert_eq!(
            failure(json!(["a", "c", "d"]), json!(["a", "b", "c", "d"])),
            "expected: [\"a\", \"b\", \"c\", \"d\"]\nreceived: [\"a\", \"c\", \"d\"]\n1 mismatch:\n  $[1]  missing, expected \"b\""
        );
    }

    #[test]
    fn texts_that_look_alike_are_told_apart() {
        assert!(
            failure(json!("Ada "), json!("Ada"))
                .ends_with("(only white space at the ends differs)")
        );
        assert!(
            failure(json!("ada"), json!("Ada")).ends_with("(only upper and lower case differ)")
        );
    }

    #[test]
    fn long_texts_show_where_they_part() {
        let text = failure(
            json!(format!("{}X tail", "a".repeat(5000))),
            json!(format!("{}Y tail", "a".repeat(5000))),
        );
        assert!(text.contains("from character 5000 on: expected"), "{text}");
        assert!(text.contains("Y tail"), "{text}");
        assert!(text.len() < 1000, "{}", text.len());
    }

    #[test]
    fn texts_of_several_lines_get_a_line_diff() {
        let text = failure(json!("one\ntwo\nthree\n"), json!("one\n2\nthree\n"));
        assert!(
            text.ends_with("--- expected\n+++ received\n one\n-2\n+two\n three"),
            "{text}"
        );
    }
}
