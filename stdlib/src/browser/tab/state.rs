//! What is known of a page without asking it, kept up to date by the events of the browser.

use super::super::host::lock;
use super::super::trace::{LONGEST, Line, Request, now_millis};
use super::Tab;
use super::dialogs::Dialogs;
use super::downloads::Downloads;
use crate::host::json::cut;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

/// A frame of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameInfo {
    /// The browsing context it is in.
    pub parent: String,
    pub url: String,
}

/// What is known.
pub struct State {
    pub url: String,
    /// How often the main document changed, or its address did.
    pub moves: u64,
    /// The addresses of the documents that came.
    pub came: Vec<String>,
    /// The navigation that brought the present document.
    pub navigation: Option<String>,
    /// A navigation that has begun.
    pub pending: Option<String>,
    pub is_dom_ready: bool,
    pub is_loaded: bool,
    pub frames: BTreeMap<String, FrameInfo>,
    pub is_closed: bool,
    pub is_crashed: bool,
    pub dialogs: Dialogs,
    pub downloads: Downloads,
    /// Pages it opened, in order.
    pub popups: Vec<Arc<Tab>>,
    /// Whether another page opened it.
    pub is_popup: bool,
    /// Lines of the console since the browser was asked to say all of them again.
    pub echo: Option<Vec<Line>>,
    /// Requests on their way, by id, with when they began.
    pub in_flight: HashMap<String, Instant>,
    /// When a request last began or ended.
    pub stirred: Instant,
    /// The script that sets the time of documents.
    pub clock: Option<String>,
    /// Elements that asked for files, each with its browsing context.
    pub choosers: Vec<(String, String)>,
}

impl State {
    pub fn new() -> Self {
        Self {
            url: "about:blank".into(),
            moves: 0,
            came: Vec::new(),
            navigation: None,
            pending: None,
            is_dom_ready: true,
            is_loaded: true,
            frames: BTreeMap::new(),
            is_closed: false,
            is_crashed: false,
            dialogs: Dialogs::default(),
            downloads: Downloads::default(),
            popups: Vec::new(),
            is_popup: false,
            echo: None,
            in_flight: HashMap::new(),
            stirred: Instant::now(),
            clock: None,
            choosers: Vec::new(),
        }
    }

    /// Another document is there.
    fn arrive(&mut self, navigation: Option<&str>, url: &str) {
        self.url = url.to_owned();
        self.moves += 1;
        self.came.push(url.to_owned());
        self.navigation = navigation.map(str::to_owned);
        if self.pending.as_deref() == navigation {
            self.pending = None;
        }
        self.is_dom_ready = false;
        self.is_loaded = false;
        self.dialogs.rest();
    }

    fn navigated(&mut self, is_main: bool, id: &str, method: &str, params: &Value) {
        let url = params["url"].as_str().unwrap_or_default();
        let navigation = params["navigation"].as_str();
        if !is_main {
            let has_moved = matches!(
                method,
                "navigationCommitted" | "domContentLoaded" | "fragmentNavigated"
            );
            if has_moved && let Some(frame) = self.frames.get_mut(id) {
                frame.url = url.to_owned();
            }
            return;
        }
        match method {
            "navigationStarted" => self.pending = navigation.map(str::to_owned),
            "navigationCommitted" => {
                self.arrive(navigation, url);
            }
            "navigationFailed" | "navigationAborted" if self.pending.as_deref() == navigation => {
                self.pending = None;
            }
            "fragmentNavigated" | "historyUpdated" => {
                self.url = url.to_owned();
                self.moves += 1;
                if self.pending.as_deref() == navigation {
                    self.pending = None;
                }
            }
            "domContentLoaded" | "load" => {
                // The first document of a pop-up is not announced.
                if self.navigation.as_deref() != navigation {
                    self.arrive(navigation, url);
                }
                self.is_dom_ready = true;
                self.is_loaded |= method == "load";
            }
            _ => {}
        }
    }
}

impl Tab {
    /// Takes in an event of one of its browsing contexts.
    pub(in super::super) fn happened(self: &Arc<Self>, id: &str, method: &str, params: Value) {
        let (module, name) = method.split_once('.').unwrap_or(("", method));
        match (module, name) {
            ("log", _) => self.said(line(&params)),
            ("network", "authRequired") => {
                let context = self.context().ok();
                let auth = context.and_then(|context| context.options().auth.clone());
                if params["isBlocked"] == true {
                    self.asked_who(&params, auth);
                }
            }
            ("network", _) => {
                if params["isBlocked"] == true {
                    self.held(&params);
                }
                self.network(name, params);
            }
            (_, "userPromptOpened") => self.dialog_opened(&params),
            (_, "userPromptClosed") => {}
            (_, "downloadWillBegin" | "downloadEnd") => {
                lock(&self.state).downloads.happened(name, &params);
            }
            ("input", _) => {
                if let Some(element) = params.pointer("/element/sharedId").and_then(Value::as_str) {
                    let chooser = (id.to_owned(), element.to_owned());
                    lock(&self.state).choosers.push(chooser);
                }
            }
            ("browsingContext", _) => {
                let mut state = lock(&self.state);
                let before = state.moves;
                state.navigated(id == self.id, id, name, &params);
                let is_first = state.is_popup && before == 0 && state.moves > 0;
                drop(state);
                if is_first {
                    self.has_its_first_document();
                }
            }
            _ => {}
        }
        self.changed.send_replace(());
    }

    pub(in super::super) fn frame_began(&self, id: &str, parent: &str, url: &str) {
        let info = FrameInfo {
            parent: parent.to_owned(),
            url: url.to_owned(),
        };
        lock(&self.state).frames.insert(id.to_owned(), info);
        self.changed.send_replace(());
    }

    pub(in super::super) fn frame_ended(&self, id: &str) {
        let mut state = lock(&self.state);
        state.frames.remove(id);
        drop(state);
        self.straight.forget(id);
        self.changed.send_replace(());
    }

    pub(in super::super) fn closed(&self) {
        lock(&self.state).is_closed = true;
        self.changed.send_replace(());
    }

    pub(in super::super) fn crashed(&self) {
        lock(&self.state).is_crashed = true;
        self.changed.send_replace(());
    }

    /// Keeps a line of the console; aside while some of them are told twice.
    fn said(&self, line: Line) {
        match &mut lock(&self.state).echo {
            Some(heard) => heard.push(line),
            None => self.trace().say(line),
        }
    }

    /// It is a pop-up: its document is on its way.
    pub(in super::super) fn was_opened_by(&self, url: &str) {
        let mut state = lock(&self.state);
        state.is_popup = true;
        if state.moves == 0 {
            state.url = url.to_owned();
        }
    }

    /// It opened a pop-up.
    pub(in super::super) fn opened(&self, popup: &Arc<Tab>) {
        lock(&self.state).popups.push(popup.clone());
        let tab = popup.clone();
        self.host().runtime().spawn(async move {
            // One that has closed again needs nothing.
            let _ = tab.prepare().await;
        });
        self.changed.send_replace(());
    }

    fn network(&self, name: &str, params: Value) {
        let id = params.pointer("/request/request").and_then(Value::as_str);
        let Some(id) = id.map(str::to_owned) else {
            return;
        };
        let now = Instant::now();
        match name {
            "beforeRequestSent" => {
                let request = request(&id, params, now);
                let mut state = lock(&self.state);
                state.stirred = now;
                // These stay open for as long as the page wants.
                if !matches!(request.kind.as_str(), "eventsource" | "ping" | "websocket") {
                    state.in_flight.insert(id, now);
                }
                drop(state);
                self.trace().ask(request);
            }
            "responseCompleted" | "fetchError" => {
                let mut state = lock(&self.state);
                state.stirred = now;
                state.in_flight.remove(&id);
                drop(state);
                self.trace()
                    .answer(&id, |request| answered(request, params, now));
            }
            _ => {}
        }
    }
}

fn line(params: &Value) -> Line {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let is_console = params["type"] == "console";
    let frame = params.pointer("/stackTrace/callFrames/0");
    let place = frame.map(|frame| {
        let number = |key: &str| frame[key].as_u64().unwrap_or(0) + 1;
        let url = frame["url"].as_str().unwrap_or_default();
        format!("{url}:{}:{}", number("lineNumber"), number("columnNumber"))
    });
    Line {
        at: params["timestamp"].as_u64().unwrap_or_else(now_millis),
        level: match is_console {
            true => text(&params["method"]),
            false => "exception".into(),
        },
        text: cut(&text(&params["text"]), LONGEST),
        place: place
            .filter(|place| !place.starts_with(':'))
            .unwrap_or_default(),
    }
}

fn request(id: &str, mut params: Value, began: Instant) -> Request {
    let redirects = params["redirectCount"].as_u64().unwrap_or(0);
    let request = &mut params["request"];
    let kind = request["goog:resourceType"]
        .as_str()
        .or(request["destination"].as_str());
    Request {
        id: id.to_owned(),
        at: now_millis(),
        kind: kind.unwrap_or("other").to_lowercase(),
        url: request["url"].as_str().unwrap_or_default().to_owned(),
        method: request["method"].as_str().unwrap_or_default().to_owned(),
        request_headers: request["headers"].take(),
        body: sent(request),
        status: None,
        response_headers: Value::Null,
        mime_type: String::new(),
        bytes: 0,
        error: None,
        millis: None,
        redirects,
        began,
    }
}

/// The body of a request, where the browser tells it; a part of one that is large.
fn sent(request: &Value) -> Option<String> {
    const LARGEST: usize = 64 << 10;
    Some(cut(request["goog:postData"].as_str()?, LARGEST))
}

fn answered(request: &mut Request, mut params: Value, now: Instant) {
    let millis = now.saturating_duration_since(request.began).as_millis();
    request.millis = Some(millis as u64);
    if let Some(error) = params["errorText"].as_str() {
        request.error = Some(error.to_owned());
        return;
    }
    // Only now is it known what was really sent.
    let sent = params["request"]["headers"].take();
    if sent.is_array() {
        request.request_headers = sent;
    }
    let response = &mut params["response"];
    request.status = response["status"].as_u64().map(|status| status as u16);
    request.mime_type = response["mimeType"].as_str().unwrap_or_default().to_owned();
    request.bytes = response["bytesReceived"].as_u64().unwrap_or(0);
    request.response_headers = response["headers"].take();
}
