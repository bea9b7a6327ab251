//! Asking an element: its text, its attributes, whether it is there.

use super::wait::Missed;
use super::{CallLog, Locator};
use crate::browser::TabError;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

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

    /// Calls a function of the page's own world with the element and these arguments.
    pub async fn evaluate(
        &self,
        source: &str,
        args: &[Value],
        patience: Option<Duration>,
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<Value, Missed> {
        let mut asked = self.args();
        asked.insert("question".into(), json!("is_attached"));
        let met = self.place.until_done("query", asked, deadline, log).await?;
        let mut reached = self.args();
        reached.insert("test_id".into(), json!(self.place.test_id));
        let tab = &self.place.tab;
        let frame = &met.spot.frame;
        let element = tab.find(frame, "reach", &Value::Object(reached)).await?;
        let element = element.ok_or(TabError::Navigated)?;
        Ok(tab
            .evaluate_on(frame, &element, source, args, patience)
            .await?)
    }
}
