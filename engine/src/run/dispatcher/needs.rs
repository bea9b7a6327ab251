//! Scenarios that need other scenarios: they begin when those have passed, with what those left behind.

use super::{Command, Dispatcher};
use crate::model::{Outcome, ScenarioId};

/// Whether a scenario may begin, as far as others are concerned.
pub(super) enum Others {
    Passed,
    /// One of them is not over.
    Open,
    /// One of them ended otherwise, for good or for now.
    Ended {
        reason: String,
        outcome: Outcome,
    },
}

impl Dispatcher {
    /// What became of the scenarios that this one needs.
    pub(super) fn others(&self, index: usize) -> Others {
        let mut all = Others::Passed;
        for need in &self.scenarios[index].declared.terms.needs {
            // One that is no part of this run was told of when the run was planned.
            let Some(other) = self.index.get(&ScenarioId(need.as_str().into())) else {
                continue;
            };
            let other = &self.scenarios[*other];
            match other.outcome {
                Some(Outcome::Passed) => {}
                // Left out here on purpose: nobody wants to know.
                Some(Outcome::Skipped) if other.declared.terms.precheck => {}
                Some(outcome) => {
                    let name = other.declared.id.name();
                    let reason = match other.declared.terms.precheck {
                        true => format!("the precheck \"{name}\" did not pass"),
                        false => format!("needs \"{name}\", which was {}", outcome.name()),
                    };
                    return Others::Ended { reason, outcome };
                }
                None => all = Others::Open,
            }
        }
        all
    }

    /// Takes over the state of the scenarios that this one needs, in the order it names them.
    pub(super) fn inherit(&mut self, index: usize) {
        let needs = self.scenarios[index].declared.terms.needs.clone();
        for need in needs {
            let Some(other) = self.index.get(&ScenarioId(need.into())).copied() else {
                continue;
            };
            let left = self.scenarios[other].state_at_end();
            let received = self.scenarios[index].received.get_or_insert_default();
            received.inherited.extend(left);
        }
    }

    /// Ends a scenario that cannot begin because of another one.
    pub(super) fn end_for_want(
        &mut self,
        index: usize,
        reason: String,
        outcome: Outcome,
        out: &mut Vec<Command>,
    ) {
        let becomes = match outcome {
            Outcome::Parked => Outcome::Parked,
            Outcome::Interrupted => Outcome::Interrupted,
            _ => Outcome::Skipped,
        };
        self.end_scenario(index, becomes, reason, out);
    }
}
