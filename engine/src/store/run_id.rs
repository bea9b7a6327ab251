//! How a new run is called.

use crate::model::RunId;
use jiff::Timestamp;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A new id for a run that begins `at`: sorts by time, in UTC so that no clock change upsets the order, down to about a
/// millisecond, and ends in three random characters, because several machines may begin runs at the same time.
pub fn new_run_id(at: Timestamp) -> RunId {
    // The standard library seeds its hashers from the system's randomness: enough to tell runs apart, and no secret.
    compose(at, RandomState::new().build_hasher().finish())
}

/// Digits and letters that are not taken for one another when read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn compose(at: Timestamp, random: u64) -> RunId {
    let sign = |bits: u64| char::from(ALPHABET[bits as usize % ALPHABET.len()]);
    let within = at.subsec_nanosecond().unsigned_abs() as u64 * 1024 / 1_000_000_000;
    let tail: String = [within >> 5, within, random, random >> 5, random >> 10]
        .into_iter()
        .map(sign)
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
        assert_eq!(first.0, "20261121-101500-00zzz");
        assert_eq!(second.0, "20261121-101501-00000");
        assert!(first < second);
    }

    #[test]
    fn two_ids_of_one_moment_differ() {
        let ids: std::collections::HashSet<_> =
            (0..50).map(|_| new_run_id(Timestamp::UNIX_EPOCH)).collect();
        assert!(ids.len() > 45, "{ids:?}");
    }
}
