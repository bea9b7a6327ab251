//! One execution of a phase as it stands: its steps, what it logged, attached and wrote.

use super::push;
use super::scenario::Observation;
use crate::model::outcome::PhaseState;
use jiff::Timestamp;
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{Begin, End, Level, Record, StepId, StepOutcome};
use serde_json::Value;
use std::time::Duration;
use thin_vec::ThinVec;

#[derive(Clone, Debug)]
pub struct AttemptView {
    pub number: u32,
    pub seed: u64,
    pub started: Timestamp,
    /// `None` while it executes, and for ever if the run was killed in it.
    pub state: Option<PhaseState>,
    pub took: Duration,
    pub assertions: u64,
    pub failures: ThinVec<Failure>,
    pub steps: ThinVec<StepView>,
    pub logs: ThinVec<LogView>,
    pub attachments: ThinVec<AttachmentView>,
    /// What it wrote to `state`, in order of writing.
    pub writes: ThinVec<(String, Option<Value>)>,
}

#[derive(Clone, Debug)]
pub struct StepView {
    pub id: StepId,
    pub parent: Option<StepId>,
    pub kind: String,
    pub title: String,
    /// `file:line`.
    pub site: String,
    pub began: Timestamp,
    /// `None` while it is open.
    pub outcome: Option<StepOutcome>,
    pub took: Duration,
    pub data: Details,
    pub observed: ThinVec<Observation>,
}

impl StepView {
    fn begun(begin: &Begin, at: Timestamp) -> Self {
        Self {
            id: begin.step,
            parent: begin.parent,
            kind: begin.kind.clone(),
            title: begin.title.clone(),
            site: begin.site.clone(),
            began: at,
            outcome: None,
            took: Duration::ZERO,
            data: Details::default(),
            observed: ThinVec::new(),
        }
    }

    fn end(&mut self, end: &End) {
        self.outcome = Some(end.outcome);
        self.took = Duration::from_micros(end.micros);
        self.data = end.data.clone();
    }
}

#[derive(Clone, Debug)]
pub struct LogView {
    pub at: Timestamp,
    pub step: Option<StepId>,
    pub level: Level,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct AttachmentView {
    pub step: Option<StepId>,
    pub name: String,
    /// Relative to the run's directory.
    pub path: String,
    pub media_type: String,
    pub bytes: u64,
}

impl AttachmentView {
    /// Of a record, if it tells of something that was kept.
    pub(super) fn of(record: &Record) -> Option<Self> {
        match record {
            Record::Attached {
                step,
                name,
                path,
                media_type,
                bytes,
            } => Some(Self {
                step: *step,
                name: name.clone(),
                path: path.clone(),
                media_type: media_type.clone(),
                bytes: *bytes,
            }),
            _ => None,
        }
    }
}

impl AttemptView {
    pub(super) fn started(number: u32, seed: u64, at: Timestamp) -> Self {
        Self {
            number,
            seed,
            started: at,
            state: None,
            took: Duration::ZERO,
            assertions: 0,
            failures: ThinVec::new(),
            steps: ThinVec::new(),
            logs: ThinVec::new(),
            attachments: ThinVec::new(),
            writes: ThinVec::new(),
        }
    }

    pub(super) fn record(&mut self, record: &Record, at: Timestamp) {
        match record {
            Record::Step { begin, end } => {
                let mut step = StepView::begun(begin, at);
                step.end(end);
                self.steps.push(step);
            }
            Record::StepBegan(begin) => self.steps.push(StepView::begun(begin, at)),
            Record::StepEnded { step, end } => {
                if let Some(step) = self.step_mut(*step) {
                    step.end(end);
                }
            }
            Record::Failed { failure, .. } => self.failures.push(failure.as_ref().clone()),
            Record::State { key, value } => {
                push(&mut self.writes, (key.clone(), value.clone()));
            }
            Record::Log { step, level, text } => self.logs.push(LogView {
                at,
                step: *step,
                level: *level,
                text: text.clone(),
            }),
            Record::Attached { .. } => self.attachments.extend(AttachmentView::of(record)),
            // Services belong to the try; what they write is in their logs.
            Record::Service { .. } | Record::Output { .. } => {}
            Record::Observed { step, seen, polls } => {
                let observation = Observation {
                    at,
                    seen: seen.clone(),
                    polls: *polls,
                };
                if let Some(step) = step.and_then(|id| self.step_mut(id)) {
                    step.observed.push(observation);
                }
            }
        }
    }

    fn step_mut(&mut self, id: StepId) -> Option<&mut StepView> {
        self.steps.iter_mut().rev().find(|step| step.id == id)
    }

    /// What every step of a passed attempt carried is in the store; holding it would make a long run heavy.
    pub(super) fn forget_details(&mut self) {
        for step in &mut self.steps {
            step.data = Details::default();
        }
    }

    /// The steps that are open, outermost first.
    pub fn open_steps(&self) -> impl Iterator<Item = &StepView> {
        self.steps.iter().filter(|step| step.outcome.is_none())
    }
}
