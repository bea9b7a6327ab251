//! What an attempt knows of the state of its scenario.

use super::{Attempt, lock};
use crate::host::record::Record;
use serde_json::{Map, Value};

impl Attempt {
    /// One value of the state.
    pub fn state_get(&self, key: &str) -> Option<Value> {
        lock(&self.shared.state).get(key).cloned()
    }

    /// The whole state.
    pub fn state(&self) -> Map<String, Value> {
        lock(&self.shared.state).clone()
    }

    /// Writes (or with `None` removes) one value of the state, as an event.
    pub fn state_set(&self, key: &str, value: Option<Value>) {
        {
            let mut state = lock(&self.shared.state);
            match &value {
                Some(value) => state.insert(key.to_owned(), value.clone()),
                None => state.remove(key),
            };
        }
        self.record(Record::State {
            key: key.to_owned(),
            value,
        });
    }

    /// What was put on the state and taken off it, compared with how it was `before`.
    pub fn changes_since(&self, before: &Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
        let state = lock(&self.shared.state);
        let changed = state
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(value));
        let removed = before.keys().filter(|key| !state.contains_key(*key));
        (
            changed
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            removed.cloned().collect(),
        )
    }
}
