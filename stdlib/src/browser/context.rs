//! What is isolated from other scenarios: cookies, storage, permissions, and the pages that share them.

use super::error::TabError;
use super::host::{BrowserHost, lock};
use super::options::{ContextOptions, SCREEN};
use super::pool::Lease;
use super::tab::Tab;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A user context of a browser.
pub struct Context {
    id: String,
    host: Arc<BrowserHost>,
    options: ContextOptions,
    tabs: Mutex<Vec<Arc<Tab>>>,
    is_open: AtomicBool,
    /// Where its downloads go.
    downloads: Option<PathBuf>,
    /// What keeps the bodies of responses.
    pub(super) collector: tokio::sync::Mutex<Option<String>>,
    /// A page that nobody has asked for yet.
    parked: Mutex<Option<Arc<Tab>>>,
    /// Keeps its place in the browser; `None` as long as nobody uses it.
    lease: Mutex<Option<Lease>>,
}

impl Context {
    /// Opens one in the browser of `lease`, or takes the one that is ready there.
    pub async fn open(lease: Lease, options: ContextOptions) -> Result<Arc<Self>, TabError> {
        let host = lease.host().clone();
        let context = match host.spare().take(&options).await {
            Some(ready) => ready,
            None => Self::make(host, options).await?,
        };
        *lock(&context.lease) = Some(lease);
        Ok(context)
    }

    /// Makes one that has no place in the browser yet.
    pub(super) async fn make(
        host: Arc<BrowserHost>,
        options: ContextOptions,
    ) -> Result<Arc<Self>, TabError> {
        let mut asked = json!({ "unhandledPromptBehavior": { "default": "ignore" } });
        if options.insecure {
            asked["acceptInsecureCerts"] = true.into();
        }
        let created = host.command("browser.createUserContext", asked).await?;
        let id = created["userContext"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let downloads = host.home().map(|home| home.join("downloads").join(&id));
        let context = Arc::new(Self {
            id,
            host,
            options,
            tabs: Mutex::default(),
            is_open: AtomicBool::new(true),
            downloads,
            collector: tokio::sync::Mutex::default(),
            parked: Mutex::default(),
            lease: Mutex::default(),
        });
        context.host.enter(&context);
        let prepared = async {
            context.prepare().await?;
            match &context.options.storage {
                Some(state) => context.restore(state).await,
                None => Ok(()),
            }
        };
        let prepared = prepared.await;
        if let Err(error) = prepared {
            context.close().await;
            return Err(error);
        }
        Ok(context)
    }

    async fn prepare(&self) -> Result<(), TabError> {
        let mut commands = self.options.commands(&self.id);
        if let Some(folder) = &self.downloads {
            let allowed = json!({
                "downloadBehavior": { "type": "allowed", "destinationFolder": folder },
                "userContexts": [self.id],
            });
            commands.push(("browser.setDownloadBehavior", allowed));
        }
        let sent = commands.into_iter().map(async |(command, params)| {
            match self.host.command(command, params).await {
                Err(TabError::Refused { .. }) if command == SCREEN => Ok(Value::Null),
                other => other,
            }
        });
        try_join_all(sent).await?;
        if self.options.bodies {
            self.keep_bodies().await?;
        }
        if !self.options.permissions.is_empty() {
            self.grant(&self.options.permissions).await?;
        }
        Ok(())
    }

    /// Grants permissions to every page of it.
    async fn grant(&self, permissions: &[String]) -> Result<(), TabError> {
        let names: Vec<&str> = permissions.iter().map(|name| devtools_name(name)).collect();
        let asked = json!({
            "method": "Browser.grantPermissions",
            "params": { "permissions": names, "browserContextId": self.id },
        });
        self.host.command("goog:cdp.sendCommand", asked).await?;
        Ok(())
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn host(&self) -> &Arc<BrowserHost> {
        &self.host
    }

    pub fn options(&self) -> &ContextOptions {
        &self.options
    }

    pub fn downloads(&self) -> Option<&PathBuf> {
        self.downloads.as_ref()
    }

    /// Whether it can still be used.
    pub fn is_usable(&self) -> bool {
        self.is_open.load(Ordering::Relaxed) && self.host.fate().is_none()
    }

    /// A new, empty page.
    pub async fn new_tab(self: &Arc<Self>) -> Result<Arc<Tab>, TabError> {
        if !self.is_open.load(Ordering::Relaxed) {
            return Err(TabError::Closed);
        }
        let parked = lock(&self.parked).take();
        match parked.filter(|tab| !tab.is_closed()) {
            Some(tab) => Ok(tab),
            None => self.create_tab().await,
        }
    }

    /// Has an empty page ready for whoever asks for one first.
    pub(super) async fn park_tab(self: &Arc<Self>) -> Result<(), TabError> {
        let tab = self.create_tab().await?;
        *lock(&self.parked) = Some(tab);
        Ok(())
    }

    async fn create_tab(self: &Arc<Self>) -> Result<Arc<Tab>, TabError> {
        let asked = json!({ "type": "tab", "userContext": self.id });
        let created = self.host.command("browsingContext.create", asked).await?;
        let id = created["context"].as_str().unwrap_or_default();
        let tab = self.tab(id);
        tab.prepare().await?;
        Ok(tab)
    }

    /// The page that the browsing context `id` is; the same whoever asks first.
    pub fn tab(self: &Arc<Self>, id: &str) -> Arc<Tab> {
        let mut tabs = lock(&self.tabs);
        if let Some(tab) = tabs.iter().find(|tab| tab.id() == id) {
            return tab.clone();
        }
        let tab = Tab::new(id, self);
        tabs.push(tab.clone());
        self.host.place(id, &tab);
        tab
    }

    /// Its pages that are open, in the order in which they were opened.
    pub fn tabs(&self) -> Vec<Arc<Tab>> {
        let parked = lock(&self.parked).clone();
        let is_parked = |tab: &Arc<Tab>| parked.as_ref().is_some_and(|it| Arc::ptr_eq(it, tab));
        lock(&self.tabs)
            .iter()
            .filter(|tab| !tab.is_closed() && !is_parked(tab))
            .cloned()
            .collect()
    }

    /// Ends it with all its pages. A second time does nothing.
    pub async fn close(&self) {
        if !self.is_open.swap(false, Ordering::Relaxed) {
            return;
        }
        if self.host.fate().is_none() {
            let asked = json!({ "userContext": self.id });
            if self
                .host
                .command("browser.removeUserContext", asked)
                .await
                .is_err()
            {
                // What cannot be closed would be in the way of others.
                self.host.give_up_on();
            }
        }
        self.host.leave(self);
        lock(&self.tabs).clear();
        lock(&self.parked).take();
        // Its place is free for another; a browser of its own ends with the last who knows it.
        drop(lock(&self.lease).take_if(|lease| !lease.is_dedicated()));
        if let Some(folder) = self.downloads.clone() {
            let _ = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder)).await;
        }
    }

    // ---- cookies -----------------------------------------------------------------------------------

    fn partition(&self) -> Value {
        json!({ "type": "storageKey", "userContext": self.id })
    }

    /// All its cookies, as the browser tells them.
    pub async fn cookies(&self) -> Result<Vec<Value>, TabError> {
        let asked = json!({ "partition": self.partition() });
        let mut answer = self.host.command("storage.getCookies", asked).await?;
        Ok(match answer["cookies"].take() {
            Value::Array(cookies) => cookies,
            _ => Vec::new(),
        })
    }

    /// Sets one; `cookie` as the browser takes it.
    pub async fn set_cookie(&self, cookie: Value) -> Result<(), TabError> {
        let asked = json!({ "cookie": cookie, "partition": self.partition() });
        self.host.command("storage.setCookie", asked).await?;
        Ok(())
    }

    /// Removes those with this name, or all.
    pub async fn clear_cookies(&self, name: Option<&str>) -> Result<(), TabError> {
        let mut asked = json!({ "partition": self.partition() });
        if let Some(name) = name {
            asked["filter"] = json!({ "name": name });
        }
        self.host.command("storage.deleteCookies", asked).await?;
        Ok(())
    }
}

/// The name DevTools have for a permission.
fn devtools_name(name: &str) -> &str {
    match name {
        "clipboard-read" => "clipboardReadWrite",
        "clipboard-write" => "clipboardSanitizedWrite",
        "camera" => "videoCapture",
        "microphone" => "audioCapture",
        "background-sync" => "backgroundSync",
        "persistent-storage" => "durableStorage",
        "storage-access" => "storageAccess",
        other => other,
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Context").field(&self.id).finish()
    }
}
