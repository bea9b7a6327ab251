//! Time as a page sees it: set, stopped, moved on. Its timers follow; ours do not see it.

use super::error::TabError;
use super::tab::{Frame, Tab};
use serde_json::json;
use std::time::Duration;

const SOURCE: &str = include_str!("toolkit/clock.js");

impl Tab {
    /// Sets the time of this page and of all documents it loads from now on. It stands still.
    pub async fn install_clock(&self, millis: i64) -> Result<(), TabError> {
        self.begin_documents_at(millis).await?;
        for frame in self.all_frames() {
            let now = format!("() => {{ ({})({millis}); }}", function());
            match self.evaluate(&frame, &now, &[], None).await {
                Ok(_) | Err(TabError::Navigated) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Lets time pass in the page: timers that are due run, in their order.
    pub async fn advance_clock(&self, by: Duration) -> Result<(), TabError> {
        let script = "(by) => { const clock = globalThis.__scenarioClock; if (!clock) return null; \
            clock.advance(by); return clock.now() }";
        let millis = json!(by.as_millis() as u64);
        let mut now = None;
        for frame in self.all_frames() {
            let asked = [millis.clone()];
            let got = self.evaluate(&frame, script, &asked, None).await;
            match got {
                Ok(got) if frame == self.main_frame() => now = got.as_f64(),
                // Frames come and go meanwhile.
                Ok(_) => {}
                Err(TabError::Navigated) if frame != self.main_frame() => {}
                Err(other) => return Err(other),
            }
        }
        match now {
            Some(now) => self.begin_documents_at(now as i64).await,
            None => Err(TabError::Usage(
                "the page has its own time: page.set_clock(…) comes first".into(),
            )),
        }
    }

    /// What time it is in documents that are loaded from now on.
    async fn begin_documents_at(&self, millis: i64) -> Result<(), TabError> {
        let asked = json!({
            "functionDeclaration": format!("() => ({})({millis})", function()),
            "contexts": [self.id()],
        });
        let host = self.host();
        let added = host.command("script.addPreloadScript", asked).await?;
        // Only then, so that no document has its own time between.
        if let Some(before) = self.swap_clock(added["script"].as_str()) {
            let asked = json!({ "script": before });
            host.command("script.removePreloadScript", asked).await?;
        }
        Ok(())
    }

    fn all_frames(&self) -> impl Iterator<Item = Frame> + use<> {
        let frames = self.frames().into_iter().map(|(frame, _)| frame);
        std::iter::once(self.main_frame()).chain(frames)
    }
}

/// Behind the comment that says what it is.
fn function() -> &'static str {
    SOURCE
        .split_once('\n')
        .map_or(SOURCE, |(_, function)| function)
}
