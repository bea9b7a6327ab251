//! Time as limits count it: what goes by while the whole program is stopped (Ctrl-Z) is nobody's fault, and does not count.
//!
//! Moments of this time are only compared with each other. As long as nobody stops the program they are those of the clock.

use nix::sys::signal::{Signal, raise};
use std::sync::RwLock;
use std::time::{Duration, Instant};

/// What the program was stopped for, and since when it is.
struct Still {
    before: Duration,
    since: Option<Instant>,
}

static STILL: RwLock<Still> = RwLock::new(Still {
    before: Duration::ZERO,
    since: None,
});

/// The least pause of somebody who looks again while all stands still.
const LOOK: Duration = Duration::from_millis(1);

/// What it is now.
pub fn now() -> Instant {
    let still = STILL.read().unwrap_or_else(|e| e.into_inner());
    let now = still.since.unwrap_or_else(Instant::now);
    // A program cannot have been stopped for longer than it has been there.
    now.checked_sub(still.before).unwrap_or(now)
}

/// How much of this time went by since.
pub fn since(at: Instant) -> Duration {
    now().saturating_duration_since(at)
}

/// Resolves when it is `at`.
pub async fn until(at: Instant) {
    loop {
        let left = at.saturating_duration_since(now());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.max(LOOK)).await;
    }
}

/// Stops the whole program, as Ctrl-Z is meant to. Comes back when somebody lets it go on.
pub fn stop() {
    still(|| {
        // Of all signals this one cannot fail.
        let _ = raise(Signal::SIGSTOP);
    });
}

fn still(meanwhile: impl FnOnce()) {
    let write = || STILL.write().unwrap_or_else(|e| e.into_inner());
    // Before it stops, so that nobody who wakes first takes the time for gone by.
    write().since.get_or_insert_with(Instant::now);
    meanwhile();
    let mut still = write();
    if let Some(since) = still.since.take() {
        still.before += since.elapsed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_3_what_goes_by_while_all_stands_still_does_not_count() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap();
        let began = now();
        let end = began + Duration::from_millis(300);
        let waiting = runtime.spawn(async move {
            until(end).await;
            now()
        });
        let real = Instant::now();
        still(|| {
            let held = now();
            std::thread::sleep(Duration::from_millis(500));
            assert_eq!(now(), held);
        });
        let woken = runtime.block_on(waiting).unwrap();
        assert!(woken >= end);
        assert!(real.elapsed() >= Duration::from_millis(500) + (end - began) / 2);
        assert!(since(began) + Duration::from_millis(450) < real.elapsed());
    }
}
