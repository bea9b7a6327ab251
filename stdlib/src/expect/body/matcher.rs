//! The claims a script can make about a value, as data, and the one way to judge them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::mismatch::{Mismatch, Verdict};
use super::pattern::Pattern;
use super::{compare, contain, equal, moment, schema, shape, text};
use crate::expect::error::ExpectError;

pub use super::compare::Order;

/// One claim.
#[derive(Debug, Clone)]
pub enum Matcher {
    /// The same JSON value; numbers are strict.
    Equal(Value),
    /// A regular expression (a text), a marker, or a partial JSON value.
    Match(Value),
    /// A part of a text, elements of an array, a key or part of a map.
    Contain(Value),
    /// Exactly these elements, in any order.
    ContainOnly(Value),
    Compare(Order, Value),
    /// Earlier or later; the received value is a time or a text that is one.
    CompareTime(Order, Timestamp),
    Close {
        target: Value,
        within: Value,
    },
    OneOf(Value),
    Type(String),
    Length(Value),
    Empty,
    Truthy,
    Falsy,
    StartWith(String),
    EndWith(String),
    Schema(Value),
    Within {
        distance: Duration,
        of: Timestamp,
    },
}

impl Matcher {
    /// Judges the claim, or its negation. What neither can hold of fails both, so that `not` never passes by accident.
    pub fn judge(
        &self,
        received: &Value,
        negated: bool,
    ) -> Result<Result<(), Box<Mismatch>>, ExpectError> {
        Ok(match (self.verdict(received, negated)?, negated) {
            (Verdict::Holds, false) | (Verdict::Fails(_), true) => Ok(()),
            (Verdict::Fails(mismatch), false) => Err(mismatch),
            (Verdict::Holds, true) => Err(Box::new(Mismatch::new(
                format!("not {}", self.phrase()),
                super::show(received),
            ))),
            (Verdict::Unfit(mut mismatch), negated) => {
                if negated {
                    mismatch.expected = format!("not {}", mismatch.expected);
                }
                Err(mismatch)
            }
        })
    }

    /// Shows every value of the claim to `change`, which may replace it.
    pub fn each_value(&mut self, mut change: impl FnMut(&mut Value)) {
        match self {
            Self::Equal(value)
            | Self::Match(value)
            | Self::Contain(value)
            | Self::ContainOnly(value)
            | Self::Compare(_, value)
            | Self::OneOf(value)
            | Self::Schema(value) => change(value),
            Self::StartWith(text) | Self::EndWith(text) => {
                let mut value = Value::String(std::mem::take(text));
                change(&mut value);
                if let Value::String(changed) = value {
                    *text = changed;
                }
            }
            Self::Close { .. }
            | Self::CompareTime(..)
            | Self::Type(_)
            | Self::Length(_)
            | Self::Empty
            | Self::Truthy
            | Self::Falsy
            | Self::Within { .. } => {}
        }
    }

    fn verdict(&self, received: &Value, negated: bool) -> Result<Verdict, ExpectError> {
        Ok(match self {
            Self::Equal(expected) => equal::judge(received, expected, negated)?,
            Self::Match(pattern) => return judge_match(received, pattern),
            Self::Contain(wanted) => contain::judge(received, wanted)?,
            Self::ContainOnly(wanted) => contain::judge_only(received, wanted)?,
            Self::Compare(order, bound) => compare::judge_order(received, *order, bound)?,
            Self::CompareTime(order, bound) => moment::judge_order(received, *order, *bound),
            Self::Close { target, within } => compare::judge_close(received, target, within)?,
            Self::OneOf(options) => compare::judge_one_of(received, options, negated)?,
            Self::Type(name) => shape::judge_type(received, name)?,
            Self::Length(length) => shape::judge_length(received, length)?,
            Self::Empty => shape::judge_empty(received),
            Self::Truthy => shape::judge_truth(received, true)?,
            Self::Falsy => shape::judge_truth(received, false)?,
            Self::StartWith(prefix) => text::starts_with(received, prefix),
            Self::EndWith(suffix) => text::ends_with(received, suffix),
            Self::Schema(schema) => schema::judge(received, schema)?,
            Self::Within { distance, of } => moment::judge(received, *distance, *of),
        })
    }

    /// The claim in words.
    fn phrase(&self) -> String {
        match self {
            Self::Equal(expected) => super::show(expected),
            Self::Match(pattern) => match_phrase(pattern),
            Self::Contain(wanted) => contain::phrase(wanted),
            Self::ContainOnly(wanted) => contain::only_phrase(wanted),
            Self::Compare(order, bound) => order.phrase(bound),
            Self::CompareTime(order, bound) => moment::order_phrase(*order, *bound),
            Self::Close { target, within } => compare::close_phrase(target, within),
            Self::OneOf(options) => compare::one_of_phrase(options),
            Self::Type(name) => format!("of type {name}"),
            Self::Length(length) => format!("length {length}"),
            Self::Empty => "empty".to_string(),
            Self::Truthy => shape::truth_phrase(true).to_string(),
            Self::Falsy => shape::truth_phrase(false).to_string(),
            Self::StartWith(prefix) => text::starting(prefix),
            Self::EndWith(suffix) => text::ending(suffix),
            Self::Schema(_) => schema::PHRASE.to_string(),
            Self::Within { distance, of } => moment::phrase(*distance, *of),
        }
    }
}

/// A text is a regular expression unless it begins with `#`; anything else is a partial JSON value.
fn judge_match(received: &Value, pattern: &Value) -> Result<Verdict, ExpectError> {
    if let Some(regex) = pattern.as_str().filter(|text| !text.starts_with('#')) {
        return text::matches(received, regex);
    }
    let compiled = Pattern::partial(pattern)?;
    if compiled.fits(received) {
        return Ok(Verdict::Holds);
    }
    let phrase = match_phrase(pattern);
    // A pattern of one kind says nothing about a value of another, so its negation must not hold either.
    match compiled.kind() {
        Some(super::Kind::Array | super::Kind::Map)
            if !received.is_array() && !received.is_object() =>
        {
            Ok(Mismatch::new(phrase, text::with_kind(received)).unfit())
        }
        Some(kind) if (kind == super::Kind::Map) != received.is_object() => {
            Ok(Mismatch::new(phrase, text::with_kind(received)).unfit())
        }
        Some(_) => {
            equal::demand_comparable(received, pattern)?;
            Ok(equal::explain(received, pattern, &compiled, phrase).fails())
        }
        None => Ok(Mismatch::new(phrase, text::with_kind(received)).fails()),
    }
}

fn match_phrase(pattern: &Value) -> String {
    match pattern {
        Value::String(text) if text.starts_with('#') => super::show::plain_line(text),
        Value::String(text) => text::matching(text),
        other => format!("at least {}", super::show(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failure(matcher: Matcher, received: Value, negated: bool) -> String {
        match matcher.judge(&received, negated) {
            Ok(Err(mismatch)) => mismatch.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn partial(pattern: Value) -> Matcher {
        Matcher::Match(pattern)
    }

    #[test]
    fn a_partial_match_lists_every_mismatch_by_path() {
        let received = json!({
            "id": "x1", "name": "Bob", "tags": ["a", 5], "owner": {"mail": "b@example.com"}, "deleted_at": null,
            "ignored": [1, 2, 3]
        });
        let pattern = json!({
            "id": "#number", "name": "Ada", "tags": "#[2] #string", "owner": {"mail": "#regex ^a@", "age": "#present"},
            "deleted_at": "#absent", "note": "##string"
        });
        let text = failure(partial(pattern), received, false);
        let list: Vec<&str> = text.lines().skip(2).take(7).collect();
        assert_eq!(
            list,
            [
                "6 mismatches:",
                "  $.deleted_at  unexpected, received ()",
                "  $.id          expected #number, received \"x1\" (a string)",
                "  $.name        expected \"Ada\", received \"Bob\"",
                "  $.owner.age   missing, expected #present",
                "  $.owner.mail  expected #regex ^a@, received \"b@example.com\"",
                "  $.tags        expected #[2] #string, received [\"a\", 5] ([1] is an integer)",
            ]
        );
        let diff = text.split("--- expected").nth(1).expect("a diff");
        assert!(diff.contains("\n-  \"name\": \"Ada\",\n"), "{diff}");
        assert!(!diff.contains("ignored"), "{diff}");
    }

    #[test]
    fn a_partial_match_is_open_in_maps_and_exact_in_arrays() {
        let received = json!({"a": 1, "list": [{"x": 1, "y": 2}]});
        assert_eq!(
            partial(json!({"list": [{"x": 1}]})).judge(&received, false),
            Ok(Ok(()))
        );
        let text = failure(
            partial(json!({"list": [{"x": 1}, {"x": 2}]})),
            received,
            false,
        );
        assert!(
            text.contains("\n1 mismatch:\n  $.list[1]  missing, expected {\"x\": 2}"),
            "{text}"
        );
    }

    #[test]
    fn an_unknown_marker_is_usage_even_where_the_value_never_reaches() {
        let error = partial(json!({"a": [{"b": "#strnig"}]}))
            .judge(&json!({}), false)
            .expect_err("usage");
        assert_eq!(error.to_string(), "unknown marker `#strnig` at $.a[0].b");
    }

    #[test]
    fn a_text_pattern_is_a_regular_expression_or_a_marker() {
        assert_eq!(
            partial(json!("^a+$")).judge(&json!("aaa"), false),
            Ok(Ok(()))
        );
        assert_eq!(
            partial(json!("#uuid")).judge(&json!("67e55044-10b1-426f-9247-bb680e5fe0c8"), false),
            Ok(Ok(()))
        );
        assert_eq!(
            failure(partial(json!("#uuid")), json!(5), false),
            "expected: #uuid\nreceived: 5 (an integer)"
        );
        assert_eq!(
            failure(partial(json!("^a")), json!(null), false),
            "expected: a string matching /^a/\nreceived: ()"
        );
    }

    #[test]
    fn a_negation_says_not() {
        assert_eq!(
            failure(Matcher::Equal(json!(5)), json!(5), true),
            "expected: not 5\nreceived: 5"
        );
        assert_eq!(
            failure(Matcher::Empty, json!([]), true),
            "expected: not empty\nreceived: []"
        );
        assert_eq!(
            failure(partial(json!({"a": 1})), json!({"a": 1, "b": 2}), true),
            "expected: not at least {\"a\": 1}\nreceived: {\"a\": 1, \"b\": 2}"
        );
    }

    #[test]
    fn a_negation_never_passes_on_what_the_claim_cannot_be_about() {
        let claims = [
            Matcher::Length(json!(3)),
            Matcher::Contain(json!("x")),
            Matcher::Match(json!("x")),
            Matcher::Match(json!({"a": 1})),
            Matcher::StartWith("x".to_string()),
            Matcher::Empty,
            Matcher::Compare(Order::Greater, json!(3)),
            Matcher::Close {
                target: json!(1),
                within: json!(1),
            },
            Matcher::ContainOnly(json!(["x"])),
        ];
        for claim in claims {
            let text = failure(claim.clone(), json!(null), true);
            assert!(
                text.starts_with("expected: not ") && text.ends_with("received: ()"),
                "{claim:?}: {text}"
            );
        }
    }
}
