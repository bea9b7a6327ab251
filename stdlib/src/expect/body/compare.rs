//! Order, closeness and choice.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::equal::{demand_comparable, equal};
use super::kind::Kind;
use super::mismatch::{Mismatch, Verdict};
use super::show::show;
use super::text::with_kind;
use crate::expect::error::ExpectError;

/// The four order claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Order {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }

    pub(super) fn phrase(self, bound: &Value) -> String {
        let words = match self {
            Self::Greater => "greater than",
            Self::GreaterOrEqual => "greater than or equal to",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal to",
        };
        format!("{words} {}", show(bound))
    }
}

/// Numbers by amount (an integer may be compared with a float), texts by their characters.
pub(super) fn judge_order(
    received: &Value,
    order: Order,
    bound: &Value,
) -> Result<Verdict, ExpectError> {
    let no_order = |value: &Value| ExpectError::NoOrder {
        kind: Kind::of(value),
        value: show(value),
    };
    if !bound.is_number() && !bound.is_string() {
        return Err(no_order(bound));
    }
    let ordering = match (received, bound) {
        (Value::Number(a), Value::Number(b)) => order_numbers(a, b),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Null, _) => return Ok(Mismatch::new(order.phrase(bound), "()").unfit()),
        (received, bound) => {
            demand_comparable(received, bound)?;
            return Err(no_order(received));
        }
    };
    if order.holds(ordering) {
        return Ok(Verdict::Holds);
    }
    Ok(Mismatch::new(order.phrase(bound), show(received)).fails())
}

/// The exact order of two JSON numbers, also of an integer that no float can hold.
pub(super) fn order_numbers(a: &Number, b: &Number) -> Ordering {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(a), None) => order_mixed(a, float(b)),
        (None, Some(b)) => order_mixed(b, float(a)).reverse(),
        // JSON has no NaN.
        (None, None) => float(a).partial_cmp(&float(b)).unwrap_or(Ordering::Equal),
    }
}

fn integer(n: &Number) -> Option<i128> {
    n.as_i64()
        .map(i128::from)
        .or_else(|| n.as_u64().map(i128::from))
}

fn float(n: &Number) -> f64 {
    n.as_f64().unwrap_or_default()
}

fn order_mixed(integer: i128, float: f64) -> Ordering {
    // A float beyond the range saturates, and then it is beyond every 64-bit integer too.
    let whole = float.trunc() as i128;
    integer.cmp(&whole).then_with(|| {
        0.0_f64
            .partial_cmp(&float.fract())
            .unwrap_or(Ordering::Equal)
    })
}

/// At most `within` away from `target`, borders included.
pub(super) fn judge_close(
    received: &Value,
    target: &Value,
    within: &Value,
) -> Result<Verdict, ExpectError> {
    const MATCHER: &str = "to_be_close_to";
    let argument = |wanted, value: &Value| ExpectError::Argument {
        matcher: MATCHER,
        wanted,
        seen: with_kind(value),
    };
    let goal = target
        .as_f64()
        .ok_or_else(|| argument("a number to be close to", target))?;
    let reach = within
        .as_f64()
        .filter(|reach| *reach >= 0.0)
        .ok_or_else(|| argument("a distance of 0 or more as its second argument", within))?;
    let expected = close_phrase(target, within);
    let Some(seen) = received.as_f64() else {
        return Ok(Mismatch::new(expected, with_kind(received)).unfit());
    };
    let distance = (seen - goal).abs();
    // `1.1 - 1.0` is a little more than `0.1` in binary; who writes 0.1 means the border to count.
    let rounding = 4.0 * f64::EPSILON * seen.abs().max(goal.abs());
    if distance <= reach + rounding {
        return Ok(Verdict::Holds);
    }
    Ok(Mismatch::new(expected, format!("{} ({distance} away)", show(received))).fails())
}

pub(super) fn close_phrase(target: &Value, within: &Value) -> String {
    format!("{} ± {}", show(target), show(within))
}

/// Equal to one of the options.
pub(super) fn judge_one_of(
    received: &Value,
    options: &Value,
    negated: bool,
) -> Result<Verdict, ExpectError> {
    let argument = |seen: String| ExpectError::Argument {
        matcher: "to_be_one_of",
        wanted: "an array of at least one value",
        seen,
    };
    let Value::Array(list) = options else {
        return Err(argument(with_kind(options)));
    };
    let Some(first) = list.first() else {
        return Err(argument("[]".to_string()));
    };
    if list.iter().any(|option| equal(received, option)) {
        return Ok(Verdict::Holds);
    }
    if list
        .iter()
        .all(|option| demand_comparable(received, option).is_err())
    {
        demand_comparable(received, first)?;
    }
    if negated {
        for option in list
            .iter()
            .filter(|option| demand_comparable(received, option).is_ok())
        {
            super::equal::judge(received, option, true)?;
        }
    }
    Ok(Mismatch::new(one_of_phrase(options), show(received)).fails())
}

pub(super) fn one_of_phrase(options: &Value) -> String {
    format!("one of {}", show(options))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn integers_and_floats_are_ordered_exactly() {
        let cases = [
            (json!(1), json!(1.5), Ordering::Less),
            (json!(2), json!(1.5), Ordering::Greater),
        ];
        let big = json!(9_007_199_254_740_993_i64);
        let near = json!(9_007_199_254_740_992.0);
        let negative = (json!(-1), json!(-1.5), Ordering::Greater);
        let edge = (json!(u64::MAX), json!(1e300), Ordering::Less);
        for (a, b, expected) in
            cases
                .into_iter()
                .chain([(big, near, Ordering::Greater), negative, edge])
        {
            let (Value::Number(x), Value::Number(y)) = (&a, &b) else {
                panic!("numbers")
            };
            assert_eq!(order_numbers(x, y), expected, "{a} {b}");
            assert_eq!(order_numbers(y, x), expected.reverse(), "{b} {a}");
        }
    }

    #[test]
    fn an_order_that_does_not_hold_says_the_bound() {
        let Ok(Verdict::Fails(mismatch)) = judge_order(&json!(3), Order::Greater, &json!(3)) else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: greater than 3\nreceived: 3"
        );
    }

    #[test]
    fn nothing_is_neither_more_nor_less() {
        assert!(matches!(
            judge_order(&json!(null), Order::Less, &json!(3)),
            Ok(Verdict::Unfit(_))
        ));
    }

    #[test]
    fn order_across_types_and_of_bools_is_usage() {
        let error = judge_order(&json!("10"), Order::Less, &json!(9)).expect_err("usage");
        assert_eq!(
            error.to_string(),
            "cannot compare a string with an integer: received \"10\", expected 9"
        );
        let error = judge_order(&json!(true), Order::Less, &json!(true)).expect_err("usage");
        assert_eq!(error.to_string(), "a bool has no order: true");
    }

    #[test]
    fn closeness_includes_the_border_as_written() {
        assert_eq!(
            judge_close(&json!(1.1), &json!(1.0), &json!(0.1)),
            Ok(Verdict::Holds)
        );
        let Ok(Verdict::Fails(mismatch)) = judge_close(&json!(1.25), &json!(1), &json!(0.1)) else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: 1 ± 0.1\nreceived: 1.25 (0.25 away)"
        );
        assert!(matches!(
            judge_close(&json!("1"), &json!(1), &json!(0.1)),
            Ok(Verdict::Unfit(_))
        ));
        let error = judge_close(&json!(1), &json!(1), &json!(-1)).expect_err("usage");
        assert!(
            error
                .to_string()
                .starts_with("`to_be_close_to` takes a distance of 0 or more"),
            "{error}"
        );
    }

    #[test]
    fn one_of_needs_an_option_of_its_own_type() {
        assert_eq!(
            judge_one_of(&json!("a"), &json!(["a", 1]), false),
            Ok(Verdict::Holds)
        );
        let Ok(Verdict::Fails(mismatch)) = judge_one_of(&json!("c"), &json!(["a", "b"]), false)
        else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: one of [\"a\", \"b\"]\nreceived: \"c\""
        );
        assert!(judge_one_of(&json!("5"), &json!([5, 6]), true).is_err());
        assert!(judge_one_of(&json!(5.0), &json!([5, 6]), true).is_err());
        assert!(judge_one_of(&json!(5), &json!([]), false).is_err());
        assert!(judge_one_of(&json!(5), &json!(5), false).is_err());
    }
}
