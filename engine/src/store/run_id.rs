//! How a new run is called.

use crate::model::RunId;
use jiff::Timestamp;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A new id for a run that begins `at`: sorts by time, in UTC so that no clock change upsets the order, and ends in four
/// random characters, because several machines may begin runs in one second.
pub fn new_run_id(at: Timestamp) -> RunId {
    // The standard library seeds its hashers from the system's randomness: enough to tell runs apart, and no secret.
    compose(at, RandomState::new().build_hasher().finish())
}

/// Digits and letters that are not taken for one another when read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn compose(at: Timestamp, random: u64) -> RunId {
    let tail: String = (0..4)
        .map(|place| char::from(ALPHABET[(random >> (5 * place)) as usize % ALPHABET.len()]))
        .collect();
    RunId(format!("{}-{tail}", at.strftime("%Y%m%d-%H%M%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_sorts_by_time_and_is_the_same_in_every_time_zone() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = compose(at("2026-11-21T10:15:00Z"), u64::MAX);
        let second = compose(at("2026-11-21T11:15:01+01:00"), 0);
        assert_eq!(first.0, "20261121-101500-zzzz");
        assert_eq!(second.0, "20261121-101501-0000");
        assert!(first < second);
    }

    #[test]
    fn two_ids_of_one_moment_differ() {
        let ids: std::collections::HashSet<_> =
            (0..50).map(|_| new_run_id(Timestamp::UNIX_EPOCH)).collect();
        assert!(ids.len() > 45, "{ids:?}");
    }
}
