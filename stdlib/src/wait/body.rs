//! The loop behind every wait inside a phase.

use crate::host::attempt::Attempt;
use crate::host::clock::Stop;
use crate::host::duration::show;
use crate::host::failure::{Code, Detail, Failure};
use crate::host::json;
use crate::host::pace;
use crate::host::poll::Poll;
use crate::host::record::{Record, StepId};
use rhai::Dynamic;
use std::time::{Duration, Instant};

/// First and longest pause when the script does not say.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How far past the deadline the last poll may still answer.
const LAST_POLL: Duration = Duration::from_millis(500);

/// How a wait is to be done.
#[derive(Clone, Debug)]
pub struct Manner {
    pub timeout: Duration,
    pub every: Option<Duration>,
    pub backoff: Option<f64>,
    pub jitter: f64,
    pub hold_for: Duration,
    pub message: Option<String>,
}

impl Manner {
    /// As it is when nothing is said but the time limit.
    pub fn within(timeout: Duration) -> Self {
        Self {
            timeout,
            every: None,
            backoff: None,
            jitter: 0.0,
            hold_for: Duration::ZERO,
            message: None,
        }
    }
}

/// How a wait ended, if not well.
#[derive(Debug)]
pub enum Ended {
    Failed(Box<Failure>),
    Stopped(Stop),
}

/// The pauses between polls. Pure: told the last one, gives the next.
#[derive(Clone, Debug)]
struct Pauses {
    next: Duration,
    factor: f64,
    longest: Duration,
    jitter: f64,
    seed: u64,
}

impl Pauses {
    fn of(manner: &Manner, seed: u64) -> Self {
        let factor = manner
            .backoff
            .unwrap_or(if manner.every.is_some() { 1.0 } else { 1.5 });
        let next = manner.every.unwrap_or(FIRST_PAUSE);
        Self {
            next,
            factor,
            longest: match manner.every {
                Some(every) if factor > 1.0 => every.max(Duration::from_secs(30)),
                Some(every) => every,
                None => LONGEST_PAUSE,
            },
            jitter: manner.jitter,
            seed,
        }
    }

    fn take(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.mul_f64(self.factor).min(self.longest);
        if self.jitter == 0.0 {
            return pause;
        }
        // A small generator of its own: jitter must not disturb the script's seeded randomness.
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let share = (self.seed >> 33) as f64 / f64::from(1_u32 << 31);
        pause.mul_f64(1.0 - self.jitter + 2.0 * self.jitter * share)
    }
}

/// What was seen, from when on. Told to the account only when it changes.
struct Sightings {
    began: Instant,
    polls: u64,
    last: String,
    since: Duration,
}

impl Sightings {
    fn start() -> Self {
        Self {
            began: pace::now(),
            polls: 0,
            last: String::new(),
            since: Duration::ZERO,
        }
    }

    fn see(&mut self, attempt: &Attempt, step: Option<StepId>, seen: String) {
        self.polls += 1;
        if seen == self.last {
            return;
        }
        self.since = pace::since(self.began);
        self.last = seen;
        if step.is_some() {
            attempt.record(Record::Observed {
                step,
                seen: self.last.clone(),
                polls: self.polls,
            });
        }
    }

    fn details(&self) -> Vec<Detail> {
        let mut details = Vec::new();
        if !self.last.is_empty() {
            let kept = pace::since(self.began).saturating_sub(self.since);
            details.push(Detail::new("last seen", self.last.clone()));
            details.push(Detail::new("unchanged for", show(kept)));
        }
        details.push(Detail::new("polls", self.polls.to_string()));
        details
    }

    fn describe(&self, mut failure: Failure) -> Failure {
        failure.details.extend(self.details());
        failure
    }

    /// The wait is stopped: what it saw is told with the stop.
    fn stopped(&self, attempt: &Attempt, stop: Stop) -> Ended {
        attempt.was_seeing(self.details());
        Ended::Stopped(stop)
    }
}

/// Polls until the condition holds (and goes on holding for `hold_for`), can never hold, or the time is up.
pub fn wait_until(
    attempt: &Attempt,
    manner: &Manner,
    step: Option<StepId>,
    mut poll: impl FnMut() -> Poll,
) -> Result<Dynamic, Ended> {
    let deadline = pace::now() + manner.timeout;
    let mut pauses = Pauses::of(manner, attempt.world().seed);
    let mut sightings = Sightings::start();
    let mut held_since: Option<Instant> = None;
    loop {
        let (answer, timed_out) = attempt.limited(deadline + LAST_POLL, |depth| match poll() {
            Poll::Stopped(Stop::Limit(fired)) if fired == depth => (
                Poll::NotYet("the last poll did not answer in time".into()),
                true,
            ),
            answer => (answer, false),
        });
        match answer {
            Poll::Done(value) => {
                let since = *held_since.get_or_insert_with(pace::now);
                sightings.see(attempt, step, json::show(&value, 200));
                if pace::since(since) >= manner.hold_for {
                    return Ok(value);
                }
                let left = manner.hold_for.saturating_sub(pace::since(since));
                attempt
                    .sleep(pauses.take().min(left))
                    .map_err(|stop| sightings.stopped(attempt, stop))?;
                continue;
            }
            Poll::NotYet(seen) => {
                if let Some(since) = held_since {
                    let failure = Failure::product(
                        Code::Assertion,
                        format!(
                            "{} held for {} only, not {}",
                            subject(manner),
                            show(pace::since(since)),
                            show(manner.hold_for)
                        ),
                    )
                    .detail("then saw", seen);
                    return Err(Ended::Failed(Box::new(failure)));
                }
                sightings.see(attempt, step, seen);
            }
            Poll::Never(failure) => {
                let failure = if failure.code == Code::GaveUp {
                    sightings.describe(*failure)
                } else {
                    *failure
                };
                return Err(Ended::Failed(Box::new(failure)));
            }
            Poll::Stopped(stop) => return Err(sightings.stopped(attempt, stop)),
        }
        let now = pace::now();
        if timed_out || now >= deadline {
            let failure = Failure::product(
                Code::WaitTimeout,
                format!(
                    "{} did not come true within {}",
                    subject(manner),
                    show(manner.timeout)
                ),
            );
            return Err(Ended::Failed(Box::new(sightings.describe(failure))));
        }
        attempt
            .sleep(pauses.take().min(deadline - now))
            .map_err(|stop| sightings.stopped(attempt, stop))?;
    }
}

/// Polls first and last and in between; the condition must not hold even once.
pub fn never(
    attempt: &Attempt,
    manner: &Manner,
    mut poll: impl FnMut() -> Poll,
) -> Result<(), Ended> {
    let began = pace::now();
    let deadline = began + manner.timeout;
    let mut pauses = Pauses::of(manner, attempt.world().seed);
    let mut last_poll = false;
    loop {
        match poll() {
            Poll::Done(value) => {
                let failure = Failure::product(
                    Code::Assertion,
                    format!(
                        "{} came true after {}, and should never have",
                        subject(manner),
                        show(pace::since(began))
                    ),
                )
                .detail("value", json::show(&value, 500));
                return Err(Ended::Failed(Box::new(failure)));
            }
            Poll::NotYet(_) => {}
            Poll::Never(failure) => return Err(Ended::Failed(failure)),
            Poll::Stopped(stop) => return Err(Ended::Stopped(stop)),
        }
        if last_poll {
            return Ok(());
        }
        let left = deadline.saturating_duration_since(pace::now());
        attempt
            .sleep(pauses.take().min(left))
            .map_err(Ended::Stopped)?;
        last_poll = pace::now() >= deadline;
    }
}

fn subject(manner: &Manner) -> String {
    match &manner.message {
        Some(message) => format!("\"{message}\""),
        None => "the condition".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(manner: &Manner, count: usize) -> Vec<u64> {
        let mut pauses = Pauses::of(manner, 7);
        (0..count)
            .map(|_| pauses.take().as_millis() as u64)
            .collect()
    }

    #[test]
    fn pauses_grow_only_when_nobody_said_how_long() {
        let mut manner = Manner::within(Duration::from_secs(1));
        assert_eq!(taken(&manner, 4), [20, 30, 45, 67]);
        assert_eq!(taken(&manner, 20)[19], 500);
        manner.every = Some(Duration::from_millis(100));
        assert_eq!(taken(&manner, 3), [100, 100, 100]);
        manner.backoff = Some(2.0);
        assert_eq!(taken(&manner, 3), [100, 200, 400]);
    }

    #[test]
    fn jitter_stays_within_its_share() {
        let mut manner = Manner::within(Duration::from_secs(1));
        manner.every = Some(Duration::from_millis(100));
        manner.jitter = 0.5;
        let pauses = taken(&manner, 50);
        assert!(pauses.iter().all(|ms| (50..=150).contains(ms)));
        assert!(pauses.iter().any(|ms| *ms != pauses[0]));
    }
}
