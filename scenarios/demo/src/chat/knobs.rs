//! What can be turned on the assistant: how long it thinks, and which of its calls fail.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug)]
pub(super) struct Knobs {
    pub delay: Duration,
    pub error_rate: f64,
    pub fail_next: Option<Failure>,
    dice: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Failure {
    pub status: u16,
    #[serde(default)]
    pub body: Value,
}

impl Knobs {
    pub fn new(delay: Duration, seed: u64) -> Self {
        Self {
            delay,
            error_rate: 0.0,
            fail_next: None,
            dice: seed,
        }
    }

    /// The failure the next call is to end in, if any.
    pub fn next_failure(&mut self) -> Option<Failure> {
        self.fail_next.take().or_else(|| {
            let hit = self.error_rate > 0.0 && roll(&mut self.dice) < self.error_rate;
            hit.then_some(Failure {
                status: 503,
                body: Value::Null,
            })
        })
    }
}

/// SplitMix64, as a number in 0..1: random enough for error rates, and the same for the same seed.
fn roll(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_spent_by_one_call() {
        let mut knobs = Knobs::new(Duration::ZERO, 1);
        knobs.fail_next = Some(Failure {
            status: 429,
            body: Value::Null,
        });
        assert_eq!(
            knobs.next_failure().map(|failure| failure.status),
            Some(429)
        );
        assert!(knobs.next_failure().is_none());
    }

    #[test]
    fn the_same_seed_rolls_the_same_errors_at_about_the_rate() {
        let errors = |seed| {
            let mut knobs = Knobs::new(Duration::ZERO, seed);
            knobs.error_rate = 0.3;
            (0..1_000)
                .map(|_| knobs.next_failure().is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(errors(7), errors(7));
        assert_ne!(errors(7), errors(8));
        let hits = errors(7).iter().filter(|hit| **hit).count();
        assert!((200..400).contains(&hits), "{hits}");
    }
}
