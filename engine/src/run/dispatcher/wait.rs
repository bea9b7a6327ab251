//! One wait: what was seen, for how long, and when it is over. Pure.

use super::Rules;
use crate::model::event::HOLDS;
use crate::model::progress::Waiting;
use crate::model::{Phase, PhaseKey, What};
use jiff::Timestamp;
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::{Code, Failure};
use std::time::{Duration, Instant};

/// How long a phase may wait to be ready when it does not say.
const DEFAULT_WITHIN: Duration = Duration::from_secs(600);
/// How long a person or another system may take to answer when the phase does not say.
const DEFAULT_ANSWER: Duration = Duration::from_secs(24 * 3600);

/// To what a growing pause grows, unless it began with more; as in `wait_until`.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A phase that waits.
#[derive(Debug)]
pub struct Wait {
    /// When this process began to watch it.
    pub session: Instant,
    /// When it is first looked at: later than that, if it is `not_before` something.
    pub first: Instant,
    /// For how long other processes watched.
    pub watched: Duration,
    expires: Option<Instant>,
    pub polls: u64,
    pub seen: String,
    pub seen_since: Instant,
    pub in_flight: bool,
    /// Since when what has to hold `during` another phase does not.
    broken: Option<Instant>,
    gaps: Vec<Gap>,
}

/// A time in which something did not hold.
#[derive(Clone, Debug, PartialEq)]
struct Gap {
    /// After the wait began.
    after: Duration,
    long: Duration,
    seen: String,
}

/// What follows from a poll that said *not yet*.
pub enum Waited {
    Again {
        at: Instant,
        observed: Option<Box<What>>,
    },
    TimedOut(Box<Failure>),
}

impl Wait {
    /// A wait that begins now.
    pub fn begin(phase: &Phase, now: Instant, rules: &Rules) -> Self {
        let first = now + rules.scaled(phase.not_before.unwrap_or_default());
        Self {
            session: now,
            first,
            watched: Duration::ZERO,
            expires: phase.expires.map(|limit| now + limit),
            polls: 0,
            seen: String::new(),
            seen_since: first,
            in_flight: false,
            broken: None,
            gaps: Vec::new(),
        }
    }

    /// A wait that another process began, and that goes on `now`, which is `clock` by the calendar.
    pub fn resume(
        phase: &Phase,
        former: &Waiting,
        now: Instant,
        clock: Timestamp,
        rules: &Rules,
    ) -> Self {
        let past = Duration::try_from(clock.duration_since(former.since)).unwrap_or_default();
        let left = |limit: Duration| limit.saturating_sub(past);
        let first = now + left(rules.scaled(phase.not_before.unwrap_or_default()));
        Self {
            first,
            // The time before the first look was no watching.
            watched: former
                .watched
                .saturating_sub(rules.scaled(phase.not_before.unwrap_or_default())),
            expires: phase.expires.map(|limit| now + left(limit)),
            polls: former.polls,
            seen: former.seen.clone(),
            seen_since: first,
            ..Self::begin(phase, now, rules)
        }
    }

    /// The pause behind the next poll: it grows, where that is asked for.
    pub fn pause(&self, phase: &Phase, rules: &Rules) -> Duration {
        let every = phase.every.unwrap_or(rules.every);
        let Some(factor) = phase.backoff else {
            return every;
        };
        let longest = every.max(LONGEST_PAUSE);
        let polls = i32::try_from(self.polls).unwrap_or(i32::MAX);
        let grown = every.as_secs_f64() * factor.powi(polls);
        Duration::try_from_secs_f64(grown).map_or(longest, |grown| grown.min(longest))
    }

    /// When to look again behind an answer of now. The beat is kept from the first look on, so that what looks and answers take
    /// does not add up; but at least half a pause is between an answer and the next look.
    pub fn next_look(&self, phase: &Phase, now: Instant, rules: &Rules) -> Instant {
        let pause = self.pause(phase, rules);
        let half = (pause / 2).as_nanos();
        if phase.backoff.is_some() || half == 0 {
            return now + pause;
        }
        let since = now.saturating_duration_since(self.first).as_nanos();
        let late = u64::try_from(since % half).unwrap_or(0);
        now + pause.saturating_sub(Duration::from_nanos(late))
    }

    /// When it has been watched for long enough.
    pub fn end(&self, phase: &Phase, rules: &Rules) -> Instant {
        let end = self.first + within(phase, rules).saturating_sub(self.watched);
        self.expires.map_or(end, |expires| expires.min(end))
    }

    /// Takes note of a poll that said *not yet*.
    pub fn not_yet(
        &mut self,
        phase: &Phase,
        key: PhaseKey,
        seen: String,
        exchange: Option<String>,
        now: Instant,
        rules: &Rules,
    ) -> Waited {
        let next = self.next_look(phase, now, rules);
        let observed = self.saw(key, seen, now);
        let end = self.end(phase, rules);
        if now >= end {
            return Waited::TimedOut(Box::new(self.timed_out(phase, exchange, now, rules)));
        }
        let at = next.min(end.max(now));
        Waited::Again { at, observed }
    }

    /// The failure of a wait that took too long.
    pub fn timed_out(
        &self,
        phase: &Phase,
        exchange: Option<String>,
        now: Instant,
        rules: &Rules,
    ) -> Failure {
        let limit = within(phase, rules);
        let expired = self.expires.filter(|expires| now >= *expires);
        let message = match (&phase.signal, expired, phase.expires) {
            (_, Some(_), Some(limit)) => format!(
                "phase \"{}\" expired {} after it began to wait",
                phase.name,
                show(limit)
            ),
            (Some(signal), ..) => format!(
                "phase \"{}\" got no signal \"{signal}\" within {}",
                phase.name,
                show(limit)
            ),
            _ => format!(
                "phase \"{}\" was not ready within {}",
                phase.name,
                show(limit)
            ),
        };
        let failure = Failure::product(Code::WaitTimeout, message);
        if let Some(signal) = &phase.signal {
            return failure.hint(format!(
                "`scenario signal RUN {signal}` sends it; allow more time with the option `within`"
            ));
        }
        let failure = failure
            .detail("last seen", self.seen.clone())
            .detail("unchanged for", show(now.saturating_duration_since(self.seen_since)))
            .detail("polls", self.polls.to_string())
            .hint("allow more time with the option `within`, or end the wait with give_up(\"…\") when it cannot come true");
        match exchange {
            Some(exchange) => failure.detail("last exchange", exchange),
            None => failure,
        }
    }

    /// What a poll saw, as an event if it is new.
    fn saw(&mut self, key: PhaseKey, seen: String, now: Instant) -> Option<Box<What>> {
        self.in_flight = false;
        self.polls += 1;
        (self.seen != seen).then(|| {
            self.seen.clone_from(&seen);
            self.seen_since = now;
            Box::new(What::Observed {
                phase: key,
                seen,
                polls: self.polls,
            })
        })
    }

    // ---- during another phase ----------------------------------------------------------------------

    /// Takes note of whether what has to hold does: `seen` is what there was instead.
    pub fn looked(
        &mut self,
        key: PhaseKey,
        seen: Option<String>,
        now: Instant,
    ) -> Option<Box<What>> {
        match &seen {
            None => self.mend(now),
            Some(_) => drop(self.broken.get_or_insert(now)),
        }
        self.saw(key, seen.unwrap_or_else(|| HOLDS.into()), now)
    }

    /// Ends an open gap.
    fn mend(&mut self, now: Instant) {
        if let Some(since) = self.broken.take() {
            self.gaps.push(Gap {
                after: since.saturating_duration_since(self.session),
                long: now.saturating_duration_since(since),
                seen: self.seen.clone(),
            });
        }
    }

    /// What is wrong with how it held, now that the other phase is over.
    pub fn broke(&mut self, phase: &Phase, now: Instant) -> Option<Failure> {
        self.mend(now);
        let too_long = self.gaps.iter().filter(|gap| gap.long > phase.max_gap);
        let longest = too_long.max_by_key(|gap| gap.long)?;
        let other = phase.during.as_deref().unwrap_or_default();
        let times = match self.gaps.len() {
            1 => "once".to_owned(),
            many => format!("{many} times"),
        };
        let mut failure = Failure::product(
            Code::WaitTimeout,
            format!(
                "phase \"{}\" did not hold during \"{other}\": broken {times}, the longest for {}",
                phase.name,
                show(longest.long)
            ),
        );
        for gap in self.gaps.iter().take(GAPS_SHOWN) {
            let place = format!("after {}", show(gap.after));
            failure = failure.detail(place, format!("for {}: {}", show(gap.long), gap.seen));
        }
        if let Some(more) = self
            .gaps
            .len()
            .checked_sub(GAPS_SHOWN)
            .filter(|more| *more > 0)
        {
            failure = failure.detail("and", format!("{more} more"));
        }
        Some(
            failure
                .detail("polls", self.polls.to_string())
                .hint("gaps that may be are allowed with the option `max_gap`"),
        )
    }
}

/// How many gaps a failure lists.
const GAPS_SHOWN: usize = 10;

fn within(phase: &Phase, rules: &Rules) -> Duration {
    match (phase.within, &phase.signal) {
        (Some(within), _) => rules.scaled(within),
        // People are not slower on a slow machine.
        (None, Some(_)) => DEFAULT_ANSWER,
        (None, None) => rules.scaled(DEFAULT_WITHIN),
    }
}
