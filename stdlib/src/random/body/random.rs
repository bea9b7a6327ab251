//! The generator of one attempt and what it draws.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use rand::RngExt;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::random::error::RandomError;

/// More than any test needs, and little enough not to exhaust memory by a slip.
pub const LONGEST_STRING: i64 = 1_000_000;
const LETTERS_AND_DIGITS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// What a generator starts from; printed as 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A sequence of random values that its seed determines.
#[derive(Debug, Clone)]
pub struct Random {
    seed: Seed,
    pub(super) rng: ChaCha8Rng,
}

impl Random {
    pub fn new(seed: Seed) -> Self {
        Self {
            seed,
            rng: ChaCha8Rng::seed_from_u64(seed.0),
        }
    }

    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// A whole number from the range, its end excluded.
    pub fn int(&mut self, range: Range<i64>) -> Result<i64, RandomError> {
        if range.is_empty() {
            return Err(RandomError::EmptyRange(format!(
                "{}..{}",
                range.start, range.end
            )));
        }
        Ok(self.rng.random_range(range))
    }

    /// A whole number from the range, its end included.
    pub fn int_inclusive(&mut self, range: RangeInclusive<i64>) -> Result<i64, RandomError> {
        if range.is_empty() {
            return Err(RandomError::EmptyRange(format!(
                "{}..={}",
                range.start(),
                range.end()
            )));
        }
        Ok(self.rng.random_range(range))
    }

    /// A number from 0 up to, but not, 1.
    pub fn float(&mut self) -> f64 {
        self.rng.random()
    }

    /// A number from the range, its end excluded.
    pub fn float_in(&mut self, from: f64, to: f64) -> Result<f64, RandomError> {
        let is_drawable =
            from.is_finite() && to.is_finite() && (to - from).is_finite() && from < to;
        if !is_drawable {
            return Err(RandomError::EmptyRange(format!("{from}..{to}")));
        }
        Ok(self.rng.random_range(from..to))
    }

    /// Heads or tails.
    pub fn bool(&mut self) -> bool {
        self.rng.random()
    }

    /// True with a probability between 0 and 1.
    pub fn chance(&mut self, probability: f64) -> Result<bool, RandomError> {
        if !(0.0..=1.0).contains(&probability) {
            return Err(RandomError::Probability(probability.to_string()));
        }
        Ok(self.rng.random_bool(probability))
    }

    /// The place of one of `count` things.
    pub fn index(&mut self, count: usize) -> Result<usize, RandomError> {
        if count == 0 {
            return Err(RandomError::NothingToPick);
        }
        Ok(self.rng.random_range(0..count))
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Result<&'a T, RandomError> {
        Ok(&items[self.index(items.len())?])
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.rng);
    }

    /// Lower-case letters and digits.
    pub fn string(&mut self, length: i64) -> Result<String, RandomError> {
        self.string_of(length, LETTERS_AND_DIGITS)
    }

    /// Characters out of an alphabet.
    pub fn string_of(&mut self, length: i64, alphabet: &str) -> Result<String, RandomError> {
        if length < 0 {
            return Err(RandomError::NegativeLength { asked: length });
        }
        if length > LONGEST_STRING {
            return Err(RandomError::TooLong { asked: length });
        }
        let alphabet: Vec<char> = alphabet.chars().collect();
        if alphabet.is_empty() {
            return Err(RandomError::NoAlphabet);
        }
        Ok((0..length)
            .map(|_| alphabet[self.rng.random_range(0..alphabet.len())])
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn o17_the_same_seed_draws_the_same_values() {
        let draw = |mut random: Random| {
            (
                random.int(0..1000),
                random.float(),
                random.string(20),
                random.name(),
            )
        };
        assert_eq!(draw(Random::new(Seed(7))), draw(Random::new(Seed(7))));
        assert_ne!(draw(Random::new(Seed(7))), draw(Random::new(Seed(8))));
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        let mut random = Random::new(Seed(1));
        assert_eq!(
            random.int(5..5).expect_err("empty").to_string(),
            "the range 5..5 is empty"
        );
        assert!(random.float_in(1.0, f64::INFINITY).is_err());
        assert!(random.float_in(f64::MIN, f64::MAX).is_err());
        assert_eq!(random.pick::<u8>(&[]), Err(RandomError::NothingToPick));
        assert_eq!(
            random.string(-1),
            Err(RandomError::NegativeLength { asked: -1 })
        );
        assert!(random.string(i64::MAX).is_err());
        assert_eq!(random.string_of(1, ""), Err(RandomError::NoAlphabet));
        assert!(random.chance(f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn draws_stay_in_their_range(seed: u64, from: i64, to: i64) {
            let mut random = Random::new(Seed(seed));
            if from < to {
                prop_assert!((from..to).contains(&random.int(from..to).unwrap()));
            }
            if from <= to {
                prop_assert!((from..=to).contains(&random.int_inclusive(from..=to).unwrap()));
            }
            prop_assert!((0.0..1.0).contains(&random.float()));
        }

        #[test]
        fn shuffling_keeps_every_element(seed: u64, items: Vec<u8>) {
            let mut shuffled = items.clone();
            Random::new(Seed(seed)).shuffle(&mut shuffled);
            shuffled.sort_unstable();
            let mut items = items;
            items.sort_unstable();
            prop_assert_eq!(shuffled, items);
        }
    }
}
