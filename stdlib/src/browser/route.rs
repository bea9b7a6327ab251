//! Which tab does an event belong to? Events are handled in the order in which they came, and before the answer of a
//! command is used that came behind them.

use super::host::{BrowserHost, lock};
use super::socket::{Event, Events};
use super::tab::Tab;
use serde_json::Value;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker};

/// The events of one browser.
pub struct Router {
    events: Mutex<Events>,
    /// Whom to wake when there are more.
    waker: Mutex<Option<Waker>>,
}

impl Router {
    pub fn new(events: Events) -> Self {
        Self {
            events: Mutex::new(events),
            waker: Mutex::default(),
        }
    }

    /// Handles events as they come, as long as there is a host.
    pub async fn run(host: Weak<BrowserHost>) {
        poll_fn(|cx| {
            let Some(host) = host.upgrade() else {
                return Poll::Ready(());
            };
            let router = &host.router;
            *lock(&router.waker) = Some(cx.waker().clone());
            match router.handle_all(&host, cx) {
                true => Poll::Pending,
                false => Poll::Ready(()),
            }
        })
        .await;
    }

    /// Handles what has come. Whoever got an answer calls this first: what happened before it has come before it.
    pub fn drain(&self, host: &BrowserHost) {
        // The runner's waker stays the one that is woken.
        let Some(waker) = lock(&self.waker).clone() else {
            return;
        };
        self.handle_all(host, &mut Context::from_waker(&waker));
    }

    /// Whether there will be more.
    fn handle_all(&self, host: &BrowserHost, cx: &mut Context<'_>) -> bool {
        let mut events = lock(&self.events);
        loop {
            match events.poll_recv(cx) {
                Poll::Ready(Some(event)) => handle(host, event),
                Poll::Ready(None) => return false,
                Poll::Pending => return true,
            }
        }
    }
}

fn text<'a>(params: &'a Value, key: &str) -> Option<&'a str> {
    params.get(key)?.as_str()
}

fn handle(host: &BrowserHost, event: Event) {
    let Event { method, params } = event;
    let context = match method.as_str() {
        "log.entryAdded" => params.pointer("/source/context").and_then(Value::as_str),
        _ => text(&params, "context"),
    };
    match method.as_str() {
        "browsingContext.contextCreated" => created(host, &params),
        "browsingContext.contextDestroyed" => destroyed(host, &params),
        "goog:cdp.Inspector.targetCrashed" => {
            let session = text(&params, "session").unwrap_or_default();
            if let Some(tab) = host.tab_of_devtools(session) {
                tab.crashed();
            }
        }
        _ => {
            let Some(id) = context else {
                return;
            };
            if let Some(tab) = host.tab(id) {
                let id = id.to_owned();
                tab.happened(&id, &method, params);
            }
        }
    }
}

fn created(host: &BrowserHost, params: &Value) {
    let Some(id) = text(params, "context") else {
        return;
    };
    let url = text(params, "url").unwrap_or_default();
    if let Some(parent) = text(params, "parent") {
        if let Some(tab) = host.tab(parent) {
            host.place(id, &tab);
            tab.frame_began(id, parent, url);
        }
        return;
    }
    let Some(context) = text(params, "userContext").and_then(|id| host.context(id)) else {
        return;
    };
    let tab: Arc<Tab> = context.tab(id);
    if let Some(opener) = text(params, "originalOpener").and_then(|id| host.tab(id)) {
        tab.was_opened_by(url);
        opener.opened(&tab);
    }
}

fn destroyed(host: &BrowserHost, params: &Value) {
    let Some(id) = text(params, "context") else {
        return;
    };
    if let Some(tab) = host.tab(id) {
        match text(params, "parent") {
            Some(_) => tab.frame_ended(id),
            None => tab.closed(),
        }
    }
    host.forget(id);
}
