//! The host side of one attempt: its records go into the event stream under its key.

use super::lounge::Usher;
use super::notes::Notes;
use super::pump::Note;
use crate::model::{AttemptKey, What};
use scenario_stdlib::host::attempt::Host;
use scenario_stdlib::host::inspect::Inspector;
use scenario_stdlib::host::record::{Level, Record};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Records of an executing attempt become events.
pub struct Recording {
    pub key: AttemptKey,
    pub notes: Notes,
    pub runtime: Handle,
    /// Lets a person look into it, if one is there.
    pub usher: Option<Arc<Usher>>,
}

impl Host for Recording {
    fn record(&self, record: Record) {
        let what = What::Recorded {
            attempt: self.key.clone(),
            record,
        };
        self.notes.send(Note::happened(what));
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
