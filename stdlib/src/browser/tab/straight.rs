//! Which way does a command to a page go? Past the driver, straight to the browser's DevTools, if all of this is so: the browser
//! is on this machine, the page is attached to there, and the frame that is meant is in the page's own process. Otherwise, and
//! when that way breaks off, through the driver. What happens in pages is told by the driver alone, and may lag behind.

use super::super::error::TabError;
use super::super::host::lock;
use super::super::toolkit::{self, MISSING, SANDBOX};
use super::{Frame, PROMPT, Tab};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long the driver may take to tell what happened.
const LAG: Duration = Duration::from_secs(1);

/// The straight way to a page.
#[derive(Default)]
pub struct Straight {
    /// Its session at the DevTools.
    session: OnceCell<Option<String>>,
    /// The toolkit's world in each frame.
    worlds: Mutex<HashMap<String, i64>>,
    /// Whether something may have happened that the driver did not tell yet.
    is_ahead: AtomicBool,
}

impl Straight {
    fn session(&self) -> Option<&str> {
        self.session.get()?.as_deref()
    }

    pub fn forget(&self, frame: &str) {
        lock(&self.worlds).remove(frame);
    }
}

impl Tab {
    /// Opens the straight way, where there is one.
    pub(super) async fn attach(&self) {
        let attached = || async {
            let asked = json!({ "targetId": self.id, "flatten": true });
            let attaching = self
                .host
                .straight_within(None, "Target.attachToTarget", asked, PROMPT);
            let answer = attaching.await.ok().flatten()?;
            Some(answer["sessionId"].as_str()?.to_owned())
        };
        self.straight.session.get_or_init(attached).await;
    }

    /// A command to the page; `None` where the straight way does not lead there.
    async fn straight(
        &self,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Option<Value>, TabError> {
        let Some(session) = self.straight.session() else {
            return Ok(None);
        };
        let asking = self
            .host
            .straight_within(Some(session), method, params, limit);
        let answer = self.unless_lost(asking).await;
        self.straight.is_ahead.store(true, Ordering::Release);
        answer
    }

    /// A command of Chromium's own, for what WebDriver has no word for.
    pub(super) async fn devtool_within(
        &self,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, TabError> {
        match self.straight(method, params.clone(), limit).await? {
            Some(answer) => Ok(answer),
            None => self.devtool_of_driver(method, params, limit).await,
        }
    }

    /// Like [`Tab::devtool_within`], in the session that the driver has.
    pub(super) async fn devtool_of_driver(
        &self,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, TabError> {
        let Some(session) = self.devtools.get().cloned().flatten() else {
            return Err(TabError::Usage("only Chromium can do this".into()));
        };
        let asked = json!({ "method": method, "params": params, "session": session });
        let mut answer = self.ask("goog:cdp.sendCommand", asked, limit).await?;
        Ok(answer["result"].take())
    }

    /// Calls a function of the toolkit, which gives JSON text; `None` where the straight way does not lead to the frame.
    pub(super) async fn call_straight(
        &self,
        frame: &Frame,
        name: &str,
        args: &str,
    ) -> Result<Option<Value>, TabError> {
        if self.straight.session().is_none() {
            return Ok(None);
        }
        let arguments = json!([{ "value": frame.id }, { "value": name }, { "value": args }]);
        let known = lock(&self.straight.worlds).get(&frame.id).copied();
        if let Some(world) = known {
            let told = self.function_in(world, toolkit::CALL_AT, &arguments);
            match told.await? {
                Some(told) if told["value"] != MISSING => return Ok(Some(told)),
                // The document it was in is gone.
                _ => self.straight.forget(&frame.id),
            }
        }
        let asked = json!({ "frameId": frame.id, "worldName": SANDBOX });
        let world = self.straight("Page.createIsolatedWorld", asked, PROMPT);
        let Some(world) = world
            .await?
            .and_then(|it| it["executionContextId"].as_i64())
        else {
            return Ok(None);
        };
        let function = toolkit::equipping_at(frame.id == self.id);
        match self.function_in(world, &function, &arguments).await? {
            Some(told) if told["value"] == MISSING => Err(TabError::Navigated),
            Some(told) => {
                lock(&self.straight.worlds).insert(frame.id.clone(), world);
                Ok(Some(told))
            }
            None => Err(TabError::Navigated),
        }
    }

    async fn function_in(
        &self,
        world: i64,
        function: &str,
        arguments: &Value,
    ) -> Result<Option<Value>, TabError> {
        let asked = json!({
            "functionDeclaration": function,
            "executionContextId": world,
            "arguments": arguments,
            "awaitPromise": true,
            "returnByValue": true,
        });
        let Some(mut answer) = self
            .straight("Runtime.callFunctionOn", asked, PROMPT)
            .await?
        else {
            return Ok(None);
        };
        match answer.get("exceptionDetails") {
            Some(details) => Err(thrown(details)),
            None => Ok(Some(answer["result"].take())),
        }
    }

    /// Waits until all is known that happened before now.
    pub async fn catch_up(&self) {
        if self.straight.is_ahead.swap(false, Ordering::AcqRel) {
            // It goes the way that the events go, behind them. A page that is closed or busy has no more to tell.
            let asked = json!({
                "expression": "0",
                "awaitPromise": false,
                "target": { "context": self.id },
            });
            let asking = self.host.command_within("script.evaluate", asked, LAG);
            let _ = tokio::time::timeout(self.host.scaled(LAG), asking).await;
        }
    }
}

/// What a function threw.
fn thrown(details: &Value) -> TabError {
    let said = details.pointer("/exception/description");
    let said = said.or(details.get("text")).and_then(Value::as_str);
    let said = said.unwrap_or("something was thrown");
    let stack = said.find("\n    at ").unwrap_or(said.len());
    TabError::Script(said[..stack].to_owned())
}
