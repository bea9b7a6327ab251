//! Asking the page until it is so: slices inside the page, so that between them the host can look at deadline and cancellation.

use super::log::CallLog;
use super::part::Chain;
use crate::browser::{Frame, Tab, TabError};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest time the page waits by itself.
const SLICE: Duration = Duration::from_millis(500);
/// A document that went away is followed by another; this is how often one looks for it.
const BETWEEN_DOCUMENTS: Duration = Duration::from_millis(10);

/// Where elements are looked for: a page, or a frame inside it.
#[derive(Clone)]
pub struct Place {
    pub tab: Arc<Tab>,
    /// The frames to go through, outermost first.
    pub frames: Vec<Chain>,
    /// The attribute that holds test ids.
    pub test_id: String,
}

/// A frame as it is now, and where its corner is in the viewport of the page.
#[derive(Clone)]
pub struct Spot {
    pub frame: Frame,
    pub x: f64,
    pub y: f64,
}

/// Why it did not come about.
#[derive(Debug)]
pub enum Missed {
    /// The toolkit's last verdict.
    Verdict(Value),
    /// What was asked can never be done to such an element.
    Wrong(String),
    Tab(TabError),
}

impl From<TabError> for Missed {
    fn from(error: TabError) -> Self {
        Self::Tab(error)
    }
}

/// What came about, and where.
pub struct Met {
    pub spot: Spot,
    pub answer: Value,
    /// How many documents the page had had before.
    pub documents: usize,
}

impl Place {
    /// Calls `name` of the toolkit until it is done, or until the deadline; at least once.
    pub async fn until_done(
        &self,
        name: &str,
        mut args: Map<String, Value>,
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<Met, Missed> {
        args.insert("test_id".into(), json!(self.test_id));
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            args.insert("slice".into(), millis(left.min(SLICE)));
            match self.slice(name, &args).await {
                Ok(met) => {
                    log.add(&met.answer);
                    if met.answer["done"] == true {
                        return Ok(met);
                    }
                    if let Some(wrong) = met.answer["wrong"].as_str() {
                        return Err(Missed::Wrong(wrong.to_owned()));
                    }
                    // Elements that are too many for a whole slice will not become fewer: the locator is wrong.
                    if met.answer["verdict"] == "many" || Instant::now() >= deadline {
                        return Err(Missed::Verdict(met.answer));
                    }
                }
                Err(Missed::Tab(TabError::Navigated)) if Instant::now() < deadline => {
                    log.tell("the page went to another document");
                    tokio::time::sleep(BETWEEN_DOCUMENTS).await;
                }
                Err(Missed::Verdict(verdict)) => {
                    log.add(&verdict);
                    if verdict["verdict"] == "many" || Instant::now() >= deadline {
                        return Err(Missed::Verdict(verdict));
                    }
                }
                Err(missed) => return Err(missed),
            }
        }
    }

    async fn slice(&self, name: &str, args: &Map<String, Value>) -> Result<Met, Missed> {
        let documents = self.tab.documents();
        let spot = self.spot(&args["slice"]).await?;
        let answer = self
            .tab
            .call(&spot.frame, name, &Value::Object(args.clone()))
            .await?;
        Ok(Met {
            spot,
            answer,
            documents,
        })
    }

    /// The frame that is meant, waiting for its elements for a slice each.
    pub async fn spot(&self, slice: &Value) -> Result<Spot, Missed> {
        let mut spot = Spot {
            frame: self.tab.main_frame(),
            x: 0.0,
            y: 0.0,
        };
        for chain in &self.frames {
            let args = json!({ "chain": chain.to_json(), "slice": slice, "test_id": self.test_id, "scrolls": true });
            let answer = self.tab.call(&spot.frame, "frame", &args).await?;
            if let Some(wrong) = answer["wrong"].as_str() {
                return Err(Missed::Wrong(wrong.to_owned()));
            }
            if answer["done"] != true {
                let mut verdict = answer;
                verdict["frame"] = json!(chain.show());
                return Err(Missed::Verdict(verdict));
            }
            let element = self
                .tab
                .find(&spot.frame, "reach", &args)
                .await?
                .ok_or(TabError::Navigated)?;
            let frame = self.tab.child_frame(&spot.frame, &element).await?;
            spot = Spot {
                frame,
                x: spot.x + answer["x"].as_f64().unwrap_or_default(),
                y: spot.y + answer["y"].as_f64().unwrap_or_default(),
            };
        }
        Ok(spot)
    }
}

fn millis(time: Duration) -> Value {
    json!((time.as_secs_f64() * 1000.0).ceil())
}
