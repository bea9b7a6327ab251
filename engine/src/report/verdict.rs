//! What became of a scenario, in the words all reporters share, and everything that went wrong on the way.

use crate::model::view::{AttemptView, PhaseView, ScenarioView, TryView, View};
use crate::model::{Outcome, Phase, PhaseState};
use scenario_stdlib::host::failure::{Failure, Kind};

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
                        None => scenario.outcome.is_none(),
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

    /// `login as Ada › journey › log in`: where `failure` happened. A scenario's only phase is not named.
    pub fn path(&self, failure: Option<&'a Failure>) -> Vec<&'a str> {
        let mut path = vec![self.scenario.declared.id.name()];
        if self.scenario.declared.phases.len() > 1 {
            path.push(&self.phase.name);
        }
        path.extend(
            failure
                .iter()
                .flat_map(|failure| &failure.steps)
                .map(String::as_str),
        );
        path
    }

    /// `try 2 of 3, attempt 1 of 2`, as far as there was more than one; empty if not.
    pub fn which(&self) -> String {
        let mut parts = Vec::new();
        let declared = &self.scenario.declared;
        if self.scenario.tries.iter().any(|tried| tried.round > 1) {
            parts.push(format!("round {}", self.tried.round));
        }
        match declared.retries {
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

    /// The first line that tells what went wrong.
    pub fn headline(&self) -> String {
        if let Some(failure) = self.failures.first() {
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

/// What became of a scenario in a few words, for where only one line is to be had.
pub fn reason(scenario: &ScenarioView, view: &View) -> String {
    if !scenario.reason.is_empty() {
        return scenario.reason.clone();
    }
    match Verdict::of(scenario) {
        Verdict::Passed | Verdict::Flaky => String::new(),
        Verdict::CutOff => format!("{} while it was under way", end_of(view)),
        Verdict::NotRun => format!("{} before it began", end_of(view)),
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
