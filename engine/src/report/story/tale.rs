//! What happens to one scenario, act by act.

use crate::model::outcome::Cause;
use crate::model::{
    AttemptKey, Declared, Need, Outcome, Phase, PhaseKey, PhaseState, Quarantine, ScenarioId,
    Terms, What,
};
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{Begin, End, Level, Record, StepId, StepOutcome};
use std::sync::Arc;
use std::time::Duration;

/// What happens to one scenario.
pub struct Tale {
    pub(super) declared: Declared,
    /// Each with how long it happens after the former.
    pub(super) acts: Vec<(Duration, What)>,
    tries: u32,
    attempt: Option<AttemptKey>,
    next_step: StepId,
    assertions: u64,
    took: Duration,
}

impl Tale {
    /// A scenario with one phase of the same name.
    pub fn new(file: &str, name: &str) -> Self {
        Self {
            declared: Declared {
                phases: vec![phase(name, &[])].into(),
                terms: Arc::new(Terms {
                    retries: Some(0),
                    ..Terms::default()
                }),
                ..Declared::new(ScenarioId::new(file, name), 3)
            },
            acts: Vec::new(),
            tries: 0,
            attempt: None,
            next_step: 1,
            assertions: 1,
            took: Duration::ZERO,
        }
    }

    pub fn tags(mut self, tags: &[&str]) -> Self {
        self.declared.terms_mut().tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        self
    }

    pub fn retries(mut self, retries: u32) -> Self {
        self.declared.terms_mut().retries = Some(retries);
        self
    }

    pub fn phases(mut self, names: &[&str]) -> Self {
        self.declared.phases = names
            .iter()
            .enumerate()
            .map(|(index, name)| phase(name, &names[index.saturating_sub(1)..index]))
            .collect::<Vec<_>>()
            .into();
        self
    }

    /// Declares more of the phase `name`.
    pub fn with_phase(mut self, name: &str, declare: impl FnOnce(&mut Phase)) -> Self {
        let mut phases = Arc::make_mut(&mut self.declared.phases).iter_mut();
        declare(phases.find(|phase| phase.name == name).unwrap());
        self
    }

    /// Attempts of `name` beyond the first.
    pub fn phase_retries(self, name: &str, retries: u32) -> Self {
        self.with_phase(name, |phase| phase.retries = retries)
    }

    pub fn quarantine(mut self, expires: &str, owner: &str, ticket: &str) -> Self {
        self.declared.terms_mut().quarantine = Some(Box::new(Quarantine {
            expires: expires.parse().unwrap(),
            owner: owner.into(),
            ticket: ticket.into(),
        }));
        self
    }

    /// How many claims it checks.
    pub fn asserts(mut self, assertions: u64) -> Self {
        self.assertions = assertions;
        self
    }

    // ---- one act after the other -----------------------------------------------------------------

    pub fn act(mut self, millis: u64, what: What) -> Self {
        let pause = Duration::from_millis(millis);
        self.took += pause;
        self.acts.push((pause, what));
        self
    }

    pub fn starts(mut self) -> Self {
        self.tries += 1;
        let (scenario, try_number) = (self.declared.id.clone(), self.tries);
        self.act(
            0,
            What::TryStarted {
                scenario,
                round: 1,
                try_number,
            },
        )
    }

    fn key(&self, phase: &str) -> PhaseKey {
        PhaseKey {
            scenario: self.declared.id.clone(),
            round: 1,
            try_number: self.tries,
            phase: phase.into(),
        }
    }

    fn changes(
        self,
        millis: u64,
        phase: &str,
        from: PhaseState,
        to: PhaseState,
        cause: Option<Cause>,
    ) -> Self {
        let phase = self.key(phase);
        self.act(
            millis,
            What::PhaseChanged {
                phase,
                from,
                to,
                cause,
            },
        )
    }

    pub fn waits(self, phase: &str) -> Self {
        self.changes(0, phase, PhaseState::Pending, PhaseState::Waiting, None)
    }

    /// The waiting phase is seen in a new condition.
    pub fn sees(self, millis: u64, phase: &str, seen: &str, polls: u64) -> Self {
        let phase = self.key(phase);
        self.act(
            millis,
            What::Observed {
                phase,
                seen: seen.into(),
                polls,
            },
        )
    }

    /// A wait that came to nothing.
    pub fn wait_fails(self, phase: &str, failure: Failure) -> Self {
        let key = self.key(phase);
        self.act(
            0,
            What::PhaseFailed {
                phase: key,
                failure: Box::new(failure),
            },
        )
        .changes(0, phase, PhaseState::Waiting, PhaseState::Failed, None)
    }

    /// An attempt of `phase` begins.
    pub fn executes(mut self, phase: &str) -> Self {
        let number = match &self.attempt {
            Some(last) if last.phase == self.key(phase) => last.attempt + 1,
            _ => 1,
        };
        let key = self.key(phase).attempt(number);
        self.attempt = Some(key.clone());
        self.next_step = 1;
        let from = match self.acts.last() {
            Some((_, What::Observed { .. })) => PhaseState::Waiting,
            _ => PhaseState::Pending,
        };
        self.changes(0, phase, from, PhaseState::Executing, None)
            .act(
                0,
                What::AttemptStarted {
                    attempt: key,
                    seed: 7,
                },
            )
    }

    pub fn records(self, millis: u64, record: Record) -> Self {
        let attempt = self.attempt.clone().expect("nothing executes");
        self.act(millis, What::Recorded { attempt, record })
    }

    pub fn opens(mut self, kind: &str, title: &str, parent: Option<StepId>) -> Self {
        let step = self.next_step;
        self.next_step += 1;
        let at = format!("{}:{}", self.declared.id.file(), step + 3);
        self.records(
            0,
            Record::StepBegan(Begin {
                step,
                parent,
                kind: kind.into(),
                title: title.into(),
                site: at,
            }),
        )
    }

    pub fn closes(self, step: StepId, outcome: StepOutcome, millis: u64) -> Self {
        self.records(
            millis,
            Record::StepEnded {
                step,
                end: End {
                    outcome,
                    micros: millis * 1000,
                    data: Details::default(),
                },
            },
        )
    }

    /// A step that passes.
    pub fn step(self, kind: &str, title: &str, parent: Option<StepId>, millis: u64) -> Self {
        let step = self.next_step;
        self.opens(kind, title, parent)
            .closes(step, StepOutcome::Passed, millis)
    }

    pub fn step_sees(self, millis: u64, step: StepId, seen: &str, polls: u64) -> Self {
        self.records(
            millis,
            Record::Observed {
                step: Some(step),
                seen: seen.into(),
                polls,
            },
        )
    }

    pub fn logs(self, millis: u64, text: &str) -> Self {
        self.records(
            millis,
            Record::Log {
                step: None,
                level: Level::Info,
                text: text.into(),
            },
        )
    }

    pub fn writes(self, key: &str, value: serde_json::Value) -> Self {
        self.records(
            0,
            Record::State {
                key: key.into(),
                value: Some(value),
            },
        )
    }

    pub fn attaches(self, name: &str, path: &str) -> Self {
        self.records(
            0,
            Record::Attached {
                step: None,
                name: name.into(),
                path: path.into(),
                media_type: "image/png".into(),
                bytes: 2048,
            },
        )
    }

    pub fn bad(self, failure: Failure) -> Self {
        self.records(
            0,
            Record::Failed {
                step: None,
                failure: Box::new(failure),
            },
        )
    }

    /// The attempt ends, and its phase with it.
    pub fn attempt_ends(self, state: PhaseState, millis: u64) -> Self {
        let key = self.attempt.clone().expect("nothing executes");
        let assertions = self.assertions;
        let name = key.phase.phase.clone();
        self.act(
            millis,
            What::AttemptEnded {
                attempt: key,
                state,
                micros: millis * 1000,
                assertions,
                writes: Default::default(),
                removed: Vec::new(),
            },
        )
        .changes(0, &name, PhaseState::Executing, state, None)
    }

    /// Somebody asks the run to end.
    pub fn interrupts(self, reason: &str) -> Self {
        self.act(
            0,
            What::Interrupted {
                reason: reason.into(),
                now: false,
            },
        )
    }

    /// A phase that is left out.
    pub fn leaves_out(self, phase: &str, because: &str) -> Self {
        let cause = Cause::Needs {
            phase: because.into(),
            state: PhaseState::Failed,
        };
        self.changes(
            0,
            phase,
            PhaseState::Pending,
            PhaseState::Skipped,
            Some(cause),
        )
    }

    pub fn try_ends(self, outcome: Outcome) -> Self {
        let (scenario, try_number) = (self.declared.id.clone(), self.tries);
        let micros = self.took.as_micros() as u64;
        self.act(
            0,
            What::TryEnded {
                scenario,
                round: 1,
                try_number,
                outcome,
                micros,
            },
        )
    }

    pub fn ends_because(self, outcome: Outcome, reason: &str) -> Self {
        let (scenario, assertions) = (self.declared.id.clone(), self.assertions);
        let flaky = outcome == Outcome::Passed
            && self.acts.iter().any(|(_, what)| {
                matches!(
                    what,
                    What::Recorded {
                        record: Record::Failed { .. },
                        ..
                    }
                )
            });
        let quarantined = self.declared.terms.quarantine.is_some() && outcome.is_bad();
        let micros = self.took.as_micros() as u64;
        let tale = if self.tries > 0 {
            self.try_ends(outcome)
        } else {
            self
        };
        tale.act(
            0,
            What::ScenarioEnded {
                scenario,
                outcome,
                flaky,
                quarantined,
                reason: reason.into(),
                micros,
                assertions,
            },
        )
    }

    pub fn ends(self, outcome: Outcome) -> Self {
        self.ends_because(outcome, "")
    }

    // ---- whole tales -----------------------------------------------------------------------------

    fn only_phase(&self) -> String {
        self.declared.phases[0].name.to_string()
    }

    pub fn passes(self, millis: u64) -> Self {
        let phase = self.only_phase();
        self.starts()
            .executes(&phase)
            .attempt_ends(PhaseState::Passed, millis)
            .ends(Outcome::Passed)
    }

    pub fn fails(self, millis: u64, failure: Failure) -> Self {
        let phase = self.only_phase();
        self.starts()
            .executes(&phase)
            .bad(failure)
            .attempt_ends(PhaseState::Failed, millis)
            .ends(Outcome::Failed)
    }

    pub fn errs(self, millis: u64, failure: Failure) -> Self {
        let phase = self.only_phase();
        self.starts()
            .executes(&phase)
            .bad(failure)
            .attempt_ends(PhaseState::Defective, millis)
            .ends(Outcome::Errored)
    }

    pub fn skips(self, reason: &str) -> Self {
        self.asserts(0).ends_because(Outcome::Skipped, reason)
    }
}

fn phase(name: &str, needs: &[&str]) -> Phase {
    Phase {
        line: 5,
        needs: needs.iter().map(|need| Need::of(*need)).collect(),
        ..Phase::new(name)
    }
}
