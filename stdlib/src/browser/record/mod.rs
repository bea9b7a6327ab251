//! A browser that a person uses, listened to: what they do in its pages comes out as a stream of [`Heard`]. Knows nothing of
//! scripts; the recorder in the pages names elements by the locators that strictness errors propose.

mod follow;
mod heard;

pub use heard::{Act, Choice, Claim, Deed, Heard, What};

use super::context::Context;
use super::error::{BrowserError, TabError};
use super::flags::Launch;
use super::host::BrowserHost;
use super::options::{ContextOptions, Device};
use super::pool::Lease;
use super::socket::Events;
use super::tab::Tab;
use super::toolkit;
use crate::host::world::World;
use follow::Follower;
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Told by Chromium only: a page itself, and not the person at its address bar, asked for another address.
const BY_PAGE: &[&str] = &[
    "goog:cdp.Page.frameRequestedNavigation",
    "goog:cdp.Page.frameScheduledNavigation",
];

/// Otherwise nobody could choose a file: it would be chosen for them.
const NOT_OURS: &str = "input.fileDialogOpened";

/// A window a person works in.
pub struct Recorder {
    host: Arc<BrowserHost>,
    context: Arc<Context>,
    events: Events,
    follower: Follower,
    heard: VecDeque<Heard>,
    first: Arc<Tab>,
}

impl Recorder {
    /// Opens a window, or a browser without one, of the browser that the settings name. Must be awaited inside the runtime.
    pub async fn open(world: &World, runtime: Handle) -> Result<Self, BrowserError> {
        let mut args = world.browsing.args.clone();
        if world.browsing.headed {
            // A window in which the whole of the page can be seen.
            let (width, height) = (device(world).width + 16, device(world).height + 160);
            args.push(format!("--window-size={width},{height}"));
        }
        let wanted = Launch {
            headed: world.browsing.headed,
            args,
            ..Launch::default()
        };
        let host = BrowserHost::start(world, &wanted, runtime).await?;
        match Self::join(world, host.clone()).await {
            Ok(recorder) => Ok(recorder),
            Err(error) => {
                host.close().await;
                Err(BrowserError::Start {
                    reason: error.to_string(),
                    log: String::new(),
                })
            }
        }
    }

    async fn join(world: &World, host: Arc<BrowserHost>) -> Result<Self, TabError> {
        let token = uuid::Uuid::new_v4().simple().to_string();
        let test_id = world.browsing.test_id_attribute.as_deref();
        let head = format!(
            "const TOKEN = {}; const TEST_ID = {};",
            json!(token),
            json!(test_id.unwrap_or("data-testid"))
        );
        let ours = json!({
            "functionDeclaration": toolkit::beside(&format!("{head}\n{}", include_str!("recorder.js"))),
            "sandbox": "scenario-recorder",
        });
        host.command("script.addPreloadScript", ours).await?;
        let events = host.events();
        for name in BY_PAGE {
            // Unknown to browsers of others, where every change of address is then taken for one the page made.
            let _ = host
                .command("session.subscribe", json!({ "events": [name] }))
                .await;
        }
        let _ = host
            .command("session.unsubscribe", json!({ "events": [NOT_OURS] }))
            .await;
        let options = ContextOptions {
            device: device(world),
            by_hand: true,
            ..ContextOptions::default()
        };
        let context = Context::open(Lease::own(host.clone()), options).await?;
        let first = context.new_tab().await?;
        if world.browsing.headed {
            close_others(&host, context.id()).await;
        }
        Ok(Self {
            follower: Follower::new(context.id(), token),
            host,
            context,
            events,
            heard: VecDeque::new(),
            first,
        })
    }

    /// Goes to an address, as a person would who types it.
    pub async fn visit(&self, url: &str) -> Result<(), TabError> {
        let asked = json!({ "context": self.first.id(), "url": url, "wait": "none" });
        self.host
            .command("browsingContext.navigate", asked)
            .await
            .map(drop)
    }

    /// The page it began with, for tests that use it as a person would.
    #[cfg(test)]
    pub fn first(&self) -> &Arc<Tab> {
        &self.first
    }

    /// The next thing heard; `None` once the last window is closed or the browser is gone.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Some(heard);
            }
            if self.follower.is_over() {
                return None;
            }
            let event = tokio::select! {
                biased;
                event = self.events.recv() => event?,
                _ = self.host.ended() => return None,
            };
            self.heard
                .extend(self.follower.take(&event.method, &event.params));
        }
    }

    /// Ends it. What it opened is gone then.
    pub async fn close(self) {
        self.context.close().await;
        self.host.close().await;
    }
}

/// The screen that the pages of a run are seen on.
fn device(world: &World) -> Device {
    let asked = world.browsing.viewport.as_deref();
    asked.and_then(Device::parse).unwrap_or_default()
}

/// Closes the window that the browser opened by itself.
async fn close_others(host: &BrowserHost, ours: &str) {
    let Ok(tree) = host.command("browsingContext.getTree", json!({})).await else {
        return;
    };
    let all = tree["contexts"].as_array().into_iter().flatten();
    for other in all.filter(|one| one["userContext"] != ours) {
        let asked = json!({ "context": other["context"] });
        let _ = host.command("browsingContext.close", asked).await;
    }
}
