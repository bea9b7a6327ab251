//! The registered hooks and the log of their deliveries. It knows nothing of sockets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::chat::Exchange;
use crate::tasks::{State, Task};

const MOST_HOOKS: usize = 10_000;
const MOST_DELIVERIES: usize = 1_000;

pub(crate) const EVENTS: [&str; 4] = [
    "task.success",
    "task.failure",
    "task.revoked",
    "chat.message",
];

/// What the courier hears of.
pub(crate) enum News {
    /// A task began: the courier looks at it again when it is due to end.
    Started(Arc<Task>),
    Happened {
        event: &'static str,
        data: Value,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Hook {
    pub id: u64,
    pub url: String,
    pub events: Vec<String>,
    pub created_at: Timestamp,
    /// Never shown again after it was given.
    #[serde(skip)]
    pub secret: String,
    #[serde(skip)]
    deliveries: Mutex<VecDeque<Delivery>>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    pub id: String,
    pub event: &'static str,
    pub state: Outcome,
    pub payload: Value,
    pub attempts: Vec<Try>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Pending,
    Delivered,
    Failed,
}

/// One go at a delivery.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Try {
    pub at: Timestamp,
    pub status: Option<u16>,
    pub error: Option<String>,
    pub ms: u64,
}

impl Hook {
    pub fn wants(&self, event: &str) -> bool {
        self.events.is_empty()
            || self
                .events
                .iter()
                .any(|wanted| wanted == event || wanted == "*")
    }

    fn log(&self) -> MutexGuard<'_, VecDeque<Delivery>> {
        self.deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.log().iter().cloned().collect()
    }

    pub fn open(&self, event: &'static str, payload: Value) -> String {
        let id = Uuid::new_v4().simple().to_string();
        let delivery = Delivery {
            id: id.clone(),
            event,
            state: Outcome::Pending,
            payload,
            attempts: Vec::new(),
        };
        let mut log = self.log();
        if log.len() == MOST_DELIVERIES {
            log.pop_front();
        }
        log.push_back(delivery);
        id
    }

    pub fn note(&self, id: &str, went: Try, state: Outcome) {
        if let Some(delivery) = self
            .log()
            .iter_mut()
            .rev()
            .find(|delivery| delivery.id == id)
        {
            delivery.attempts.push(went);
            delivery.state = state;
        }
    }
}

pub(crate) struct Webhooks {
    hooks: Mutex<Hooks>,
    news: mpsc::UnboundedSender<News>,
}

#[derive(Default)]
struct Hooks {
    by_id: BTreeMap<u64, Arc<Hook>>,
    last: u64,
}

impl Webhooks {
    pub fn new(news: mpsc::UnboundedSender<News>) -> Self {
        Self {
            hooks: Mutex::default(),
            news,
        }
    }

    pub fn reset(&self) {
        self.hooks().by_id.clear();
    }

    fn hooks(&self) -> MutexGuard<'_, Hooks> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing when there are too many already.
    pub fn add(&self, url: String, events: Vec<String>, secret: String) -> Option<Arc<Hook>> {
        let mut hooks = self.hooks();
        if hooks.by_id.len() >= MOST_HOOKS {
            return None;
        }
        hooks.last += 1;
        let id = hooks.last;
        let hook = Hook {
            id,
            url,
            events,
            secret,
            created_at: Timestamp::now(),
            deliveries: Mutex::default(),
        };
        let hook = Arc::new(hook);
        hooks.by_id.insert(id, hook.clone());
        Some(hook)
    }

    pub fn all(&self) -> Vec<Arc<Hook>> {
        self.hooks().by_id.values().cloned().collect()
    }

    pub fn get(&self, id: u64) -> Option<Arc<Hook>> {
        self.hooks().by_id.get(&id).cloned()
    }

    pub fn remove(&self, id: u64) -> bool {
        self.hooks().by_id.remove(&id).is_some()
    }

    pub fn wanting(&self, event: &str) -> Vec<Arc<Hook>> {
        self.hooks()
            .by_id
            .values()
            .filter(|hook| hook.wants(event))
            .cloned()
            .collect()
    }

    /// Asked first, because making the data of an event that nobody waits for is all its cost.
    fn is_wanted(&self, event: &str) -> bool {
        self.hooks().by_id.values().any(|hook| hook.wants(event))
    }

    pub fn task_started(&self, task: &Arc<Task>) {
        self.tell(News::Started(task.clone()));
    }

    pub fn task_ended(&self, task: &Task) {
        let event = match task.state() {
            State::Success => "task.success",
            State::Failure => "task.failure",
            State::Revoked => "task.revoked",
            State::Pending | State::Started => return,
        };
        if !self.is_wanted(event) {
            return;
        }
        self.tell(News::Happened {
            event,
            data: json!(task.view()),
        });
    }

    pub fn chat_message(&self, who: &str, exchange: &Exchange) {
        if !self.is_wanted("chat.message") {
            return;
        }
        self.tell(News::Happened {
            event: "chat.message",
            data: json!({ "who": who, "message": exchange }),
        });
    }

    fn tell(&self, news: News) {
        // The courier ends only with the demo; then nobody is left to be called.
        let _ = self.news.send(news);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks() -> Webhooks {
        Webhooks::new(mpsc::unbounded_channel().0)
    }

    #[test]
    fn only_hooks_that_want_an_event_are_called() {
        let hooks = hooks();
        hooks.add(
            "http://localhost/a".into(),
            vec!["chat.message".into()],
            String::new(),
        );
        hooks.add("http://localhost/b".into(), vec![], String::new());
        hooks.add("http://localhost/c".into(), vec!["*".into()], String::new());
        let urls = |event| {
            hooks
                .wanting(event)
                .iter()
                .map(|hook| hook.url.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(urls("chat.message").len(), 3);
        assert_eq!(
            urls("task.success"),
            ["http://localhost/b", "http://localhost/c"]
        );
    }

    #[test]
    fn the_log_of_a_hook_is_bounded_and_keeps_every_try() {
        let hooks = hooks();
        let hook = hooks
            .add("http://localhost/".into(), vec![], String::new())
            .expect("room");
        for _ in 0..MOST_DELIVERIES {
            hook.open("chat.message", Value::Null);
        }
        let id = hook.open("task.success", Value::Null);
        let went = Try {
            at: Timestamp::UNIX_EPOCH,
            status: Some(500),
            error: None,
            ms: 1,
        };
        hook.note(&id, went.clone(), Outcome::Pending);
        hook.note(&id, went, Outcome::Failed);
        let log = hook.deliveries();
        assert_eq!(log.len(), MOST_DELIVERIES);
        let last = log.last().expect("a delivery");
        assert_eq!((last.attempts.len(), last.state), (2, Outcome::Failed));
    }
}
