//! How a page is made to hold still for its picture: until two in a row are alike.

use crate::browser::locator::{CallLog, Chain, Locator, Missed, Place};
use crate::browser::{Clip, TabError};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// What is in the picture.
#[derive(Clone, Default)]
pub struct Shot {
    pub full_page: bool,
    /// What is painted over, because it changes anyway.
    pub masks: Vec<Locator>,
    pub color: Option<String>,
}

/// Takes pictures of a page, or of an element of it, until two in a row are the same or time is up.
pub async fn take(
    place: &Place,
    chain: Option<&Chain>,
    shot: &Shot,
    deadline: Instant,
    log: &mut CallLog,
) -> Result<Vec<u8>, Missed> {
    let masks: Value = shot.masks.iter().map(|mask| mask.chain.to_json()).collect();
    let still = json!({ "masks": masks, "color": shot.color });
    let answer = place
        .tab
        .call(&place.tab.main_frame(), "still", &still)
        .await?;
    if let Some(wrong) = answer["wrong"].as_str() {
        return Err(Missed::Wrong(wrong.to_owned()));
    }
    let taken = alike(place, chain, shot, deadline, log).await;
    // Whatever came of it, the page goes on as before; one that went away needs nothing.
    let _ = place
        .tab
        .call(&place.tab.main_frame(), "unstill", &json!({}))
        .await;
    taken
}

async fn alike(
    place: &Place,
    chain: Option<&Chain>,
    shot: &Shot,
    deadline: Instant,
    log: &mut CallLog,
) -> Result<Vec<u8>, Missed> {
    let mut last = once(place, chain, shot, deadline, log).await?;
    loop {
        let next = once(place, chain, shot, deadline, log).await?;
        if next == last || Instant::now() >= deadline {
            return Ok(next);
        }
        log.tell("the picture still changes");
        last = next;
    }
}

async fn once(
    place: &Place,
    chain: Option<&Chain>,
    shot: &Shot,
    deadline: Instant,
    log: &mut CallLog,
) -> Result<Vec<u8>, Missed> {
    let Some(chain) = chain else {
        return Ok(place.tab.screenshot(None, shot.full_page).await?);
    };
    let args = Map::from_iter([
        ("chain".to_owned(), chain.to_json()),
        ("action".to_owned(), json!("screenshot")),
    ]);
    let met = place.until_done("prepare", args, deadline, log).await?;
    let side = |key: &str| met.answer["box"][key].as_f64().unwrap_or_default();
    let clip = Clip {
        x: side("x") + met.spot.x,
        y: side("y") + met.spot.y,
        width: side("width").max(1.0),
        height: side("height").max(1.0),
    };
    place
        .tab
        .screenshot(Some(clip), false)
        .await
        .map_err(|error| match error {
            // An element larger than the viewport is cut by it; one that left it meanwhile is looked for again.
            TabError::Refused { .. } => Missed::Tab(TabError::Navigated),
            other => Missed::Tab(other),
        })
}
