//! The words of a run as data: what was declared, what happened, how it ended. Pure values, folded from events;
//! nothing here does anything, and nothing of the crate is imported.

pub mod declared;
pub mod event;
pub mod ids;
pub mod outcome;
pub mod progress;
mod reading;
pub mod terms;
pub mod view;
pub mod writing;

pub use declared::{CodeHash, Declared, Need, Phase, Verdict};
pub use event::{Event, What};
pub use ids::{AttemptKey, CLEAN_UP, Name, PhaseKey, RunId, ScenarioId};
pub use outcome::{Cause, Outcome, PhaseState};
pub use terms::{Quarantine, Terms};
pub use view::View;
