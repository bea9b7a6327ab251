//! What a page did by itself: console, errors, requests. Bounded; what is beyond is counted.

use super::host::lock;
use serde::Serialize;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Lines of the console that are kept of one page.
const LINES: usize = 2_000;
/// Requests that are kept of one page.
const REQUESTS: usize = 1_000;
/// A line of the console is cut behind this.
pub const LONGEST: usize = 4_000;

/// A line of the console, or an error nobody caught.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Milliseconds since 1970.
    pub at: u64,
    /// `log`, `info`, `warn`, `error`, `debug`; `exception` for errors nobody caught.
    pub level: String,
    pub text: String,
    /// `url:line:column`, if the browser tells.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// A request of the page, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    pub id: String,
    pub at: u64,
    pub url: String,
    pub method: String,
    /// `document`, `script`, `fetch`, …
    pub kind: String,
    /// As the browser tells them.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub request_headers: Value,
    /// What was sent with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub response_headers: Value,
    pub mime_type: String,
    pub bytes: u64,
    /// Why there is no response.
    pub error: Option<String>,
    pub millis: Option<u64>,
    /// How often it was sent on.
    pub redirects: u64,
    #[serde(skip)]
    pub began: Instant,
}

/// How far somebody has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    lines: u64,
    requests: u64,
}

/// What a page did by itself.
#[derive(Debug, Default)]
pub struct Trace(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<Line>,
    lines_before: u64,
    requests: VecDeque<Request>,
    requests_before: u64,
}

pub fn now_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}

impl Trace {
    /// The present, to ask later what came since.
    pub fn mark(&self) -> Mark {
        let kept = lock(&self.0);
        Mark {
            lines: kept.lines_before + kept.lines.len() as u64,
            requests: kept.requests_before + kept.requests.len() as u64,
        }
    }

    /// Lines of the console since `mark` that are still kept.
    pub fn lines_since(&self, mark: Mark) -> Vec<Line> {
        let kept = lock(&self.0);
        let skip = mark.lines.saturating_sub(kept.lines_before) as usize;
        kept.lines.iter().skip(skip).cloned().collect()
    }

    /// Requests that began since `mark` and are still kept.
    pub fn requests_since(&self, mark: Mark) -> Vec<Request> {
        let kept = lock(&self.0);
        let skip = mark.requests.saturating_sub(kept.requests_before) as usize;
        kept.requests.iter().skip(skip).cloned().collect()
    }

    /// How many lines were said and are not kept any more.
    pub fn lines_lost(&self) -> u64 {
        lock(&self.0).lines_before
    }

    pub(super) fn say(&self, line: Line) {
        let mut kept = lock(&self.0);
        kept.lines.push_back(line);
        if kept.lines.len() > LINES {
            kept.lines.pop_front();
            kept.lines_before += 1;
        }
    }

    pub(super) fn ask(&self, request: Request) {
        let mut kept = lock(&self.0);
        kept.requests.push_back(request);
        if kept.requests.len() > REQUESTS {
            kept.requests.pop_front();
            kept.requests_before += 1;
        }
    }

    /// Changes the newest request of this id.
    pub(super) fn answer(&self, id: &str, change: impl FnOnce(&mut Request)) -> Option<Request> {
        let mut kept = lock(&self.0);
        let request = kept
            .requests
            .iter_mut()
            .rev()
            .find(|request| request.id == id)?;
        change(request);
        Some(request.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: String) -> Line {
        Line {
            at: 0,
            level: "log".into(),
            text,
            place: String::new(),
        }
    }

    #[test]
    fn ten_thousand_lines_are_counted_and_the_last_kept() {
        let trace = Trace::default();
        let mark = trace.mark();
        for number in 0..10_000 {
            trace.say(line(format!("line {number}")));
        }
        let lines = trace.lines_since(mark);
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines.last().unwrap().text, "line 9999");
        assert_eq!(trace.lines_lost(), 8_000);
        let mark = trace.mark();
        trace.say(line("new".into()));
        assert_eq!(trace.lines_since(mark), [line("new".into())]);
    }
}
