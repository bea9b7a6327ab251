//! How many scenarios ended how.

use super::ScenarioView;
use crate::model::outcome::Outcome;

/// How many scenarios ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub total: usize,
    pub passed: usize,
    pub failed: usize,
    pub errored: usize,
    pub skipped: usize,
    pub interrupted: usize,
    pub parked: usize,
    /// Passed, but only after a failed try or attempt; counted among the passed too.
    pub flaky: usize,
    /// Bad, but in quarantine; counted among the failed or errored too.
    pub quarantined: usize,
    /// Not ended yet.
    pub open: usize,
    /// Passed without checking a single claim; counted among the passed too.
    pub vacuous: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, scenario: &ScenarioView) {
        self.total += 1;
        match scenario.outcome {
            None => self.open += 1,
            Some(Outcome::Passed) => {
                self.passed += 1;
                self.flaky += usize::from(scenario.flaky);
                self.vacuous += usize::from(scenario.assertions == 0);
            }
            Some(Outcome::Failed) => self.failed += 1,
            Some(Outcome::Errored) => self.errored += 1,
            Some(Outcome::Skipped) => self.skipped += 1,
            Some(Outcome::Interrupted) => self.interrupted += 1,
            Some(Outcome::Parked) => self.parked += 1,
        }
        self.quarantined += usize::from(scenario.quarantined);
    }

    /// How they ended: `2 passed, 1 parked`, or nothing when none did.
    pub fn outcomes(&self) -> String {
        in_words(&[
            (self.passed, "passed"),
            (self.failed, "failed"),
            (self.errored, "errored"),
            (self.skipped, "skipped"),
            (self.interrupted, "interrupted"),
            (self.parked, "parked"),
        ])
    }
}

/// `2 passed, 1 parked`: what there is none of is left out.
pub fn in_words(facts: &[(usize, &str)]) -> String {
    let facts = facts.iter().filter(|(count, _)| *count > 0);
    let facts: Vec<String> = facts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    facts.join(", ")
}
