//! Where a page goes, and when it is there.

use super::super::error::TabError;
use super::super::host::lock;
use super::Tab;
use super::wait::Look;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long a navigation that ended another may take to come.
const OTHER: Duration = Duration::from_secs(5);
/// Without requests for this long, the network is idle.
const IDLE: Duration = Duration::from_millis(500);

/// The reason of a page that is not left.
pub const STAYS: &str = "the page before asks whether to leave it, and was told not to";

/// When a page is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// The answer has come.
    Commit,
    DomContentLoaded,
    #[default]
    Load,
    /// Loaded, and no request on its way for half a second.
    NetworkIdle,
}

impl Until {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "commit" => Self::Commit,
            "domcontentloaded" => Self::DomContentLoaded,
            "load" => Self::Load,
            "networkidle" => Self::NetworkIdle,
            _ => return None,
        })
    }

    /// As scripts write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::DomContentLoaded => "domcontentloaded",
            Self::Load => "load",
            Self::NetworkIdle => "networkidle",
        }
    }

    fn of_driver(self) -> &'static str {
        match self {
            Self::Commit => "none",
            Self::DomContentLoaded => "interactive",
            Self::Load | Self::NetworkIdle => "complete",
        }
    }
}

impl Tab {
    /// Goes to `url` and waits until the page is there.
    pub async fn visit(&self, url: &str, until: Until, limit: Duration) -> Result<(), TabError> {
        let end = Instant::now() + limit;
        let downloads = self.download_count();
        let dialogs = self.dialog_count();
        loop {
            let (before, came) = self.so_far();
            let left = end.saturating_duration_since(Instant::now());
            let asked = json!({ "context": self.id, "url": url, "wait": until.of_driver() });
            let gone = self
                .going("browsingContext.navigate", asked, left, url)
                .await;
            let error = match gone {
                Err(error @ TabError::Unloadable { .. }) if is_aborted(&error) => error,
                // The limit is that of all goes together.
                Err(TabError::Late { what, .. }) => return Err(TabError::Late { what, limit }),
                other => {
                    other?;
                    break;
                }
            };
            if self.has_kept_from_leaving(dialogs) {
                return Err(TabError::Unloadable {
                    url: url.to_owned(),
                    reason: STAYS.into(),
                });
            }
            // The page was there, and went on by itself.
            if lock(&self.state)
                .came
                .iter()
                .skip(came)
                .any(|came| is_same(came, url))
            {
                break;
            }
            // A navigation of the page's own came between: it is let through, and then it is our turn again. Or it was a
            // download, which may be told of later than the end of the visit.
            let left = end.saturating_duration_since(Instant::now());
            let other = self.until("", left.min(self.host.scaled(OTHER)), |state| {
                let is_download = state.downloads.0.len() > downloads;
                match is_download || state.moves > before && state.is_dom_ready {
                    true => Look::Yes(is_download),
                    false => Look::NotYet,
                }
            });
            match other.await {
                Ok(false) => {}
                Ok(true) => {
                    return Err(TabError::Unloadable {
                        url: url.to_owned(),
                        reason: "it is a download".into(),
                    });
                }
                Err(TabError::Late { .. }) => return Err(error),
                Err(other) => return Err(other),
            }
        }
        self.settle(until, end).await
    }

    /// How often it moved, and how many documents came.
    fn so_far(&self) -> (u64, usize) {
        let state = lock(&self.state);
        (state.moves, state.came.len())
    }

    /// Loads the page again.
    pub async fn reload(&self, until: Until, limit: Duration) -> Result<(), TabError> {
        let end = Instant::now() + limit;
        let asked = json!({ "context": self.id, "wait": until.of_driver() });
        let url = self.url();
        self.going("browsingContext.reload", asked, limit, &url)
            .await?;
        self.settle(until, end).await
    }

    /// Goes back (negative) or forward in its history.
    pub async fn traverse(
        &self,
        delta: i32,
        until: Until,
        limit: Duration,
    ) -> Result<(), TabError> {
        let end = Instant::now() + limit;
        let before = lock(&self.state).moves;
        let asked = json!({ "context": self.id, "delta": delta });
        let way = if delta < 0 { "back" } else { "forward" };
        match self
            .ask("browsingContext.traverseHistory", asked, limit)
            .await
        {
            Err(TabError::Refused { message, .. }) if message.contains("history") => {
                return Err(TabError::Usage(format!("there is no page to go {way} to")));
            }
            other => drop(other?),
        }
        let what = format!("the page did not go {way}");
        let left = end.saturating_duration_since(Instant::now());
        let moved = |state: &super::state::State| match state.moves > before {
            true => Look::Yes(()),
            false => Look::NotYet,
        };
        self.until(&what, left, moved).await?;
        self.wait_for_load_state(until, end.saturating_duration_since(Instant::now()))
            .await
    }

    /// Waits until the present document is there.
    pub async fn wait_for_load_state(&self, until: Until, limit: Duration) -> Result<(), TabError> {
        let what = match until {
            Until::NetworkIdle => "the network did not become idle",
            _ => "the page did not load",
        };
        let arrived = self.until(what, limit, |state| {
            let is_there = match until {
                Until::Commit => true,
                Until::DomContentLoaded => state.is_dom_ready,
                Until::Load | Until::NetworkIdle => state.is_loaded,
            };
            if !is_there || (until == Until::NetworkIdle && !state.in_flight.is_empty()) {
                return Look::NotYet;
            }
            let quiet = state.stirred + IDLE;
            match until == Until::NetworkIdle && quiet > Instant::now() {
                true => Look::At(quiet),
                false => Look::Yes(()),
            }
        });
        arrived.await.map_err(|error| match error {
            TabError::Late { what, limit } => TabError::Late {
                what: format!("{what}{}", self.open_requests()),
                limit,
            },
            other => other,
        })
    }

    /// Names what is on its way, for messages.
    fn open_requests(&self) -> String {
        let ids: Vec<String> = lock(&self.state).in_flight.keys().cloned().collect();
        let requests = self.trace.requests_since(Default::default());
        let open = requests.iter().filter(|request| ids.contains(&request.id));
        let urls: Vec<&str> = open.map(|request| request.url.as_str()).take(3).collect();
        match urls.is_empty() {
            true => String::new(),
            false => format!(" (on their way: {})", urls.join(", ")),
        }
    }

    async fn going(
        &self,
        command: &str,
        asked: Value,
        limit: Duration,
        url: &str,
    ) -> Result<Value, TabError> {
        // The limit is ours: what the driver is told of as a page that hangs, is one that does not come.
        let going = tokio::time::timeout(limit, self.ask(command, asked, limit * 2));
        match going.await {
            Err(_) => Err(TabError::Late {
                what: format!("{url} did not load{}", self.open_requests()),
                limit,
            }),
            Ok(Err(TabError::Refused { message, .. })) => {
                let reason = message.strip_prefix("unknown error: ").unwrap_or(&message);
                Err(TabError::Unloadable {
                    url: url.to_owned(),
                    reason: reason.to_owned(),
                })
            }
            Ok(other) => other,
        }
    }

    async fn settle(&self, until: Until, end: Instant) -> Result<(), TabError> {
        match until {
            Until::NetworkIdle => {
                self.wait_for_load_state(until, end.saturating_duration_since(Instant::now()))
                    .await
            }
            _ => Ok(()),
        }
    }
}

/// Whether a navigation was broken off by another, by a download, or by a server that sent no page.
fn is_aborted(error: &TabError) -> bool {
    const WORDS: [&str; 2] = ["ERR_ABORTED", "canceled by concurrent navigation"];
    let TabError::Unloadable { reason, .. } = error else {
        return false;
    };
    WORDS.iter().any(|words| reason.contains(words))
}

/// Whether two addresses are of one document.
fn is_same(one: &str, other: &str) -> bool {
    let document = |url: &str| {
        let url = url.split('#').next().unwrap_or_default();
        url.trim_end_matches('/').to_owned()
    };
    document(one) == document(other)
}
