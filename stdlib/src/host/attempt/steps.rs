//! Steps: what an attempt did, one inside the other.

use super::{Attempt, Open, lock};
use crate::host::details::Details;
use crate::host::record::{Begin, End, Record, StepId, StepOutcome};
use serde_json::Value;
use std::sync::atomic::Ordering;
use std::time::Instant;

impl Attempt {
    /// Records `body` as a step. `body` gets the step to hang data on; an error ends it failed.
    pub fn step<T, E>(
        &self,
        kind: &str,
        title: &str,
        at: String,
        body: impl FnOnce(&mut Step) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.is_polling() {
            return body(&mut Step::default());
        }
        let id = self.shared.steps.fetch_add(1, Ordering::Relaxed) + 1;
        self.record(Record::StepBegan(Begin {
            step: id,
            parent: self.open_step(),
            kind: kind.to_owned(),
            title: title.to_owned(),
            site: at.clone(),
        }));
        lock(&self.lane.steps).push(Open {
            id,
            title: title.to_owned(),
            site: at,
        });
        let began = Instant::now();
        let mut step = Step {
            id: Some(id),
            ..Step::default()
        };
        let result = body(&mut step);
        lock(&self.lane.steps).retain(|open| open.id != id);
        let outcome = step.outcome.unwrap_or(match &result {
            Ok(_) => StepOutcome::Passed,
            Err(_) => StepOutcome::Failed,
        });
        self.record(Record::StepEnded {
            step: id,
            end: End {
                outcome,
                micros: began.elapsed().as_micros() as u64,
                data: Details::of(&step.data),
            },
        });
        result
    }

    /// The innermost step open on this lane.
    pub fn open_step(&self) -> Option<StepId> {
        lock(&self.lane.steps)
            .last()
            .map(|open| open.id)
            .or(self.lane.base)
    }

    /// Titles of the open steps, outermost first.
    pub(super) fn open_titles(&self) -> Vec<String> {
        let steps = lock(&self.lane.steps);
        let mine = steps.iter().map(|open| &open.title);
        self.lane.above.iter().chain(mine).cloned().collect()
    }
}

/// What the body of a step may say about it.
#[derive(Debug, Default)]
pub struct Step {
    /// `None` inside a poll, where steps are not recorded.
    pub id: Option<StepId>,
    /// Shown by reports; depends on the primitive.
    pub data: Value,
    /// Set to override what the result says.
    pub outcome: Option<StepOutcome>,
}
