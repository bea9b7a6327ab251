//! One page: a browsing context of its user context. What can be asked of it and done in it; what it did by itself is in
//! `state`, where it went in `navigate`.

mod brought;
mod dialogs;
mod downloads;
mod hand;
mod navigate;
mod popup;
mod script;
mod state;
mod straight;
mod wait;
mod watched;

pub use dialogs::{Dialog, DialogAnswer};
pub use navigate::{STAYS, Until};
pub use state::FrameInfo;

use super::context::Context;
use super::error::TabError;
use super::host::{BrowserHost, lock};
use super::input::{self, Action};
use super::trace::Trace;
use super::traffic::Routes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::future::try_join_all;
use hand::Hand;
use serde_json::{Value, json};
use state::State;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use straight::Straight;
use tokio::sync::watch;

/// How long a page may take to answer what its main thread answers at once.
const PROMPT: Duration = Duration::from_secs(4);
/// How long prints and commands of DevTools may take.
const PATIENT: Duration = Duration::from_secs(30);

/// One page.
pub struct Tab {
    id: String,
    user_context: String,
    context: Weak<Context>,
    host: Arc<BrowserHost>,
    state: Mutex<State>,
    /// Told whenever the state changes.
    changed: watch::Sender<()>,
    trace: Trace,
    routes: Routes,
    devtools: tokio::sync::OnceCell<Option<String>>,
    straight: Straight,
    hand: Mutex<Hand>,
}

/// A document in a page: its own, or that of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    id: String,
}

/// An element as the driver knows it; good for as long as its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementRef(pub String);

/// A part of the page, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clip {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    /// The browsing context behind it.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Tab {
    pub(super) fn new(id: &str, context: &Arc<Context>) -> Arc<Self> {
        Arc::new(Self {
            id: id.to_owned(),
            user_context: context.id().to_owned(),
            context: Arc::downgrade(context),
            host: context.host().clone(),
            state: Mutex::new(State::new()),
            changed: watch::Sender::new(()),
            trace: Trace::default(),
            routes: Routes::default(),
            devtools: tokio::sync::OnceCell::new(),
            straight: Straight::default(),
            hand: Mutex::default(),
        })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn host(&self) -> &Arc<BrowserHost> {
        &self.host
    }

    /// The context it belongs to, while that is open.
    pub fn context(&self) -> Result<Arc<Context>, TabError> {
        self.context.upgrade().ok_or(TabError::Closed)
    }

    pub(super) fn is_of(&self, context: &Context) -> bool {
        self.user_context == context.id()
    }

    /// What it did by itself: console, errors, requests.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Who answers its requests.
    pub(super) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The last address known, from what the browser tells of itself.
    pub fn url(&self) -> String {
        lock(&self.state).url.clone()
    }

    pub fn is_closed(&self) -> bool {
        lock(&self.state).is_closed
    }

    /// How many documents the page has had.
    pub(super) fn documents(&self) -> usize {
        lock(&self.state).came.len()
    }

    pub fn main_frame(&self) -> Frame {
        Frame {
            id: self.id.clone(),
        }
    }

    /// The frames in it, with their addresses, in no particular order.
    pub fn frames(&self) -> Vec<(Frame, FrameInfo)> {
        let state = lock(&self.state);
        let frame = |(id, info): (&String, &FrameInfo)| (Frame { id: id.clone() }, info.clone());
        state.frames.iter().map(frame).collect()
    }

    /// Keeps the script that sets the time of documents to come; gives the one before.
    pub(super) fn swap_clock(&self, script: Option<&str>) -> Option<String> {
        let clock = &mut lock(&self.state).clock;
        std::mem::replace(clock, script.map(str::to_owned))
    }

    // ---- commands ----------------------------------------------------------------------------------

    /// Sends a command about this page; given up at once when the page closes, crashes or drowns in dialogs.
    pub(super) async fn ask(
        &self,
        command: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, TabError> {
        self.unless_lost(self.host.command_within(command, params, limit))
            .await
    }

    async fn unless_lost<T>(
        &self,
        asking: impl Future<Output = Result<T, TabError>>,
    ) -> Result<T, TabError> {
        self.check()?;
        let answer = tokio::select! {
            biased;
            answer = asking => answer,
            error = self.lost() => Err(error),
        };
        if answer.is_ok() {
            lock(&self.state).dialogs.rest();
        }
        answer.map_err(|error| match error {
            TabError::Navigated => self.check().err().unwrap_or(TabError::Navigated),
            other => other,
        })
    }

    /// Makes a page that was just opened ready for use.
    pub(super) async fn prepare(self: &Arc<Self>) -> Result<(), TabError> {
        let context = self.context()?;
        let options = context.options();
        if options.intercepts() {
            self.route_usual(&context).await?;
        }
        let (devtools, ()) = tokio::join!(self.devtools(), self.attach());
        if devtools.is_none() {
            return Ok(());
        }
        // Otherwise a page that is not in front has no focus, and its menus and suggestions close at once.
        let focus = self.devtool(
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        );
        let mut features = Vec::new();
        if let Some(scheme) = &options.color_scheme {
            features.push(json!({ "name": "prefers-color-scheme", "value": scheme }));
        }
        if options.reduced_motion {
            features.push(json!({ "name": "prefers-reduced-motion", "value": "reduce" }));
        }
        let media = async {
            match features.is_empty() {
                true => Ok(Value::Null),
                false => {
                    let params = json!({ "features": features });
                    self.devtool("Emulation.setEmulatedMedia", params).await
                }
            }
        };
        let workers = async {
            match options.block_service_workers {
                false => Ok(Value::Null),
                true => {
                    // Its session is told of requests anyway.
                    self.devtool_of_driver("Network.enable", json!({}), PATIENT)
                        .await?;
                    let params = json!({ "bypass": true });
                    self.devtool_of_driver("Network.setBypassServiceWorker", params, PATIENT)
                        .await
                }
            }
        };
        let (focus, media, workers) = tokio::join!(focus, media, workers);
        focus.and(media).and(workers).map(drop)
    }

    /// Where DevTools commands for this page go; `None` where there are none.
    async fn devtools(self: &Arc<Self>) -> Option<String> {
        let asked = || async {
            let params = json!({ "context": self.id });
            let answer = self
                .host
                .command("goog:cdp.getSession", params)
                .await
                .ok()?;
            let session = answer["session"].as_str()?.to_owned();
            self.host.place_devtools(&session, self);
            Some(session)
        };
        self.devtools.get_or_init(asked).await.clone()
    }

    /// A command of Chromium's own, for what WebDriver has no word for.
    pub(super) async fn devtool(&self, method: &str, params: Value) -> Result<Value, TabError> {
        self.devtool_within(method, params, PATIENT).await
    }

    // ---- doing -------------------------------------------------------------------------------------

    /// Real input: events that the page cannot tell from those of a person. Points are in the frame, whose own corner is at
    /// `corner`.
    pub async fn perform(
        &self,
        frame: &Frame,
        corner: (f64, f64),
        actions: &[Action],
    ) -> Result<(), TabError> {
        self.freed(self.act(frame, corner, actions)).await
    }

    async fn act(
        &self,
        frame: &Frame,
        corner: (f64, f64),
        actions: &[Action],
    ) -> Result<(), TabError> {
        if self.devtools.get().is_none_or(Option::is_none) {
            return self.perform_by_driver(frame, actions).await;
        }
        for (is_mouse, part) in hand::parts(actions) {
            let part = &actions[part];
            if !is_mouse {
                lock(&self.hand).note_keys(part);
                self.perform_by_driver(frame, part).await?;
                continue;
            }
            let groups = lock(&self.hand).groups(part, corner);
            for group in groups {
                let sent = group
                    .into_iter()
                    .map(|event| self.devtool_within(hand::METHOD, event, PROMPT));
                try_join_all(sent).await?;
            }
        }
        Ok(())
    }

    async fn perform_by_driver(&self, frame: &Frame, actions: &[Action]) -> Result<(), TabError> {
        let asked = json!({ "context": frame.id, "actions": input::sources(actions) });
        let limit = PROMPT + input::length(actions);
        self.ask("input.performActions", asked, limit).await?;
        Ok(())
    }

    /// Gives files to an `<input type=file>`.
    pub async fn set_files(
        &self,
        frame: &Frame,
        element: &ElementRef,
        files: &[PathBuf],
    ) -> Result<(), TabError> {
        // A browser gives the folder itself as if it were a file.
        if let Some(folder) = files.iter().find(|file| file.is_dir()) {
            let asked = "(input) => Boolean(input.webkitdirectory)";
            if self.evaluate_on(frame, element, asked, &[], None).await? != true {
                let name = folder.file_name().unwrap_or(folder.as_os_str());
                return Err(TabError::Usage(format!(
                    "`{}` is a folder, and the field takes files only: name those in it",
                    name.to_string_lossy()
                )));
            }
        }
        let asked = json!({
            "context": frame.id,
            "element": { "sharedId": element.0 },
            "files": files,
        });
        self.ask("input.setFiles", asked, PROMPT).await?;
        Ok(())
    }

    /// A picture as PNG: of what is seen, of the whole page, or of a part (of what is seen, or of the whole page).
    pub async fn screenshot(
        &self,
        clip: Option<Clip>,
        full_page: bool,
    ) -> Result<Vec<u8>, TabError> {
        let origin = if full_page { "document" } else { "viewport" };
        let mut asked = json!({ "context": self.id, "origin": origin });
        if let Some(Clip {
            x,
            y,
            width,
            height,
        }) = clip
        {
            asked["clip"] =
                json!({ "type": "box", "x": x, "y": y, "width": width, "height": height });
        }
        let answer = self
            .ask("browsingContext.captureScreenshot", asked, PROMPT)
            .await?;
        data(&answer)
    }

    /// The page as it would be printed.
    pub async fn pdf(&self, options: Value) -> Result<Vec<u8>, TabError> {
        let mut asked = options;
        asked["context"] = self.id.clone().into();
        let answer = self.ask("browsingContext.print", asked, PATIENT).await?;
        data(&answer)
    }

    /// Brings it to the front of its window.
    pub async fn activate(&self) -> Result<(), TabError> {
        let asked = json!({ "context": self.id });
        self.ask("browsingContext.activate", asked, PROMPT).await?;
        Ok(())
    }

    /// Closes it. One that is closed stays so.
    pub async fn close(&self) -> Result<(), TabError> {
        if self.is_closed() {
            return Ok(());
        }
        let asked = json!({ "context": self.id });
        match self.ask("browsingContext.close", asked, PROMPT).await {
            Err(TabError::Closed) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Changes the size of the page.
    pub async fn set_viewport(&self, width: u32, height: u32) -> Result<(), TabError> {
        let asked = json!({ "context": self.id, "viewport": { "width": width, "height": height } });
        self.ask("browsingContext.setViewport", asked, PROMPT)
            .await?;
        Ok(())
    }
}

/// What an answer carries in `data`.
fn data(answer: &Value) -> Result<Vec<u8>, TabError> {
    let text = answer["data"].as_str().unwrap_or_default();
    BASE64_STANDARD
        .decode(text)
        .map_err(|error| TabError::Refused {
            command: "its own answer".into(),
            message: error.to_string(),
        })
}

impl std::fmt::Debug for Tab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tab").field(&self.id).finish()
    }
}
