//! How one command is sent, and what its error means. Knows no tab.

use super::devtools::DevTools;
use super::error::TabError;
use super::socket::{Events, Socket, SocketError};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::watch;

/// What a browser came to, once it did.
pub type Fate = Option<String>;

/// The one BiDi socket of a browser, and, where that is on this machine, one to its DevTools, past its driver.
#[derive(Debug)]
pub struct Wire {
    socket: Socket,
    devtools: Option<DevTools>,
    fate: watch::Sender<Fate>,
}

/// Why a command was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WireError {
    #[error("{command}: {error}: {message}")]
    Refused {
        command: String,
        error: String,
        message: String,
    },
    #[error("{command} was not answered in time")]
    Silent { command: String, limit: Duration },
    #[error("{0}")]
    Gone(String),
}

impl Wire {
    pub fn new(socket: Socket, devtools: Option<DevTools>) -> Self {
        Self {
            socket,
            devtools,
            fate: watch::Sender::new(None),
        }
    }

    /// All that happens from now on.
    pub fn events(&self) -> Events {
        self.socket.events()
    }

    /// The DevTools, where they are asked past the driver.
    pub fn devtools(&self) -> Option<&DevTools> {
        self.devtools.as_ref()
    }

    /// Sends a command; answered, refused, or given up after `limit`, or at once when the browser ends.
    pub async fn send(
        &self,
        command: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, WireError> {
        let sending = self.socket.send(command, params);
        let answer = self.within(command, limit, sending).await?;
        answer.map_err(|error| self.refused(command, error))
    }

    /// Sends a command past the driver, to a session of DevTools; `None` where that way leads nowhere, or not any more.
    pub async fn send_straight(
        &self,
        session: Option<&str>,
        command: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Option<Value>, WireError> {
        let Some(devtools) = &self.devtools else {
            return Ok(None);
        };
        let sending = devtools.send(session, command, params);
        match self.within(command, limit, sending).await? {
            Ok(answer) => Ok(Some(answer)),
            Err(SocketError::Refused { error, message })
                if !NOWHERE.iter().any(|words| message.contains(words)) =>
            {
                let command = command.to_owned();
                Err(WireError::Refused {
                    command,
                    error,
                    message,
                })
            }
            Err(_) => Ok(None),
        }
    }

    async fn within<T>(
        &self,
        command: &str,
        limit: Duration,
        sending: impl Future<Output = T>,
    ) -> Result<T, WireError> {
        let mut fate = self.fate.subscribe();
        let sending = tokio::time::timeout(limit, sending);
        tokio::select! {
            biased;
            gone = fate.wait_for(Option::is_some) => Err(WireError::Gone(
                gone.ok().and_then(|cause| cause.clone()).unwrap_or_default(),
            )),
            answer = sending => answer.map_err(|_| WireError::Silent { command: command.to_owned(), limit }),
        }
    }

    fn refused(&self, command: &str, error: SocketError) -> WireError {
        match error {
            SocketError::Refused { error, message } if !ENDED.contains(&error.as_str()) => {
                WireError::Refused {
                    command: command.to_owned(),
                    error,
                    message,
                }
            }
            _ => {
                self.end("the connection to its driver broke off");
                WireError::Gone(self.fate().unwrap_or_default())
            }
        }
    }

    /// Says that the browser has ended; the first cause is kept.
    pub fn end(&self, cause: &str) {
        self.fate.send_if_modified(|fate| {
            let is_first = fate.is_none();
            fate.get_or_insert_with(|| cause.to_owned());
            is_first
        });
    }

    /// What ended the browser, if something did.
    pub fn fate(&self) -> Fate {
        self.fate.borrow().clone()
    }

    /// Resolves when the browser has ended.
    pub async fn ended(&self) -> String {
        let mut fate = self.fate.subscribe();
        let ended = fate.wait_for(Option::is_some).await;
        ended
            .ok()
            .and_then(|cause| cause.clone())
            .unwrap_or_default()
    }
}

/// What drivers say of a session that is over.
const ENDED: &[&str] = &["invalid session id", "session not created"];

/// What DevTools say of a page, a frame or a world that they do not have: it is gone, or in another process.
const NOWHERE: &[&str] = &[
    "Session with given id not found",
    "No frame",
    "Cannot find context",
];

/// What drivers say of a document that was replaced while it was asked.
const NAVIGATED: &[&str] = &[
    "Cannot find context",
    "Cannot find default execution context",
    "context was destroyed",
    "Inspected target navigated",
    "Promise was collected",
    "Cannot find realm",
    "No frame",
    "Not attached to an active page",
    "DiscardedBrowsingContextError",
    "Node with given id does not belong to the document",
];

impl WireError {
    /// Whether the document that was asked was replaced meanwhile.
    fn is_navigation(&self) -> bool {
        let Self::Refused { error, message, .. } = self else {
            return false;
        };
        error == "no such realm" || NAVIGATED.iter().any(|words| message.contains(words))
    }
}

impl From<WireError> for TabError {
    fn from(error: WireError) -> Self {
        if error.is_navigation() {
            return Self::Navigated;
        }
        match error {
            WireError::Gone(cause) => Self::Gone(cause),
            WireError::Silent { limit, .. } => Self::Hung(limit),
            WireError::Refused { error, .. } if error == "no such frame" => Self::Navigated,
            WireError::Refused {
                command,
                error,
                message,
            } => Self::Refused {
                command,
                message: format!("{error}: {message}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: &str, message: &str) -> TabError {
        let (command, error, message) = ("x".into(), error.into(), message.into());
        WireError::Refused {
            command,
            error,
            message,
        }
        .into()
    }

    #[test]
    fn a_document_that_went_away_is_worth_another_try() {
        for (error, message) in [
            ("no such frame", "Browsing context is gone"),
            ("unknown error", "Cannot find context with specified id"),
            ("unknown error", "Execution context was destroyed."),
        ] {
            assert!(
                matches!(refused(error, message), TabError::Navigated),
                "{message}"
            );
        }
        assert!(matches!(
            refused("invalid argument", "no"),
            TabError::Refused { .. }
        ));
    }
}
