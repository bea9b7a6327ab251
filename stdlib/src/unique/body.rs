//! Names that never come twice. Knows no Rhai.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// `prefix-<milliseconds since 1970>-<8 hex digits>`. Within a process the digits never repeat in 2^32 calls; they
/// begin at a random place, so that two processes of the same millisecond differ too.
pub fn unique(prefix: &str) -> String {
    static CALLS: OnceLock<AtomicU32> = OnceLock::new();
    let calls = CALLS.get_or_init(|| AtomicU32::new(uuid::Uuid::new_v4().as_fields().0));
    let digits = scatter(calls.fetch_add(1, Ordering::Relaxed));
    let millis = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    match prefix {
        "" => format!("{millis}-{digits:08x}"),
        prefix => format!("{prefix}-{millis}-{digits:08x}"),
    }
}

/// One-to-one, so that different numbers stay different while neighbours look unalike.
fn scatter(n: u32) -> u32 {
    let n = (n ^ (n >> 16)).wrapping_mul(0x7feb_352d);
    let n = (n ^ (n >> 15)).wrapping_mul(0x846c_a68b);
    n ^ (n >> 16)
}

/// A random UUID (version 4).
pub fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a9_never_equal_in_10_000_parallel_calls() {
        let all: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..20)
                .map(|_| scope.spawn(|| (0..500).map(|_| unique("t")).collect::<Vec<_>>()))
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 10_000);
    }

    #[test]
    fn scattering_keeps_different_numbers_different() {
        let seen: HashSet<u32> = (0..100_000_u32).map(scatter).collect();
        assert_eq!(seen.len(), 100_000);
    }
}
