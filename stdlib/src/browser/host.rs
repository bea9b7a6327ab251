//! One living browser: its socket, its tabs, and what ended it. Everything it was asked to open ends with it.

use super::context::Context;
use super::error::{BrowserError, TabError};
use super::flags::Launch;
use super::launch::{Launched, launch};
use super::route::Router;
use super::socket::Events;
use super::spare::Spare;
use super::tab::Tab;
use super::toolkit;
use super::wire::{Fate, Wire, WireError};
use crate::guard::Process;
use crate::host::world::World;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{PidfdFlags, pidfd_open};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use thirtyfour::WebDriver;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How long an ordinary command may take: the browser answers it alone, without the page.
const PROMPT: Duration = Duration::from_secs(10);
/// How long the browser may take to say that it is alive.
const ALIVE: Duration = Duration::from_secs(10);
/// How much longer an answer is waited for at most where all is slow.
const AT_MOST: Duration = Duration::from_secs(60);

/// What is told of all pages.
const EVENTS: &[&str] = &[
    "browsingContext.contextCreated",
    "browsingContext.contextDestroyed",
    "browsingContext.navigationStarted",
    "browsingContext.navigationCommitted",
    "browsingContext.navigationFailed",
    "browsingContext.navigationAborted",
    "browsingContext.fragmentNavigated",
    "browsingContext.historyUpdated",
    "browsingContext.domContentLoaded",
    "browsingContext.load",
    "browsingContext.downloadWillBegin",
    "browsingContext.downloadEnd",
    "browsingContext.userPromptOpened",
    "browsingContext.userPromptClosed",
    "input.fileDialogOpened",
    "log.entryAdded",
    "network.beforeRequestSent",
    "network.responseCompleted",
    "network.fetchError",
    "network.authRequired",
];

/// Told by Chromium only.
const CRASHED: &str = "goog:cdp.Inspector.targetCrashed";

/// One browser.
pub struct BrowserHost {
    wire: Wire,
    process: Option<Process>,
    session: Mutex<Option<WebDriver>>,
    home: Option<PathBuf>,
    pid: Option<i32>,
    version: String,
    pub(super) router: Router,
    tabs: Mutex<HashMap<String, Weak<Tab>>>,
    contexts: Mutex<HashMap<String, Weak<Context>>>,
    devtools: Mutex<HashMap<String, Weak<Tab>>>,
    /// How many contexts were opened in it.
    opened: AtomicU32,
    spare: Spare,
    /// Nobody sees its windows, and it is on this machine.
    is_unseen: bool,
    sick: AtomicBool,
    scale: f64,
    runtime: Handle,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl BrowserHost {
    /// Starts a browser. Must be awaited inside the runtime.
    pub async fn start(
        world: &World,
        wanted: &Launch,
        runtime: Handle,
    ) -> Result<Arc<Self>, BrowserError> {
        let launched = launch(world, wanted).await?;
        let Launched {
            wire,
            process,
            session,
            pid,
            home,
            version,
        } = launched;
        let router = Router::new(wire.events());
        let host = Arc::new(Self {
            wire,
            process,
            session: Mutex::new(session),
            home,
            pid,
            version,
            router,
            tabs: Mutex::default(),
            contexts: Mutex::default(),
            devtools: Mutex::default(),
            opened: AtomicU32::new(0),
            spare: Spare::default(),
            is_unseen: !wanted.headed && pid.is_some(),
            sick: AtomicBool::new(false),
            scale: world.time_scale,
            runtime,
            tasks: Mutex::default(),
        });
        host.watch();
        if let Err(error) = host.subscribe().await {
            host.close().await;
            return Err(BrowserError::Start {
                reason: error.to_string(),
                log: String::new(),
            });
        }
        // Where it is missing, it is sent with the first call.
        if host.wire.devtools().is_none() {
            let toolkit = json!({
                "functionDeclaration": toolkit::preload(),
                "sandbox": toolkit::SANDBOX,
            });
            let _ = host.command("script.addPreloadScript", toolkit).await;
        }
        // Unknown to browsers of others, which then crash without a word.
        let _ = host
            .command("session.subscribe", json!({ "events": [CRASHED] }))
            .await;
        Ok(host)
    }

    /// Has it tell what happens: all at once, or, where not all of it is known, one by one.
    async fn subscribe(&self) -> Result<(), TabError> {
        let all = self
            .command("session.subscribe", json!({ "events": EVENTS }))
            .await;
        let Err(TabError::Refused { .. }) = all else {
            return all.map(drop);
        };
        let mut known = 0;
        for event in EVENTS {
            match self
                .command("session.subscribe", json!({ "events": [event] }))
                .await
            {
                Err(TabError::Refused { .. }) => {}
                other => {
                    other?;
                    known += 1;
                }
            }
        }
        match known {
            0 => all.map(drop),
            _ => Ok(()),
        }
    }

    /// Keeps an eye on its processes and its events.
    fn watch(self: &Arc<Self>) {
        let mut tasks = vec![self.runtime.spawn(Router::run(Arc::downgrade(self)))];
        if let Some(process) = self.process.clone() {
            let host = Arc::downgrade(self);
            tasks.push(self.runtime.spawn(async move {
                let exit = process.exited().await;
                if let Some(host) = host.upgrade() {
                    host.wire.end(&format!("its driver ended: {exit}"));
                }
            }));
        }
        if let Some(pid) = self.pid {
            let host = Arc::downgrade(self);
            tasks.push(self.runtime.spawn(async move {
                if gone(pid).await
                    && let Some(host) = host.upgrade()
                {
                    host.wire.end(&format!("its process {pid} ended"));
                    host.end_processes().await;
                }
            }));
        }
        *lock(&self.tasks) = tasks;
    }

    /// Sends a command that the browser answers without the page.
    pub async fn command(&self, command: &str, params: Value) -> Result<Value, TabError> {
        self.command_within(command, params, PROMPT).await
    }

    /// Like [`BrowserHost::command`], with a limit of its own. What happened before the answer is known afterwards.
    pub async fn command_within(
        &self,
        command: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, TabError> {
        let most = limit.mul_f64(self.scale) + AT_MOST;
        let sending = self.wire.send(command, params, most);
        self.patiently(command, limit, sending).await
    }

    /// Like [`BrowserHost::command_within`], for a command of DevTools, sent past the driver: to a session, or to the browser.
    /// `None` where that way is not there. What happened before the answer may be known later.
    pub async fn straight_within(
        &self,
        session: Option<&str>,
        command: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Option<Value>, TabError> {
        let most = limit.mul_f64(self.scale) + AT_MOST;
        let sending = self.wire.send_straight(session, command, params, most);
        self.patiently(command, limit, sending).await
    }

    async fn patiently<T>(
        &self,
        command: &str,
        limit: Duration,
        sending: impl Future<Output = Result<T, WireError>>,
    ) -> Result<T, TabError> {
        let limit = limit.mul_f64(self.scale);
        let mut sending = std::pin::pin!(sending);
        let answer = match tokio::time::timeout(limit, &mut sending).await {
            Ok(answer) => answer,
            Err(_) => {
                // A page that is busy keeps nobody else waiting; a machine that is, keeps everybody.
                let slow = self.check().await?;
                let more = AT_MOST.min(slow * 20);
                let late = tokio::time::timeout(more, &mut sending).await;
                late.unwrap_or_else(|_| {
                    let command = command.to_owned();
                    Err(WireError::Silent { command, limit })
                })
            }
        };
        self.router.drain(self);
        answer.map_err(TabError::from)
    }

    /// How long the browser itself takes to answer what costs nothing. Fails when it does not any more.
    async fn check(&self) -> Result<Duration, TabError> {
        let limit = ALIVE.mul_f64(self.scale);
        let began = Instant::now();
        let asked = json!({ "maxDepth": 0 });
        match self
            .wire
            .send("browsingContext.getTree", asked, limit)
            .await
        {
            Err(WireError::Silent { .. }) => {
                self.sick.store(true, Ordering::Relaxed);
                let cause = "it does not answer any more";
                self.wire.end(cause);
                Err(TabError::Gone(cause.into()))
            }
            Err(WireError::Gone(cause)) => Err(TabError::Gone(cause)),
            _ => Ok(began.elapsed()),
        }
    }

    /// Whether it can be used for more.
    pub fn is_sound(&self) -> bool {
        !self.sick.load(Ordering::Relaxed) && self.wire.fate().is_none()
    }

    /// Has nobody use it any more.
    pub fn give_up_on(&self) {
        self.sick.store(true, Ordering::Relaxed);
    }

    /// What ended it, if something did.
    pub fn fate(&self) -> Fate {
        self.wire.fate()
    }

    /// Resolves when it has ended.
    pub async fn ended(&self) -> String {
        self.wire.ended().await
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// Has everything go through the driver from now on, for tests; tells whether something did not before.
    #[cfg(test)]
    pub fn cut_devtools(&self) -> bool {
        self.wire
            .devtools()
            .is_some_and(super::devtools::DevTools::cut)
    }

    /// All its events from now on, as they come.
    pub fn events(&self) -> Events {
        self.wire.events()
    }

    /// Processes of it, driver first; for tests that end them.
    #[cfg(test)]
    pub fn pids(&self) -> (Option<i32>, Option<i32>) {
        (self.process.as_ref().map(Process::pid), self.pid)
    }

    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// A time limit as it is on this machine.
    pub fn scaled(&self, limit: Duration) -> Duration {
        limit.mul_f64(self.scale)
    }

    /// Where it may keep temporary files; `None` when it is not on this machine.
    pub fn home(&self) -> Option<&PathBuf> {
        self.home.as_ref()
    }

    // ---- who is where ------------------------------------------------------------------------------

    /// Makes a context known, so that its tabs are.
    pub fn enter(&self, context: &Arc<Context>) {
        self.opened.fetch_add(1, Ordering::Relaxed);
        lock(&self.contexts).insert(context.id().to_owned(), Arc::downgrade(context));
    }

    pub fn leave(&self, context: &Context) {
        lock(&self.contexts).remove(context.id());
        lock(&self.tabs).retain(|_, tab| tab.upgrade().is_some_and(|tab| !tab.is_of(context)));
        lock(&self.devtools).retain(|_, tab| tab.upgrade().is_some_and(|tab| !tab.is_of(context)));
    }

    pub fn opened(&self) -> u32 {
        self.opened.load(Ordering::Relaxed)
    }

    /// The page that nobody has asked for yet.
    pub fn spare(&self) -> &Spare {
        &self.spare
    }

    pub fn is_unseen(&self) -> bool {
        self.is_unseen
    }

    pub fn context(&self, id: &str) -> Option<Arc<Context>> {
        lock(&self.contexts).get(id)?.upgrade()
    }

    /// The tab that a browsing context is, or is in.
    pub fn tab(&self, id: &str) -> Option<Arc<Tab>> {
        lock(&self.tabs).get(id)?.upgrade()
    }

    /// Says which tab a browsing context belongs to.
    pub fn place(&self, id: &str, tab: &Arc<Tab>) {
        lock(&self.tabs).insert(id.to_owned(), Arc::downgrade(tab));
    }

    pub fn forget(&self, id: &str) {
        lock(&self.tabs).remove(id);
    }

    pub fn tab_of_devtools(&self, session: &str) -> Option<Arc<Tab>> {
        lock(&self.devtools).get(session)?.upgrade()
    }

    pub fn place_devtools(&self, session: &str, tab: &Arc<Tab>) {
        lock(&self.devtools).insert(session.to_owned(), Arc::downgrade(tab));
    }

    // ---- its end -----------------------------------------------------------------------------------

    /// Ends it, with all it opened.
    pub async fn close(&self) {
        self.spare.abandon();
        self.wire.end("it was closed");
        let session = lock(&self.session).take();
        if let Some(session) = session {
            let _ = tokio::time::timeout(PROMPT, session.quit()).await;
        }
        self.end_processes().await;
    }

    async fn end_processes(&self) {
        if let Some(process) = &self.process {
            process.kill().await;
        }
        if let Some(home) = &self.home {
            let home = home.clone();
            let _ = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(home)).await;
        }
    }
}

impl Drop for BrowserHost {
    fn drop(&mut self) {
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
        if let Some(session) = lock(&self.session).take() {
            let _ = session.leak();
        }
    }
}

/// Resolves when the process is gone; `false` where that cannot be seen.
async fn gone(pid: i32) -> bool {
    const EVERY: Duration = Duration::from_millis(100);
    let Some(pid) = rustix::process::Pid::from_raw(pid) else {
        return false;
    };
    let Ok(watched) = pidfd_open(pid, PidfdFlags::empty()) else {
        return false;
    };
    loop {
        let now = Timespec::default();
        let mut one = [PollFd::new(&watched, PollFlags::IN)];
        match poll(&mut one, Some(&now)) {
            Ok(0) => tokio::time::sleep(EVERY).await,
            Ok(_) => return true,
            Err(_) => return false,
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
