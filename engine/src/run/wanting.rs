//! Executing attempts that wait for a signal, and how each gets it. A primitive that is polled asks again and again, and
//! gives up in between; lanes of `parallel` ask side by side.

use crate::model::AttemptKey;
use serde_json::Value;
use std::collections::HashMap;
use tokio::sync::oneshot::Sender;

/// How an attempt gets the signal it waits for.
pub type Reply = Sender<Value>;

/// Who waits for what.
#[derive(Debug, Default)]
pub struct Wanting {
    replies: HashMap<(AttemptKey, String), Vec<Reply>>,
    /// Consumed for an attempt that did not wait at that moment: the next time it asks, it is there.
    unclaimed: HashMap<(AttemptKey, String), Value>,
}

impl Wanting {
    /// Whether a signal has to be asked for; one that came between two waits is given at once.
    pub fn ask(&mut self, key: AttemptKey, name: String, reply: Reply) -> bool {
        let key = (key, name);
        if let Some(data) = self.unclaimed.remove(&key) {
            match reply.send(data) {
                Ok(()) => {}
                Err(data) => drop(self.unclaimed.insert(key, data)),
            }
            return false;
        }
        let replies = self.replies.entry(key).or_default();
        replies.retain(|reply| !reply.is_closed());
        replies.push(reply);
        true
    }

    /// Hands a signal to the first that still waits. Whether others of the same attempt wait for the next one.
    pub fn deliver(&mut self, key: AttemptKey, name: String, mut data: Value) -> bool {
        let key = (key, name);
        let mut replies = self.replies.remove(&key).unwrap_or_default();
        while !replies.is_empty() {
            data = match replies.remove(0).send(data) {
                Err(data) => data,
                Ok(()) => {
                    replies.retain(|reply| !reply.is_closed());
                    let others_wait = !replies.is_empty();
                    if others_wait {
                        self.replies.insert(key, replies);
                    }
                    return others_wait;
                }
            };
        }
        self.unclaimed.insert(key, data);
        false
    }

    /// The attempt is over.
    pub fn forget(&mut self, attempt: &AttemptKey) {
        self.replies.retain(|(key, _), _| key != attempt);
        self.unclaimed.retain(|(key, _), _| key != attempt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PhaseKey, ScenarioId};
    use serde_json::json;
    use tokio::sync::oneshot::channel;

    fn attempt(number: u32) -> AttemptKey {
        AttemptKey {
            phase: PhaseKey {
                scenario: ScenarioId("a.rhai::a".into()),
                round: 1,
                try_number: 1,
                phase: "wait".into(),
            },
            attempt: number,
        }
    }

    #[test]
    fn waits_that_were_given_up_pile_up_nowhere_and_lose_no_signal() {
        let mut wanting = Wanting::default();
        for _ in 0..100 {
            let (reply, gone) = channel();
            drop(gone);
            assert!(wanting.ask(attempt(1), "go".into(), reply));
        }
        assert_eq!(wanting.replies[&(attempt(1), "go".into())].len(), 1);
        assert!(!wanting.deliver(attempt(1), "go".into(), json!(7)));
        let (reply, mut got) = channel();
        assert!(!wanting.ask(attempt(1), "go".into(), reply));
        assert_eq!(got.try_recv().unwrap(), json!(7));
    }

    #[test]
    fn of_two_lanes_each_gets_a_signal() {
        let mut wanting = Wanting::default();
        let (first, mut got_first) = channel();
        let (second, mut got_second) = channel();
        assert!(wanting.ask(attempt(1), "go".into(), first));
        assert!(wanting.ask(attempt(1), "go".into(), second));
        assert!(wanting.deliver(attempt(1), "go".into(), json!(1)));
        assert!(!wanting.deliver(attempt(1), "go".into(), json!(2)));
        assert_eq!(got_first.try_recv().unwrap(), json!(1));
        assert_eq!(got_second.try_recv().unwrap(), json!(2));
    }

    #[test]
    fn nothing_is_kept_of_an_attempt_that_ended() {
        let mut wanting = Wanting::default();
        let (reply, _kept) = channel();
        wanting.ask(attempt(1), "go".into(), reply);
        wanting.deliver(attempt(1), "stop".into(), json!(1));
        wanting.forget(&attempt(1));
        assert!(wanting.replies.is_empty() && wanting.unclaimed.is_empty());
    }
}
