//! What became of a scenario, in the words all reporters share.

use super::setback::{Setback, decisive};
use crate::model::Outcome;
use crate::model::view::{ScenarioView, View};

/// What became of a scenario. Finer than its outcome: a run that was killed leaves some without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// Passed after a failed try or attempt.
    Flaky,
    Failed,
    Errored,
    Skipped,
    Interrupted,
    Parked,
    /// The run was killed while it was under way.
    CutOff,
    /// The run was killed before it began.
    NotRun,
    /// It is under way.
    Running,
    /// It is about to begin.
    Queued,
}

impl Verdict {
    /// What became of `scenario` so far.
    pub fn of(scenario: &ScenarioView) -> Self {
        match scenario.outcome {
            Some(Outcome::Passed) if scenario.flaky => Self::Flaky,
            Some(Outcome::Passed) => Self::Passed,
            Some(Outcome::Failed) => Self::Failed,
            Some(Outcome::Errored) => Self::Errored,
            Some(Outcome::Skipped) => Self::Skipped,
            Some(Outcome::Interrupted) => Self::Interrupted,
            Some(Outcome::Parked) => Self::Parked,
            None if scenario.is_live && scenario.tries.is_empty() => Self::Queued,
            None if scenario.is_live => Self::Running,
            None if scenario.tries.is_empty() => Self::NotRun,
            None => Self::CutOff,
        }
    }

    /// The word at the start of its line; at most five letters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "PASS",
            Self::Flaky => "FLAKY",
            Self::Failed => "FAIL",
            Self::Errored => "ERROR",
            Self::Skipped => "SKIP",
            Self::Interrupted => "STOP",
            Self::Parked => "PARK",
            Self::CutOff => "CUT",
            Self::NotRun => "----",
            Self::Running => "RUN",
            Self::Queued => "QUEUE",
        }
    }

    /// The word within a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Flaky => "flaky",
            Self::Failed => "failed",
            Self::Errored => "errored",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
            Self::Parked => "parked",
            Self::CutOff => "cut off",
            Self::NotRun => "not run",
            Self::Running => "running",
            Self::Queued => "not begun yet",
        }
    }

    /// Whether someone has to look at it.
    pub fn is_bad(self) -> bool {
        matches!(
            self,
            Self::Failed | Self::Errored | Self::Interrupted | Self::CutOff | Self::NotRun
        )
    }
}

/// What became of a scenario in a few words, for where only one line is to be had.
pub fn reason(scenario: &ScenarioView, view: &View) -> String {
    if !scenario.reason.is_empty() {
        return scenario.reason.clone();
    }
    match Verdict::of(scenario) {
        Verdict::Passed | Verdict::Flaky => String::new(),
        Verdict::CutOff => format!("{} while it was under way", end_of(view)),
        Verdict::NotRun => format!("{} before it began", end_of(view)),
        Verdict::Running => "it is under way".into(),
        Verdict::Queued => "it has not begun yet".into(),
        Verdict::Interrupted => view.interrupted.clone().unwrap_or_default(),
        _ => {
            let setbacks = Setback::all(scenario);
            decisive(&setbacks)
                .next()
                .map(Setback::headline)
                .unwrap_or_default()
        }
    }
}

fn end_of(view: &View) -> &'static str {
    match view.ended {
        Some(_) => "the run ended",
        None => "the run was killed",
    }
}
