//! Nearness of two moments.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::compare::Order;
use super::mismatch::{Mismatch, Verdict};
use super::show::show;
use super::text::with_kind;
use crate::host::duration;
use crate::time::body::parse_timestamp;
use crate::time::error::TimeError;

/// At most `within` before or after `reference`, borders included. The received time is a text such as an API sends.
pub(super) fn judge(received: &Value, within: Duration, reference: Timestamp) -> Verdict {
    let expected = phrase(within, reference);
    let moment = match read(received) {
        Ok(moment) => moment,
        Err(seen) => return Mismatch::new(expected, seen).unfit(),
    };
    let away = moment.duration_since(reference);
    let distance = away.unsigned_abs();
    if distance <= within {
        return Verdict::Holds;
    }
    let side = if away.is_negative() {
        "before"
    } else {
        "after"
    };
    let seen = format!("{moment} ({} {side})", duration::show(distance));
    Mismatch::new(expected, seen).fails()
}

/// Before or after a moment, by the point in time and not by the text.
pub(super) fn judge_order(received: &Value, order: Order, bound: Timestamp) -> Verdict {
    let expected = order_phrase(order, bound);
    match read(received) {
        Ok(moment) if order.holds(moment.cmp(&bound)) => Verdict::Holds,
        Ok(moment) => Mismatch::new(expected, moment.to_string()).fails(),
        Err(seen) => Mismatch::new(expected, seen).unfit(),
    }
}

/// The moment a value names, or how to show the value that names none.
fn read(received: &Value) -> Result<Timestamp, String> {
    let Value::String(text) = received else {
        return Err(with_kind(received));
    };
    parse_timestamp(text).map_err(|error| match error {
        TimeError::NoZone(_) => format!("{} (a time without a zone)", show(received)),
        _ => format!("{} (not a time)", show(received)),
    })
}

pub(super) fn order_phrase(order: Order, bound: Timestamp) -> String {
    let words = match order {
        Order::Greater => "later than",
        Order::GreaterOrEqual => "at or after",
        Order::Less => "earlier than",
        Order::LessOrEqual => "at or before",
    };
    format!("{words} {bound}")
}

pub(super) fn phrase(within: Duration, reference: Timestamp) -> String {
    if within.is_zero() {
        return reference.to_string();
    }
    format!("within {} of {reference}", duration::show(within))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reference() -> Timestamp {
        "2026-01-05T10:00:00Z".parse().expect("a timestamp")
    }

    #[test]
    fn both_sides_and_the_border_count() {
        let within = Duration::from_secs(5);
        for text in [
            "2026-01-05T10:00:05Z",
            "2026-01-05T09:59:55Z",
            "2026-01-05T11:00:02+01:00",
        ] {
            assert_eq!(
                judge(&json!(text), within, reference()),
                Verdict::Holds,
                "{text}"
            );
        }
        let Verdict::Fails(mismatch) = judge(&json!("2026-01-05T10:01:30.5Z"), within, reference())
        else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: within 5s of 2026-01-05T10:00:00Z\nreceived: 2026-01-05T10:01:30.5Z (1m 30s after)"
        );
    }

    #[test]
    fn what_is_no_time_is_unfit_under_either_sign() {
        for value in [json!("yesterday"), json!(null), json!(5)] {
            assert!(
                matches!(
                    judge(&value, Duration::from_secs(5), reference()),
                    Verdict::Unfit(_)
                ),
                "{value}"
            );
        }
    }

    #[test]
    fn order_is_that_of_the_moments_and_not_of_the_texts() {
        let earlier = json!("2026-01-05T10:30:00+01:00");
        assert_eq!(
            judge_order(&earlier, Order::Less, reference()),
            Verdict::Holds
        );
        let Verdict::Fails(mismatch) = judge_order(&earlier, Order::Greater, reference()) else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: later than 2026-01-05T10:00:00Z\nreceived: 2026-01-05T09:30:00Z"
        );
        let Verdict::Unfit(mismatch) = judge_order(&json!("soon"), Order::Less, reference()) else {
            panic!("fit")
        };
        assert!(
            mismatch.received.ends_with("\"soon\" (not a time)"),
            "{mismatch}"
        );
    }
}
