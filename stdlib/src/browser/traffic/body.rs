//! What was in a response. Browsers forget it at once unless they are told to keep it.

use crate::browser::context::Context;
use crate::browser::error::TabError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

/// Larger ones are not kept.
const LARGEST: u64 = 20 << 20;

impl Context {
    /// Has the browser keep the bodies of all responses from now on.
    pub async fn keep_bodies(&self) -> Result<(), TabError> {
        let mut collector = self.collector.lock().await;
        if collector.is_some() {
            return Ok(());
        }
        let asked = json!({
            "dataTypes": ["response"],
            "maxEncodedDataSize": LARGEST,
            "userContexts": [self.id()],
        });
        let answer = self
            .host()
            .command("network.addDataCollector", asked)
            .await?;
        *collector = answer["collector"].as_str().map(str::to_owned);
        Ok(())
    }

    /// The body of the response to a request; `None` when it was not kept.
    pub async fn body(&self, request: &str) -> Option<Vec<u8>> {
        let collector = self.collector.lock().await.clone()?;
        let asked = json!({ "dataType": "response", "collector": collector, "request": request });
        let answer = self.host().command("network.getData", asked).await.ok()?;
        let bytes = &answer["bytes"];
        let text = bytes["value"].as_str()?;
        match bytes["type"].as_str() {
            Some("base64") => BASE64_STANDARD.decode(text).ok(),
            _ => Some(text.as_bytes().to_vec()),
        }
    }
}
