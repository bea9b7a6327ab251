//! How long something may still run, and who stopped it. Nested limits take the earlier one.

use super::pace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Why a script has to end now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The time of the whole attempt is up: what it was ("phase `prepare`") and how long.
    Deadline { what: String, after: Duration },
    /// Somebody stopped the attempt; the text says who.
    Cancelled(String),
    /// A narrower limit ran out, such as that of a `wait_until`; numbered by its depth.
    Limit(usize),
    /// Something the scenario needs came to an end; the text says what.
    Alarm(String),
    /// The script itself ended its phase with `skip(reason)`.
    Skipped(String),
}

/// The deadline and the stop switch of one attempt, or of its clean-up.
#[derive(Debug)]
pub struct Clock {
    started: Instant,
    deadline: Instant,
    what: String,
    stopped: AtomicBool,
    reason: Mutex<Option<(String, Instant)>>,
    token: CancellationToken,
    afterwards: Mutex<Afterwards>,
    /// Spares all clocks that never rest the question.
    rested: AtomicBool,
    rest: Mutex<Rest>,
}

/// Time that does not count, because a person looks at what stands still.
#[derive(Debug, Default)]
struct Rest {
    /// How many hold it: branches of one attempt may stand still at the same time.
    holders: usize,
    since: Option<Instant>,
    before: Duration,
}

impl Rest {
    fn so_far(&self) -> Duration {
        let now = self.since.map_or(Duration::ZERO, pace::since);
        self.before + now
    }
}

/// What follows a clock: the one of its clean-up, and whether there is time for one.
#[derive(Debug, Default)]
struct Afterwards {
    hurried: bool,
    cleanup: Option<Arc<Clock>>,
}

impl Clock {
    /// A clock that starts now and ends after `limit`; `what` names it in the timeout message.
    pub fn start(what: impl Into<String>, limit: Duration) -> Self {
        let started = pace::now();
        Self {
            started,
            deadline: started
                .checked_add(limit)
                .unwrap_or_else(|| started + Duration::from_secs(365 * 86400)),
            what: what.into(),
            stopped: AtomicBool::new(false),
            reason: Mutex::new(None),
            token: CancellationToken::new(),
            afterwards: Mutex::default(),
            rested: AtomicBool::new(false),
            rest: Mutex::default(),
        }
    }

    /// A clock for undoing what was done on this one. It has its own time, and only [`Clock::hurry`] stops both.
    pub fn begin_cleanup(&self, limit: Duration) -> Arc<Self> {
        let clock = Arc::new(Self::start("clean-up", limit));
        let mut afterwards = self.afterwards.lock().unwrap_or_else(|e| e.into_inner());
        if afterwards.hurried {
            clock.cancel(&self.reason());
        }
        afterwards.cleanup = Some(clock.clone());
        clock
    }

    /// Stops whatever runs on this clock, and its clean-up too.
    pub fn hurry(&self, reason: &str) {
        self.cancel(reason);
        let mut afterwards = self.afterwards.lock().unwrap_or_else(|e| e.into_inner());
        afterwards.hurried = true;
        if let Some(cleanup) = &afterwards.cleanup {
            cleanup.cancel(reason);
        }
    }

    fn reason(&self) -> String {
        let reason = self.reason.lock().unwrap_or_else(|e| e.into_inner());
        reason
            .as_ref()
            .map_or_else(String::new, |(reason, _)| reason.clone())
    }

    /// When the time is up.
    pub fn deadline(&self) -> Instant {
        self.deadline + self.rested()
    }

    /// How long it has been running.
    pub fn elapsed(&self) -> Duration {
        pace::since(self.started).saturating_sub(self.rested())
    }

    /// Stands still until the answer is dropped.
    pub fn hold(self: &Arc<Self>) -> Held {
        let mut rest = self.rest.lock().unwrap_or_else(|e| e.into_inner());
        rest.holders += 1;
        rest.since.get_or_insert_with(pace::now);
        self.rested.store(true, Ordering::Release);
        Held(self.clone())
    }

    /// How long it stood still.
    fn rested(&self) -> Duration {
        if !self.rested.load(Ordering::Acquire) {
            return Duration::ZERO;
        }
        let rest = self.rest.lock().unwrap_or_else(|e| e.into_inner());
        rest.so_far()
    }

    /// Stops whatever runs on this clock; the first reason given is kept.
    pub fn cancel(&self, reason: &str) {
        self.reason
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .get_or_insert_with(|| (reason.to_owned(), pace::now()));
        // In this order: who sees that it is stopped also sees why.
        self.token.cancel();
        self.stopped.store(true, Ordering::Release);
    }

    /// Resolves once [`Clock::cancel`] was called.
    pub async fn cancelled(&self) {
        self.token.cancelled().await;
    }

    /// Why everything on this clock has to end, if it has to. Once it has, it stays so.
    pub fn stop(&self) -> Option<Stop> {
        if self.token.is_cancelled() {
            return Some(Stop::Cancelled(self.reason()));
        }
        (self.stopped.load(Ordering::Acquire) || pace::now() >= self.deadline()).then(|| {
            self.stopped.store(true, Ordering::Release);
            Stop::Deadline {
                what: self.what.clone(),
                after: self.deadline - self.started,
            }
        })
    }

    /// How long ago whatever runs on this clock should have ended; `None` while it may still run. Somebody may look at the
    /// clean-up of what was cancelled: that does not count either.
    pub fn overdue(&self) -> Option<Duration> {
        let reason = self.reason.lock().unwrap_or_else(|e| e.into_inner());
        let cancelled = reason.as_ref().map(|(_, at)| *at + self.rested());
        let end = cancelled.map_or(self.deadline(), |at| self.deadline().min(at));
        pace::now().checked_duration_since(end)
    }

    /// The cheap question for every operation of a script: was a stop seen before?
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// A clock that stands still.
#[derive(Debug)]
pub struct Held(Arc<Clock>);

impl Drop for Held {
    fn drop(&mut self) {
        let mut rest = self.0.rest.lock().unwrap_or_else(|e| e.into_inner());
        rest.holders -= 1;
        if rest.holders == 0 {
            rest.before = rest.so_far();
            rest.since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_does_not_count_while_a_clock_is_held() {
        let clock = Arc::new(Clock::start("phase `a`", Duration::from_millis(20)));
        let held = clock.hold();
        std::thread::sleep(Duration::from_millis(40));
        assert_eq!(clock.stop(), None);
        assert!(clock.overdue().is_none());
        drop(held);
        assert!(clock.elapsed() < Duration::from_millis(40));
        while clock.stop().is_none() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_clock_stands_still_as_long_as_anybody_holds_it() {
        let clock = Arc::new(Clock::start("phase `a`", Duration::from_millis(20)));
        let (one, other) = (clock.hold(), clock.hold());
        drop(one);
        std::thread::sleep(Duration::from_millis(40));
        assert_eq!(clock.stop(), None);
        drop(other);
        while clock.stop().is_none() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_deadline_once_over_stays_over() {
        let clock = Clock::start("phase `a`", Duration::ZERO);
        assert!(matches!(clock.stop(), Some(Stop::Deadline { .. })));
        assert!(clock.is_stopped());
    }

    #[test]
    fn the_first_reason_to_cancel_is_kept() {
        let clock = Clock::start("phase `a`", Duration::from_secs(60));
        assert_eq!(clock.stop(), None);
        clock.cancel("Ctrl-C");
        clock.cancel("later");
        assert_eq!(clock.stop(), Some(Stop::Cancelled("Ctrl-C".into())));
    }

    #[test]
    fn a_clean_up_has_its_own_time_unless_there_is_a_hurry() {
        let minute = Duration::from_secs(60);
        let clock = Clock::start("phase `a`", minute);
        let cleanup = clock.begin_cleanup(minute);
        clock.cancel("Ctrl-C");
        assert_eq!(cleanup.stop(), None);
        clock.hurry("Ctrl-C again");
        assert_eq!(cleanup.stop(), Some(Stop::Cancelled("Ctrl-C again".into())));
        let late = clock.begin_cleanup(minute);
        assert_eq!(late.stop(), Some(Stop::Cancelled("Ctrl-C".into())));
    }
}
