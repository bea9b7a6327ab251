//! What a server was asked, in order.

use super::route::Route;
use rhai::{Dynamic, Map};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many requests are remembered; of more, the newest.
const MOST: usize = 10_000;

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// Names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// Whether an answer was said for it.
    pub is_expected: bool,
}

impl Received {
    /// As scripts see it.
    pub fn to_script(&self) -> Dynamic {
        let texts = |map: &BTreeMap<String, String>| -> Map {
            let entry =
                |(name, value): (&String, &String)| (name.as_str().into(), value.as_str().into());
            map.iter().map(entry).collect()
        };
        let (text, bytes) = match std::str::from_utf8(&self.body) {
            Ok(text) => (text.into(), Dynamic::UNIT),
            Err(_) => (Dynamic::UNIT, Dynamic::from_blob(self.body.clone())),
        };
        let json = serde_json::from_slice::<Value>(&self.body).unwrap_or_default();
        let entries: [(&str, Dynamic); 8] = [
            ("method", self.method.as_str().into()),
            ("path", self.path.as_str().into()),
            ("query", texts(&self.query).into()),
            ("headers", texts(&self.headers).into()),
            ("text", text),
            ("bytes", bytes),
            ("json", crate::host::json::from_json(&json)),
            ("expected", self.is_expected.into()),
        ];
        let map: Map = entries
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        map.into()
    }

    /// In one line, for messages.
    pub fn line(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        crate::host::json::cut(
            format!("{} {} {body}", self.method, self.path).trim_end(),
            200,
        )
    }
}

/// All that came.
#[derive(Debug, Default)]
pub struct Log {
    entries: Vec<(Arc<Received>, Taken)>,
}

/// Whether somebody has waited for it.
type Taken = bool;

impl Log {
    pub fn add(&mut self, request: Arc<Received>) {
        if self.entries.len() >= MOST {
            self.entries.remove(0);
        }
        self.entries.push((request, false));
    }

    /// Those that are meant.
    pub fn all(&self, meant: impl Fn(&Received) -> bool) -> Vec<Arc<Received>> {
        let entries = self.entries.iter().map(|(request, _)| request);
        entries.filter(|request| meant(request)).cloned().collect()
    }

    /// The first of this route that nobody has waited for yet.
    pub fn take(&mut self, route: &Route) -> Option<Arc<Received>> {
        let mut entries = self.entries.iter_mut();
        let (request, taken) = entries
            .find(|(request, taken)| !taken && route.matches(&request.method, &request.path))?;
        *taken = true;
        Some(request.clone())
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
