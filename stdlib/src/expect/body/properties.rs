//! What holds for all values: equality is reflexive, a partial match forgives only additions, every unequal pair is
//! explained, and messages stay bounded.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::equal::equal;
use super::matcher::Matcher;
use super::pattern::Pattern;

/// Trees without strings that look like markers.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        "[a-z \\n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-e ]{0,3}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The tree with a further key in every map.
fn enlarged(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(enlarged).collect(),
        Value::Object(map) => {
            let mut larger: Map<String, Value> = map
                .iter()
                .map(|(key, value)| (key.clone(), enlarged(value)))
                .collect();
            larger.insert("further".to_string(), json!(1));
            Value::Object(larger)
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn every_value_equals_and_matches_itself(x in value()) {
        prop_assert_eq!(Matcher::Equal(x.clone()).judge(&x, false), Ok(Ok(())));
        let pattern = Pattern::partial(&x).unwrap();
        prop_assert!(pattern.fits(&x));
        prop_assert!(pattern.fits(&enlarged(&x)));
        prop_assert!(Matcher::Equal(x.clone()).judge(&x, true).unwrap().is_err());
    }

    #[test]
    fn the_walk_finds_something_exactly_when_the_value_does_not_fit(x in value(), y in value()) {
        for pattern in [Pattern::exact(&x), Pattern::partial(&x).unwrap()] {
            for received in [&x, &y] {
                prop_assert_eq!(pattern.fits(received), pattern.differences(received).count() == 0);
            }
        }
        prop_assert_eq!(Pattern::exact(&x).fits(&y), equal(&x, &y));
    }

    #[test]
    fn the_sides_of_a_diff_differ_exactly_when_the_value_does_not_fit(x in value(), y in value()) {
        for pattern in [Pattern::exact(&x), Pattern::partial(&x).unwrap()] {
            for received in [&x, &y] {
                let (left, right) = pattern.project(received);
                prop_assert_eq!(equal(&left, &right), pattern.fits(received));
            }
        }
    }

    #[test]
    fn an_array_contains_its_own_elements_in_any_order(items in prop::collection::vec(value(), 1..6)) {
        let mut shuffled = items.clone();
        shuffled.reverse();
        let (items, shuffled) = (json!(items), json!(shuffled));
        prop_assert_eq!(Matcher::ContainOnly(shuffled.clone()).judge(&items, false), Ok(Ok(())));
        prop_assert_eq!(Matcher::Contain(shuffled).judge(&items, false), Ok(Ok(())));
    }

    #[test]
    fn a_claim_and_its_negation_never_hold_both(x in value(), y in value()) {
        for matcher in [
            Matcher::Equal(y.clone()), Matcher::Match(y.clone()), Matcher::Contain(y.clone()),
            Matcher::Length(json!(2)), Matcher::Empty, Matcher::Truthy,
        ] {
            let (yes, no) = (matcher.judge(&x, false), matcher.judge(&x, true));
            prop_assert!(!(matches!(yes, Ok(Ok(()))) && matches!(no, Ok(Ok(())))), "{:?} on {}", matcher, x);
        }
    }

    #[test]
    fn messages_stay_bounded(x in "(?s).{0,4000}", y in "(?s).{0,4000}") {
        if let Ok(Err(mismatch)) = Matcher::Equal(json!({"text": x})).judge(&json!({"text": y}), false) {
            prop_assert!(mismatch.to_string().len() < 4000, "{}", mismatch);
        }
    }
}
