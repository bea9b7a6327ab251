//! Everything that went wrong with a scenario, attempt by attempt, and in which words reporters tell it.

use super::clean;
use crate::model::view::{AttemptView, PhaseView, ScenarioView, TryView};
use crate::model::{Phase, PhaseState};
use scenario_stdlib::host::failure::{Failure, Kind};

/// Longest title of a step in a path; a step without a name of its own may be titled by its source.
const STEP: usize = 60;

/// The detail that several failures may have in common.
const EXCHANGE: &str = "last exchange";

/// Whose fault it is, in the word that begins a failure's block.
pub fn kind_word(failure: &Failure) -> &'static str {
    match failure.kind {
        Kind::Failure if failure.soft => "soft failure",
        Kind::Failure => "failure",
        Kind::Fault => "fault",
        Kind::Usage => "usage",
    }
}

/// One attempt that went wrong, or one phase that did so outside of any attempt.
#[derive(Clone, Copy, Debug)]
pub struct Setback<'a> {
    pub scenario: &'a ScenarioView,
    pub tried: &'a TryView,
    pub phase: &'a PhaseView,
    pub attempt: Option<&'a AttemptView>,
    pub failures: &'a [Failure],
}

impl<'a> Setback<'a> {
    /// Everything that went wrong with `scenario`, in the order of its tries and phases. Where the run was killed, the
    /// attempts it was in count too.
    pub fn all(scenario: &'a ScenarioView) -> Vec<Self> {
        let mut found = Vec::new();
        for tried in &scenario.tries {
            for phase in &tried.phases {
                let here = |attempt, failures| Self {
                    scenario,
                    tried,
                    phase,
                    attempt,
                    failures,
                };
                for attempt in &phase.attempts {
                    let went_wrong = match attempt.state {
                        Some(state) => is_bad(state),
                        None => scenario.outcome.is_none() && !scenario.is_live,
                    };
                    if went_wrong || !attempt.failures.is_empty() {
                        found.push(here(Some(attempt), &attempt.failures));
                    }
                }
                if !phase.failures.is_empty() {
                    found.push(here(None, &phase.failures));
                }
            }
        }
        found
    }

    /// Whether it decided the scenario: its outcome counts, and no later try or attempt came after it.
    pub fn is_final(&self) -> bool {
        let counts = |phase: &Phase| !phase.ignore_outcome;
        let of_round = |tried: &&TryView| tried.round == self.tried.round;
        let last_try = self.scenario.tries.iter().rfind(of_round);
        let last_attempt = self.phase.attempts.last().map(|last| last.number);
        self.scenario
            .declared
            .phase(&self.phase.name)
            .is_none_or(counts)
            && last_try.is_some_and(|last| last.number == self.tried.number)
            && self
                .attempt
                .is_none_or(|attempt| last_attempt == Some(attempt.number))
    }

    /// Whether another went wrong in the very same way.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.phase.name == other.phase.name
            && !self.failures.is_empty()
            && self.failures.len() == other.failures.len()
            && self.failures.iter().zip(other.failures).all(|(a, b)| {
                (a.kind, a.code, &a.message, &a.location, &a.steps)
                    == (b.kind, b.code, &b.message, &b.location, &b.steps)
            })
    }

    /// Its failures as they are told one below the other: an exchange that several of them show is shown once.
    pub fn told(&self) -> Vec<Failure> {
        let mut told: Vec<Failure> = self.failures.to_vec();
        for index in 1..told.len() {
            let (before, own) = told.split_at_mut(index);
            for detail in &mut own[0].details {
                let is_known = |former: &Failure| former.details.contains(detail);
                if detail.label == EXCHANGE && before.iter().any(is_known) {
                    detail.text = "the same as above".into();
                }
            }
        }
        told
    }

    /// The failure that decides: what is wrong with the script or the machine before what is wrong with the product, and
    /// what ended the phase before what it went on after.
    pub fn gravest(&self) -> Option<&'a Failure> {
        let gravity = |failure: &&Failure| match failure.kind {
            Kind::Usage | Kind::Fault => 0,
            Kind::Failure if failure.soft => 2,
            Kind::Failure => 1,
        };
        self.failures.iter().min_by_key(gravity)
    }

    /// `login as Ada › journey › log in`: where `failure` happened. A scenario's only phase is not named.
    pub fn place(&self, failure: Option<&Failure>) -> String {
        let mut path = vec![clean::name(self.scenario.declared.id.name())];
        if self.scenario.declared.phases.len() > 1 {
            path.push(clean::name(&self.phase.name));
        }
        let steps = failure.iter().flat_map(|failure| &failure.steps);
        path.extend(steps.map(|title| clean::short(title, STEP)));
        path.join(" › ")
    }

    /// `try 2 of 3, attempt 1 of 2`, as far as there was more than one; empty if not.
    pub fn which(&self) -> String {
        let mut parts = Vec::new();
        let declared = &self.scenario.declared;
        if self.scenario.tries.iter().any(|tried| tried.round > 1) {
            parts.push(format!("round {}", self.tried.round));
        }
        match declared.terms.retries {
            Some(retries) if retries > 0 => {
                parts.push(format!("try {} of {}", self.tried.number, retries + 1));
            }
            // How many there may be is said by the configuration, which is not known here.
            _ if self.scenario.tries.iter().any(|tried| tried.number > 1) => {
                parts.push(format!("try {}", self.tried.number));
            }
            _ => {}
        }
        let retries = declared
            .phase(&self.phase.name)
            .map_or(0, |phase| phase.retries);
        if let Some(attempt) = self.attempt
            && retries > 0
        {
            parts.push(format!("attempt {} of {}", attempt.number, retries + 1));
        }
        parts.join(", ")
    }

    /// All of its failures as plain text, each with where it happened.
    pub fn text(&self) -> String {
        let which = match self.which() {
            which if which.is_empty() => which,
            which => format!("  ({which})"),
        };
        let told = self.told();
        let failures = told.iter().map(|failure| {
            let place = self.place(Some(failure));
            let rendered = clean::failure(failure, clean::LINE);
            format!("{place}{which}\n{}: {rendered}", kind_word(failure))
        });
        let text = failures.collect::<Vec<_>>().join("\n\n");
        if text.is_empty() {
            format!(
                "{}{which}\n{}",
                self.place(None),
                clean::line(&self.headline(), clean::BLOCK)
            )
        } else {
            text
        }
    }

    /// `try 1, attempt 2`: enough to find it among others of the scenario.
    pub fn number(&self) -> String {
        let round = match self.tried.round {
            1 => String::new(),
            round => format!("round {round}, "),
        };
        let attempt = match self.attempt {
            Some(attempt) if self.phase.attempts.len() > 1 => {
                format!(", attempt {}", attempt.number)
            }
            _ => String::new(),
        };
        format!("{round}try {}{attempt}", self.tried.number)
    }

    /// The line that tells what went wrong.
    pub fn headline(&self) -> String {
        if let Some(failure) = self.gravest() {
            return failure.message.clone();
        }
        let what = match self.attempt.map(|attempt| attempt.state) {
            Some(None) => "did not end",
            Some(Some(PhaseState::Aborted)) => "was aborted",
            _ => "failed without a reason",
        };
        format!("phase `{}` {what}", self.phase.name)
    }
}

fn is_bad(state: PhaseState) -> bool {
    matches!(
        state,
        PhaseState::Failed | PhaseState::Aborted | PhaseState::Defective
    )
}

/// The setbacks that decided a scenario; where the run was killed in it, there may be none.
pub fn decisive<'a>(setbacks: &'a [Setback<'a>]) -> impl Iterator<Item = &'a Setback<'a>> {
    setbacks.iter().filter(|setback| setback.is_final())
}
