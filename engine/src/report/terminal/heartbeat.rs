//! A sign of life where nothing is drawn: a CI job that is silent for long is taken for dead and ended.

use super::live::{self, Doing};
use crate::model::View;
use crate::report::clean;
use jiff::Timestamp;
use scenario_stdlib::host::duration::show;
use std::time::{Duration, Instant};

/// Silence before the first sign, and the longest between two; it doubles in between.
const FIRST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(300);

/// Knows when it is time for the next sign.
#[derive(Debug)]
pub struct Heartbeat {
    last: Instant,
    pause: Duration,
}

impl Heartbeat {
    /// Starts to count now.
    pub fn start(now: Instant) -> Self {
        Self {
            last: now,
            pause: FIRST,
        }
    }

    /// Something was written anyway.
    pub fn spoke(&mut self, now: Instant) {
        *self = Self::start(now);
    }

    /// Whether a sign has to be given; counts as given then.
    pub fn is_due(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.last) < self.pause {
            return false;
        }
        self.last = now;
        self.pause = (self.pause * 2).min(LONGEST);
        true
    }
}

/// `still at it after 5m 10s: 45 of 50 ended, 3 executing, 2 waiting; longest is Export finishes › validate …`.
pub fn text(view: &View, now: Timestamp) -> String {
    let counts = view.counts();
    let doings = live::doings(view, now);
    let waiting = doings.iter().filter(|doing| doing.waits).count();
    let mut text = format!(
        "still at it after {}: {} of {} ended, {} executing, {waiting} waiting",
        show(view.started.map_or(Duration::ZERO, |began| {
            crate::report::timeline::between(began, now)
        })),
        counts.total - counts.open,
        counts.total,
        doings.len() - waiting,
    );
    if let Some(longest) = doings.iter().max_by_key(|doing| doing.since) {
        let Doing {
            scenario, since, ..
        } = longest;
        text.push_str(&format!(
            "; longest: {} › {}, {}",
            clean::name(scenario.declared.id.name()),
            longest.words(),
            show(*since)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_become_rarer_until_something_is_said() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut heartbeat = Heartbeat::start(start);
        let due: Vec<u64> = (0..1200)
            .step_by(10)
            .filter(|s| heartbeat.is_due(at(*s)))
            .collect();
        assert_eq!(due, [60, 180, 420, 720, 1020]);
        heartbeat.spoke(at(1200));
        assert!(!heartbeat.is_due(at(1250)));
        assert!(heartbeat.is_due(at(1260)));
    }
}
