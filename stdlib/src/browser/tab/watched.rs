//! Whether a page still answers while a script of its user runs in it: one that waits for something leaves it free, a loop
//! does not.

use super::super::error::TabError;
use super::super::toolkit::SANDBOX;
use super::{Frame, PROMPT, Tab};
use serde_json::json;
use std::time::Duration;

/// How long a script may take, promises included, unless it is said.
const SCRIPT: Duration = Duration::from_secs(60);
/// When the page is asked for the first time, and how long it is left alone then.
const BETWEEN: Duration = Duration::from_millis(300);

impl Tab {
    /// Does `work`, a script that runs in a frame and gets as long as it says: `patience`, which may be spent in a loop, or
    /// else the usual time, in which the page has to answer now and then.
    pub(super) async fn watched<T>(
        &self,
        frame: &Frame,
        patience: Option<Duration>,
        work: impl AsyncFnOnce(Duration) -> Result<T, TabError>,
    ) -> Result<T, TabError> {
        let limit = patience.unwrap_or(SCRIPT);
        let done = async {
            match work(limit).await {
                // A promise that is not kept, unless the page is busy.
                Err(TabError::Hung(_)) => match self.does_answer(frame).await {
                    Err(TabError::Hung(_)) => Err(TabError::Hung(limit)),
                    _ => Err(TabError::Late {
                        what: "the script gave nothing back".into(),
                        limit,
                    }),
                },
                other => other,
            }
        };
        let outcome = async {
            match patience {
                Some(_) => done.await,
                None => tokio::select! {
                    biased;
                    done = done => done,
                    error = self.stuck(frame) => Err(error),
                },
            }
        };
        self.freed(outcome).await
    }

    /// Does `work`, which a page answers at once unless a script keeps it busy.
    pub(super) async fn freed<T>(
        &self,
        work: impl Future<Output = Result<T, TabError>>,
    ) -> Result<T, TabError> {
        let outcome = work.await;
        if let Err(TabError::Hung(_)) = outcome {
            self.interrupt().await;
        }
        outcome
    }

    /// Ends the script that keeps the page busy, where that can be done: the page can be looked at then.
    async fn interrupt(&self) {
        let Some(Some(session)) = self.devtools.get() else {
            return;
        };
        let asked =
            json!({ "method": "Runtime.terminateExecution", "params": {}, "session": session });
        let ending = self.host.command("goog:cdp.sendCommand", asked);
        let _ = tokio::time::timeout(self.host.scaled(BETWEEN), ending).await;
    }

    /// Resolves when the page answers nothing any more.
    async fn stuck(&self, frame: &Frame) -> TabError {
        loop {
            tokio::time::sleep(BETWEEN).await;
            // Whatever else there is to say is said to the script that runs.
            if let Err(error @ TabError::Hung(_)) = self.does_answer(frame).await {
                return error;
            }
        }
    }

    /// Asks what costs nothing. Dialogs in a row are counted as before: the page has not gone on by itself.
    async fn does_answer(&self, frame: &Frame) -> Result<(), TabError> {
        let asked = json!({
            "expression": "0",
            "awaitPromise": false,
            "target": { "context": frame.id(), "sandbox": SANDBOX },
        });
        let asking = self.host.command_within("script.evaluate", asked, PROMPT);
        asking.await.map(drop)
    }
}
