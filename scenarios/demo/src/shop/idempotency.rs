//! Answers remembered by `Idempotency-Key`, so that a repeated request gets its first answer again.

use std::collections::{HashMap, VecDeque};

use axum::body::Bytes;
use axum::http::StatusCode;

use crate::digest::sha256;

const MOST: usize = 10_000;

/// A remembered answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: Bytes,
}

#[derive(Debug, PartialEq)]
pub(super) enum Known {
    No,
    Replay(Answer),
    /// The key was used for another body.
    Misused,
}

#[derive(Default)]
pub(super) struct Memory {
    answers: HashMap<String, ([u8; 32], Answer)>,
    order: VecDeque<String>,
}

impl Memory {
    pub fn look_up(&self, key: &str, body: &[u8]) -> Known {
        match self.answers.get(key) {
            None => Known::No,
            Some((hash, answer)) if *hash == sha256(body) => Known::Replay(answer.clone()),
            Some(_) => Known::Misused,
        }
    }

    pub fn remember(&mut self, key: String, body: &[u8], answer: Answer) {
        if self.order.len() == MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.answers.insert(key, (sha256(body), answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_body_is_replayed_and_another_is_refused() {
        let mut memory = Memory::default();
        assert_eq!(memory.look_up("k", b"one"), Known::No);
        let answer = Answer {
            status: StatusCode::CREATED,
            location: None,
            body: Bytes::from_static(b"{}"),
        };
        memory.remember("k".into(), b"one", answer.clone());
        assert_eq!(memory.look_up("k", b"one"), Known::Replay(answer));
        assert_eq!(memory.look_up("k", b"two"), Known::Misused);
    }
}
