//! What a try came to, from the states of its phases (credit: the result table of Cider-CI).

use super::scenario::PhaseRun;
use crate::model::{Cause, Declared, Outcome, PhaseState};

/// The outcome of a try and of its clean-up. Phases with `ignore_outcome` do not count; a phase skipped because
/// another was not reached counts only by the one it was skipped for.
pub fn of_try(declared: &Declared, phases: &[PhaseRun], cleaned: PhaseState) -> Outcome {
    match (of_phases(declared, phases), cleaned) {
        (Outcome::Passed | Outcome::Skipped, PhaseState::Failed) => Outcome::Failed,
        (Outcome::Passed | Outcome::Skipped, PhaseState::Defective) => Outcome::Errored,
        (outcome, _) => outcome,
    }
}

fn of_phases(declared: &Declared, phases: &[PhaseRun]) -> Outcome {
    let counted: Vec<PhaseState> = declared
        .phases
        .iter()
        .zip(phases)
        .filter(|(phase, _)| !phase.ignore_outcome)
        .map(|(_, run)| run.state)
        .collect();
    let any = |state| counted.contains(&state);
    if any(PhaseState::Aborted) {
        Outcome::Interrupted
    } else if counted.is_empty() || any(PhaseState::Defective) {
        // That nothing counts is refused when a file is loaded.
        Outcome::Errored
    } else if any(PhaseState::Failed) {
        Outcome::Failed
    } else if counted.iter().all(|state| *state == PhaseState::Skipped) {
        Outcome::Skipped
    } else {
        Outcome::Passed
    }
}

/// Why a scenario of skipped phases was skipped.
pub fn skip_reason(phases: &[PhaseRun]) -> String {
    let reason = phases
        .iter()
        .find_map(|phase| match phase.cause.as_deref() {
            Some(Cause::Script { reason } | Cause::Condition { reason }) => Some(reason.clone()),
            _ => None,
        });
    let unmet = || {
        phases
            .iter()
            .find_map(|phase| match phase.cause.as_deref() {
                Some(Cause::Needs { phase, state }) => Some(format!(
                    "needs phase `{phase}`, which {}",
                    match state {
                        PhaseState::Passed => "passed",
                        PhaseState::Failed => "failed",
                        PhaseState::Skipped => "was skipped",
                        PhaseState::Aborted => "was aborted",
                        PhaseState::Defective => "was defective",
                        other => other.name(),
                    }
                )),
                _ => None,
            })
    };
    reason.or_else(unmet).unwrap_or_default()
}
