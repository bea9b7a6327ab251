//! Time as a page sees it: set, stopped, moved on. Its timers follow; ours do not see it.

use super::error::TabError;
use super::tab::Tab;
use serde_json::json;
use std::time::Duration;

const SOURCE: &str = include_str!("toolkit/clock.js");

impl Tab {
    /// Sets the time of this page and of all documents it loads from now on. It stands still, or runs on.
    pub async fn install_clock(&self, millis: i64, runs: bool) -> Result<(), TabError> {
        // Behind the comment that says what it is.
        let function = SOURCE
            .split_once('\n')
            .map_or(SOURCE, |(_, function)| function);
        let asked = json!({
            "functionDeclaration": format!("() => ({function})({millis}, {runs})"),
            "contexts": [self.id()],
        });
        self.host()
            .command("script.addPreloadScript", asked)
            .await?;
        let frames = self.frames().into_iter().map(|(frame, _)| frame);
        for frame in std::iter::once(self.main_frame()).chain(frames) {
            let now = format!("() => {{ ({function})({millis}, {runs}); }}");
            match self.evaluate(&frame, &now, &[]).await {
                Ok(_) | Err(TabError::Navigated) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Lets time pass in the page: timers that are due run, in their order.
    pub async fn advance_clock(&self, by: Duration) -> Result<(), TabError> {
        let script =
            "(by) => globalThis.__scenarioClock ? (__scenarioClock.advance(by), true) : false";
        let millis = json!(by.as_millis() as u64);
        let frame = self.main_frame();
        let got = self.evaluate(&frame, script, &[millis]).await?;
        match got == true {
            true => Ok(()),
            false => Err(TabError::Usage(
                "the page has its own time: page.set_clock(…) comes first".into(),
            )),
        }
    }
}
