//! Asking an element: its text, its attributes, whether it is there.

use super::wait::Missed;
use super::{CallLog, Locator};
use serde_json::{Value, json};
use std::time::Instant;

impl Locator {
    /// Answers `question` of the toolkit; most wait for the element first.
    pub async fn ask(
        &self,
        question: &str,
        name: Option<&str>,
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<Value, Missed> {
        let mut args = self.args();
        args.insert("question".into(), json!(question));
        if let Some(name) = name {
            args.insert("name".into(), json!(name));
        }
        let met = self.place.until_done("query", args, deadline, log).await?;
        Ok(met.answer.get("value").cloned().unwrap_or_default())
    }
}
