//! What goes wrong beside a scenario, such as the end of a service it needs: told once, as the root of what follows,
//! instead of as many errors as there were calls. Knows nothing of services.

use super::failure::Failure;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The alarms of one scenario's try.
#[derive(Default)]
pub struct Alarms {
    inner: Mutex<Inner>,
    heard: Condvar,
    rung: Notify,
}

#[derive(Default)]
struct Inner {
    alarms: Vec<Alarm>,
    /// How many things could still ring.
    watched: usize,
}

struct Alarm {
    failure: Failure,
    told: Told,
}

/// How far the news of an alarm has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// Nobody has heard of it.
    Not,
    /// A script was stopped by it, but it may have been inside a poll.
    Raised,
    /// It is among the bad news of an attempt.
    Kept,
}

impl Alarms {
    /// Announces something that may ring, so that errors of traffic are given a moment to find their root.
    pub fn watch(&self) {
        self.lock().watched += 1;
    }

    /// Takes back one [`Alarms::watch`].
    pub fn unwatch(&self) {
        let mut inner = self.lock();
        inner.watched = inner.watched.saturating_sub(1);
    }

    /// Rings: whatever runs and waits in the scenario hears of it.
    pub fn ring(&self, failure: Failure) {
        self.lock().alarms.push(Alarm {
            failure,
            told: Told::Not,
        });
        self.heard.notify_all();
        self.rung.notify_waiters();
    }

    /// Resolves once there is an alarm nobody has heard of.
    pub async fn rings(&self) {
        loop {
            let mut rung = std::pin::pin!(self.rung.notified());
            // Registered before looking, so that a ring in between is not missed.
            rung.as_mut().enable();
            if self.is_ringing() {
                return;
            }
            rung.await;
        }
    }

    /// Whether there is an alarm nobody has heard of.
    pub fn is_ringing(&self) -> bool {
        self.lock()
            .alarms
            .iter()
            .any(|alarm| alarm.told == Told::Not)
    }

    /// Gives an alarm that is on its way at most `patience` to ring: a connection breaks a moment before the end of the
    /// process behind it is known.
    pub fn listen(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut inner = self.lock();
        while inner.watched > 0 && inner.alarms.iter().all(|alarm| alarm.told == Told::Kept) {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return;
            };
            inner = self
                .heard
                .wait_timeout(inner, left)
                .unwrap_or_else(|e| e.into_inner())
                .0;
        }
    }

    /// Takes the first alarm nobody has heard of; `during` says what was going on.
    pub fn raise(&self, during: Option<&str>) -> Option<Failure> {
        self.advance(Told::Raised, during)
    }

    /// Takes the first alarm that is not yet among the bad news; the caller puts it there.
    pub fn keep(&self, during: Option<&str>) -> Option<Failure> {
        self.advance(Told::Kept, during)
    }

    fn advance(&self, to: Told, during: Option<&str>) -> Option<Failure> {
        let mut inner = self.lock();
        let alarm = inner.alarms.iter_mut().find(|alarm| alarm.told < to)?;
        if alarm.told == Told::Not
            && let Some(during) = during
        {
            alarm.failure.message.push_str(&format!(" while {during}"));
        }
        alarm.told = to;
        Some(alarm.failure.clone())
    }

    /// Marks the alarm that `failure` tells as kept.
    pub fn kept(&self, failure: &Failure) {
        let mut inner = self.lock();
        for alarm in &mut inner.alarms {
            if alarm.failure.message == failure.message {
                alarm.told = Told::Kept;
            }
        }
    }

    /// The words of the first alarm that was told, for what fails after it.
    pub fn root(&self) -> Option<String> {
        let inner = self.lock();
        let told = inner.alarms.iter().find(|alarm| alarm.told == Told::Kept);
        told.map(|alarm| alarm.failure.message.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::failure::Code;

    fn ended() -> Failure {
        Failure::product(Code::Service, "service `db` exited with code 1")
    }

    #[test]
    fn an_alarm_is_raised_once_and_kept_once() {
        let alarms = Alarms::default();
        assert!(alarms.raise(None).is_none());
        alarms.ring(ended());
        assert!(alarms.is_ringing());
        let raised = alarms.raise(Some("GET /")).unwrap();
        assert_eq!(
            raised.message,
            "service `db` exited with code 1 while GET /"
        );
        assert!(alarms.raise(None).is_none() && !alarms.is_ringing());
        assert_eq!(alarms.root(), None);
        assert_eq!(alarms.keep(Some("later")).unwrap().message, raised.message);
        assert!(alarms.keep(None).is_none());
        assert_eq!(alarms.root(), Some(raised.message));
    }

    #[test]
    fn listening_ends_with_the_ring_or_when_nothing_can_ring() {
        let alarms = Alarms::default();
        let began = Instant::now();
        alarms.listen(Duration::from_secs(60));
        alarms.watch();
        std::thread::scope(|scope| {
            scope.spawn(|| alarms.ring(ended()));
            alarms.listen(Duration::from_secs(60));
        });
        assert!(began.elapsed() < Duration::from_secs(30));
        assert!(alarms.is_ringing());
    }
}
