//! Conversations and the log of calls, in memory and bounded. It knows nothing of HTTP but its status codes.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::knobs::Knobs;

const MOST_CALLS: usize = 1_000;
const MOST_MESSAGES: usize = 1_000;
const MOST_PEOPLE: usize = 50_000;

pub(crate) struct Chat {
    talk: Mutex<HashMap<String, VecDeque<Exchange>>>,
    calls: Mutex<VecDeque<Call>>,
    knobs: Mutex<Knobs>,
    next: AtomicU64,
    start: (Duration, u64),
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Exchange {
    pub id: u64,
    pub at: Timestamp,
    pub text: String,
    pub reply: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Call {
    at: Timestamp,
    who: String,
    text: String,
    status: u16,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Chat {
    pub fn new(delay: Duration, seed: u64) -> Self {
        Self {
            talk: Mutex::default(),
            calls: Mutex::default(),
            knobs: Mutex::new(Knobs::new(delay, seed)),
            next: AtomicU64::new(1),
            start: (delay, seed),
        }
    }

    pub fn reset(&self) {
        let (delay, seed) = self.start;
        lock(&self.talk).clear();
        lock(&self.calls).clear();
        *lock(&self.knobs) = Knobs::new(delay, seed);
        self.next.store(1, Ordering::Relaxed);
    }

    pub fn history(&self, who: &str) -> Vec<Exchange> {
        lock(&self.talk)
            .get(who)
            .map(|talk| talk.iter().cloned().collect())
            .unwrap_or_default()
    }

    pub(super) fn remember(&self, who: &str, exchange: Exchange) {
        let mut talk = lock(&self.talk);
        if talk.len() >= MOST_PEOPLE && !talk.contains_key(who) {
            talk.clear();
        }
        let own = talk.entry(who.to_owned()).or_default();
        if own.len() == MOST_MESSAGES {
            own.pop_front();
        }
        own.push_back(exchange);
    }

    pub(super) fn log(&self, who: &str, text: &str, status: StatusCode) {
        let mut calls = lock(&self.calls);
        if calls.len() == MOST_CALLS {
            calls.pop_front();
        }
        calls.push_back(Call {
            at: Timestamp::now(),
            who: who.to_owned(),
            text: text.to_owned(),
            status: status.as_u16(),
        });
    }

    /// A number of its own for each exchange.
    pub(super) fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).iter().cloned().collect()
    }

    pub(super) fn knobs(&self) -> MutexGuard<'_, Knobs> {
        lock(&self.knobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_are_kept_apart_and_bounded() {
        let chat = Chat::new(Duration::ZERO, 1);
        for id in 0..(MOST_MESSAGES as u64 + 5) {
            chat.remember(
                "a",
                Exchange {
                    id,
                    at: Timestamp::UNIX_EPOCH,
                    text: String::new(),
                    reply: String::new(),
                },
            );
        }
        assert_eq!(chat.history("a").len(), MOST_MESSAGES);
        assert_eq!(chat.history("a")[0].id, 5);
        assert!(chat.history("b").is_empty());
    }
}
