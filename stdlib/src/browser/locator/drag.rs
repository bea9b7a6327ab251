//! Dragging one element onto another: a press on the one, which is let go over the other.

use super::act::{Undone, moved, point, spared};
use super::wait::Met;
use super::{CallLog, Locator};
use crate::browser::{Action, Button};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// A point of an element, from its corner; its middle when there is none.
type At = Option<(f64, f64)>;

impl Locator {
    /// Presses on this element and lets go over `target`. What went wrong is told with the one of the two it went wrong with.
    pub async fn drag_to<'a>(
        &'a self,
        target: &'a Self,
        (from, to): (At, At),
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<(), (&'a Self, Undone)> {
        let held = self.take_hold(from, deadline, log).await;
        let held = held.map_err(|undone| (self, undone))?;
        let met = target.ready(args("drop", to), deadline, log).await;
        let (spot, over) = match &met {
            Ok(met) => (&met.spot, point(met)),
            Err(_) => (&held.spot, point(&held)),
        };
        // Pages notice where the pointer is at its second move.
        let release = vec![
            moved((over.0 + 1.0, over.1 + 1.0)),
            moved(over),
            Action::Up(Button::Left),
        ];
        let let_go = self.perform(spot, release).await;
        met.map_err(|missed| (target, missed.into()))?;
        let_go.map_err(|missed| (target, missed.into()))
    }

    /// Presses on the element and begins to move; again when something else came below the pointer.
    async fn take_hold(
        &self,
        from: At,
        deadline: Instant,
        log: &mut CallLog,
    ) -> Result<Met, Undone> {
        loop {
            let mut args = args("drag", from);
            args.insert("guarded".into(), json!(true));
            let met = self.ready(args, deadline, log).await?;
            let (x, y) = point(&met);
            let press = vec![moved((x, y)), Action::Down(Button::Left)];
            self.perform(&met.spot, press).await?;
            let Some(other) = self.missed(&met, true).await? else {
                // Before the page scrolls to where it is to be dropped: pages begin to drag when the pointer moves a little.
                let away = vec![moved((x + 2.0, y + 2.0)), moved((x + 4.0, y + 4.0))];
                self.perform(&met.spot, away).await?;
                return Ok(met);
            };
            self.perform(&met.spot, vec![Action::Up(Button::Left)])
                .await?;
            self.missed(&met, false).await?;
            spared(&other, &met, deadline, log)?;
        }
    }
}

fn args(action: &str, position: At) -> Map<String, Value> {
    let mut args = Map::from_iter([("action".to_owned(), json!(action))]);
    if let Some((x, y)) = position {
        args.insert("position".into(), json!({ "x": x, "y": y }));
    }
    args
}
