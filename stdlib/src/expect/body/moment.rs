//! Nearness of two moments.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::mismatch::{Mismatch, Verdict};
use super::show::show;
use super::text::with_kind;
use crate::host::duration;
use crate::time::body::parse_timestamp;

/// At most `within` before or after `reference`, borders included. The received time is a text such as an API sends.
pub(super) fn judge(received: &Value, within: Duration, reference: Timestamp) -> Verdict {
    let expected = phrase(within, reference);
    let Value::String(text) = received else {
        return Mismatch::new(expected, with_kind(received)).unfit();
    };
    let moment = match parse_timestamp(text) {
        Ok(moment) => moment,
        Err(error) => {
            return Mismatch::new(expected, format!("{} ({error})", show(received))).unfit();
        }
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

pub(super) fn phrase(within: Duration, reference: Timestamp) -> String {
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
}
