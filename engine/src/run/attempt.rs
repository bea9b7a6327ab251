//! The host side of one attempt: its records go into the event stream under its key, a step that is over at once as one.

use super::lounge::Usher;
use super::notes::{Notes, Ticket};
use super::pump::Note;
use crate::model::{AttemptKey, What};
use jiff::Timestamp;
use scenario_stdlib::host::attempt::Host;
use scenario_stdlib::host::inspect::Inspector;
use scenario_stdlib::host::record::{Level, Record};
use std::sync::{Arc, Mutex};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Records of an executing attempt become events.
pub struct Recording {
    pub key: AttemptKey,
    pub notes: Notes,
    pub runtime: Handle,
    /// Lets a person look into it, if one is there.
    pub usher: Option<Arc<Usher>>,
    /// The step that has just begun, if nothing was told since.
    begun: Mutex<Option<Ticket>>,
}

impl Recording {
    pub fn new(key: AttemptKey, notes: Notes, runtime: Handle, usher: Option<Arc<Usher>>) -> Self {
        Self {
            key,
            notes,
            runtime,
            usher,
            begun: Mutex::default(),
        }
    }

    fn what(&self, record: Record) -> What {
        What::Recorded {
            attempt: self.key.clone(),
            record,
        }
    }
}

impl Host for Recording {
    /// The beginning of a step is held back for a moment: most end before anything else is told, and are told as a whole.
    fn record(&self, record: Record) {
        let now = Timestamp::now();
        let mut begun = self.begun.lock().unwrap_or_else(|e| e.into_inner());
        let former = begun.take().and_then(|ticket| self.notes.take_back(ticket));
        let record = match (former, record) {
            (
                Some((
                    began,
                    What::Recorded {
                        attempt,
                        record: Record::StepBegan(begin),
                    },
                )),
                Record::StepEnded { step, end },
            ) if step == begin.step => {
                let record = Record::Step { begin, end };
                let what = What::Recorded { attempt, record };
                return self.notes.send(Note::Happened(began, what));
            }
            (Some((began, what)), record) => {
                self.notes.send(Note::Happened(began, what));
                record
            }
            (None, record) => record,
        };
        match record {
            Record::StepBegan(_) => *begun = Some(self.notes.hold(now, self.what(record))),
            record => self.notes.send(Note::Happened(now, self.what(record))),
        }
    }

    fn runtime(&self) -> &Handle {
        &self.runtime
    }

    fn want_signal(&self, name: &str) -> Option<oneshot::Receiver<serde_json::Value>> {
        let (reply, signal) = oneshot::channel();
        self.notes.send(Note::Wants {
            key: self.key.clone(),
            name: name.to_owned(),
            reply,
        });
        Some(signal)
    }

    fn inspector(&self) -> Option<Arc<dyn Inspector>> {
        let usher: Arc<dyn Inspector> = self.usher.clone()?;
        Some(usher)
    }
}

/// A readiness poll leaves no account: what it saw is told by its answer.
pub struct Silent {
    pub runtime: Handle,
    /// Lets a person look into it, if one is there.
    pub usher: Option<Arc<Usher>>,
}

impl Host for Silent {
    fn record(&self, _: Record) {}

    fn runtime(&self) -> &Handle {
        &self.runtime
    }

    fn inspector(&self) -> Option<Arc<dyn Inspector>> {
        let usher: Arc<dyn Inspector> = self.usher.clone()?;
        Some(usher)
    }
}

/// What files and runs share is ended when no attempt is left to tell of it: only what went wrong is told, and what is kept.
pub struct Remarking {
    /// Whose it was; empty for that of the run.
    pub file: String,
    pub notes: Notes,
    pub runtime: Handle,
}

impl Host for Remarking {
    fn record(&self, record: Record) {
        let text = match record {
            Record::Failed { failure, .. } => match failure.steps.last() {
                Some(step) => format!("clean-up \"{step}\": {}", failure.render()),
                None => failure.render(),
            },
            Record::Log {
                level: Level::Warn,
                text,
                ..
            } => text,
            record @ Record::Attached { .. } => {
                let file = self.file.clone();
                let what = What::Shared { file, record };
                return self.notes.send(Note::happened(what));
            }
            _ => return,
        };
        self.notes.send(Note::happened(What::Warned { text }));
    }

    fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

#[cfg(test)]
mod tests {
    use super::super::notes::{HELD, Inbox};
    use super::*;
    use crate::model::{PhaseKey, ScenarioId};
    use scenario_stdlib::host::details::Details;
    use scenario_stdlib::host::record::{Begin, End, StepId, StepOutcome};
    use std::time::Duration;

    fn recording() -> (Recording, Inbox, tokio::runtime::Runtime) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let phase = PhaseKey {
            scenario: ScenarioId::new("a.rhai", "b"),
            round: 1,
            try_number: 1,
            phase: "run".into(),
        };
        let (notes, inbox) = Notes::new();
        let handle = runtime.handle().clone();
        let recording = Recording::new(phase.attempt(1), notes, handle, None);
        (recording, inbox, runtime)
    }

    fn begin(step: StepId) -> Begin {
        Begin {
            step,
            parent: None,
            kind: "http".into(),
            title: format!("GET /{step}"),
            site: "a.rhai:3".into(),
        }
    }

    fn end(step: StepId) -> End {
        End {
            outcome: StepOutcome::Failed,
            micros: 12,
            data: Details::of(&step.into()),
        }
    }

    fn begins(step: StepId) -> Record {
        Record::StepBegan(begin(step))
    }

    fn ends(step: StepId) -> Record {
        let end = end(step);
        Record::StepEnded { step, end }
    }

    fn whole(step: StepId) -> Record {
        let (begin, end) = (begin(step), end(step));
        Record::Step { begin, end }
    }

    fn log() -> Record {
        Record::Log {
            step: None,
            level: Level::Info,
            text: "x".into(),
        }
    }

    /// What has reached the inbox, with the times.
    fn told(inbox: &Inbox) -> Vec<(Timestamp, Record)> {
        let happened = |note| match note {
            Note::Happened(at, What::Recorded { record, .. }) => (at, record),
            other => panic!("{other:?}"),
        };
        let notes = inbox.take(Duration::ZERO).into_iter();
        notes.map(happened).collect()
    }

    fn records(inbox: &Inbox) -> Vec<Record> {
        told(inbox).into_iter().map(|(_, record)| record).collect()
    }

    #[test]
    fn a_step_that_is_over_at_once_is_one_record_of_the_time_it_began() {
        let (recording, inbox, _runtime) = recording();
        for step in [1, 2] {
            let before = Timestamp::now();
            recording.record(begins(step));
            let after = Timestamp::now();
            std::thread::sleep(Duration::from_millis(1));
            recording.record(ends(step));
            let told = told(&inbox);
            assert_eq!(told.len(), 1);
            assert_eq!(told[0].1, whole(step));
            assert!((before..=after).contains(&told[0].0));
        }
    }

    #[test]
    fn a_step_with_something_in_it_is_told_in_the_order_of_what_happened() {
        let (recording, inbox, _runtime) = recording();
        for record in [begins(1), begins(2), ends(2), log(), ends(1)] {
            recording.record(record);
        }
        assert_eq!(records(&inbox), [begins(1), whole(2), log(), ends(1)]);
    }

    #[test]
    fn a_step_that_goes_on_is_told_soon() {
        let (recording, inbox, _runtime) = recording();
        recording.record(begins(1));
        std::thread::sleep(HELD);
        assert_eq!(records(&inbox), [begins(1)]);
        recording.record(ends(1));
        assert_eq!(records(&inbox), [ends(1)]);
    }

    #[test]
    fn steps_side_by_side_are_not_mixed_up() {
        let (recording, inbox, _runtime) = recording();
        for record in [begins(1), begins(2), ends(1), ends(2)] {
            recording.record(record);
        }
        assert_eq!(records(&inbox), [begins(1), begins(2), ends(1), ends(2)]);
    }
}
