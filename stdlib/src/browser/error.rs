//! What can go wrong with a browser, and whose fault it is.

use super::tab::STAYS;
use crate::host::duration;
use crate::host::failure::{Code, Failure, Kind};
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no browser.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BrowserError {
    #[error("there is no browser on this machine")]
    NoBrowser,
    #[error("there is no driver for browsers on this machine")]
    NoDriver,
    #[error("there is no geckodriver on this machine, which drives Firefox")]
    NoGeckodriver,
    #[error("there is no program {}, which `{variable}` or `[browser]` names", path.display())]
    NotThere {
        path: PathBuf,
        variable: &'static str,
    },
    #[error("browser and driver do not fit together: {said}")]
    Versions { said: String },
    #[error("the browser does not start: {reason}")]
    Start { reason: String, log: String },
    #[error("no WebDriver answers at {url}: {reason}")]
    Remote { url: String, reason: String },
    #[error("the WebDriver at {url} gives no session: {reason}")]
    NoSession { url: String, reason: String },
    #[error("{} is only the shell of a browser, which knows no preferences", path.display())]
    NoPreferences { path: PathBuf },
    #[error("there is no screen to open a window on: DISPLAY is not set")]
    NoScreen,
    #[error("the WebDriver at {url} knows no BiDi")]
    NoBidi { url: String },
    #[error("the WebDriver says that BiDi is spoken at {address}, where it is not: {reason}")]
    NoSocket { address: String, reason: String },
    #[error(transparent)]
    Guard(#[from] crate::guard::GuardError),
}

const INSTALL: &str = "install them: apt install chromium-headless-shell chromium-driver (Debian), or name them with \
                       CHROME and CHROMEDRIVER; `scenario doctor` says what is found";

impl From<BrowserError> for Failure {
    fn from(error: BrowserError) -> Self {
        let message = error.to_string();
        match error {
            BrowserError::NoBrowser | BrowserError::NoDriver => Self::fault(message).hint(INSTALL),
            BrowserError::NoGeckodriver => Self::fault(message)
                .hint("install it: cargo install geckodriver, or name it with CHROMEDRIVER; or use Chromium"),
            BrowserError::NotThere { .. } => Self::usage(message).hint("correct the path"),
            BrowserError::Versions { .. } => Self::fault(message)
                .hint("install both from the same source and in the same version"),
            BrowserError::Start { log, .. } if !log.is_empty() => {
                Self::fault(message).detail("its last words", log)
            }
            BrowserError::Start { .. } => Self::fault(message),
            BrowserError::Remote { .. } => {
                Self::fault(message).hint("is it up? `browser.url` or --browser-url names it")
            }
            BrowserError::NoSession { .. } => {
                Self::fault(message).hint("`[browser.capabilities]` says what it is asked for")
            }
            BrowserError::NoPreferences { .. } => Self::usage(message)
                .hint("`prefs` need the whole browser: apt install chromium (Debian), or name it with CHROME"),
            BrowserError::NoScreen => Self::fault(message)
                .hint("give it a screen (xvfb-run scenario …), use a browser elsewhere (--browser-url), or open no window: leave out --headed; \
                     `record` takes --headless"),
            BrowserError::NoSocket { .. } => Self::fault(message).hint(
                "a Grid names the address it knows itself by: SE_NODE_GRID_URL (or --grid-url) tells it the one it is reached at",
            ),
            BrowserError::NoBidi { .. } => {
                Self::fault(message).hint("Chromium and Firefox know it; Safari does not yet")
            }
            BrowserError::Guard(error) => error.into(),
        }
    }
}

/// Why a page did not do what was asked of it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TabError {
    /// The document went away while it was asked; worth another try.
    #[error("the page went to another document meanwhile")]
    Navigated,
    #[error("the page is closed")]
    Closed,
    #[error("the page crashed")]
    Crashed,
    #[error("the page does not respond: its script has kept it busy for {}", duration::show(*.0))]
    Hung(Duration),
    #[error("the page opens one dialog after another, {count} so far; the last says `{last}`")]
    Dialogs { count: usize, last: String },
    #[error("the browser is gone: {0}")]
    Gone(String),
    /// A script threw inside the page.
    #[error("{0}")]
    Script(String),
    /// The address cannot be loaded.
    #[error("{url} cannot be loaded: {reason}")]
    Unloadable { url: String, reason: String },
    /// It did not happen in time.
    #[error("{what} within {}", duration::show(*limit))]
    Late { what: String, limit: Duration },
    #[error("{0}")]
    Usage(String),
    #[error("the browser refuses {command}: {message}")]
    Refused { command: String, message: String },
}

impl From<TabError> for Failure {
    fn from(error: TabError) -> Self {
        let message = error.to_string();
        match error {
            TabError::Navigated => Self::product(Code::Traffic, message),
            // No wait helps against these: they end it at once.
            TabError::Closed => Self::product(Code::GaveUp, message)
                .hint("a page ends with page.close(), when it closes itself, and with the phase that opened it"),
            TabError::Dialogs { .. } => Self::product(Code::GaveUp, message)
                .hint("look for a loop of alerts in the scripts of the page"),
            TabError::Crashed => Self::product(Code::GaveUp, message)
                .hint("the renderer of the page ended; other pages go on"),
            TabError::Hung(_) => Self::product(Code::GaveUp, message)
                .hint("look for an endless loop in the scripts of the page"),
            TabError::Gone(_) => Self::new(Kind::Fault, Code::Lost, message).hint(
                "a phase that loses its browser is begun once more, with a fresh one; did the machine run out of memory?",
            ),
            TabError::Script(_) => Self::product(Code::Thrown, message),
            TabError::Unloadable { ref reason, .. } => {
                let hint = unloadable_hint(reason);
                let mut failure = Self::product(Code::Traffic, message);
                failure.hint = hint.map(str::to_owned);
                failure
            }
            TabError::Late { what, .. } => {
                let mut failure = Self::product(Code::WaitTimeout, message);
                failure.hint = late_hint(&what).map(str::to_owned);
                failure
            }
            TabError::Usage(_) => Self::usage(message),
            TabError::Refused { message: said, .. } => match said.strip_prefix(INVALID) {
                Some(why) => Self::usage(format!("the browser takes no such value: {why}")),
                None => Self::fault(message),
            },
        }
    }
}

/// How a driver begins to say that what a script gave is out of range, or no such thing.
const INVALID: &str = "invalid argument: ";

fn late_hint(what: &str) -> Option<&'static str> {
    const LATE: &[(&str, &str)] = &[
        (
            "did not load",
            "`wait_until: \"commit\"` or \"domcontentloaded\" of `page.visit` and `browser.open` waits for less, `timeout` for longer",
        ),
        (
            "the script gave nothing back",
            "is its promise ever kept? `timeout` of `evaluate` waits for longer",
        ),
        (
            "no pop-up opened",
            "does what the block does open one? What is open already, and tabs opened with Ctrl or the middle button, \
             are in `page.context.pages`",
        ),
        (
            "no download began",
            "does what the block does start one? A file that is shown is a page, and a response",
        ),
        (
            "no dialog opened",
            "does what the block does open one? One that was open before is answered already",
        ),
        (
            "the page did not ask",
            "does what the block does ask for files? A visible field takes them by set_input_files",
        ),
    ];
    let known = LATE.iter().find(|(part, _)| what.contains(part));
    known.map(|(_, hint)| *hint)
}

fn unloadable_hint(reason: &str) -> Option<&'static str> {
    if reason.contains("ERR_CERT") || reason.contains("ERR_SSL") {
        Some("trust it with the option `insecure: true` of `browser.open` if that is meant")
    } else if reason.contains("ERR_CONNECTION_REFUSED") {
        Some("is it running, and is the address right?")
    } else if reason.contains("ERR_PROXY") {
        Some("does the `proxy` of `browser.open` answer?")
    } else if reason.contains("ERR_INTERNET_DISCONNECTED") {
        Some("the page is offline: `offline: true`, or set_offline(true)")
    } else if reason.contains("ERR_FAILED") {
        Some("did a route abort it, or `block` of `browser.open`?")
    } else if reason.contains("ERR_NAME_NOT_RESOLVED") {
        Some("is the name spelt right?")
    } else if reason == STAYS {
        Some("say yes with page.answer_dialogs(#{ accept: true }), or do not plan an answer")
    } else if reason == "it is a download" {
        Some("wait for it: page.wait_for_download(|page| …)")
    } else if reason.contains("ERR_ABORTED") {
        Some("the server sent no page, such as 204, or broke it off")
    } else if reason.contains("ERR_UNSAFE_PORT") {
        Some("browsers refuse this port")
    } else {
        None
    }
}
