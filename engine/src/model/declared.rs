//! What a script declared: scenarios, their phases and options. Values only; the closures stay with the loader.

use super::ids::{Name, ScenarioId};
use super::outcome::{Cause, PhaseState};
use super::terms::{Terms, Written, is_zero};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// A scenario as its script declares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Declared {
    pub id: ScenarioId,
    /// Where in its file, counted from 1.
    pub line: u32,
    /// Shared by all that a loop declares alike.
    pub phases: Arc<Vec<Phase>>,
    /// Of each phase; none, if there is but one phase.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<CodeHash>,
    /// Shared like the phases.
    #[serde(flatten)]
    pub terms: Arc<Terms>,
}

/// What the code of a phase, the functions it reaches, its captured values and its modules come to; equal for equal code.
/// Written as sixteen digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CodeHash(pub u64);

impl From<CodeHash> for String {
    fn from(hash: CodeHash) -> Self {
        format!("{:016x}", hash.0)
    }
}

impl TryFrom<String> for CodeHash {
    type Error = std::num::ParseIntError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&digits, 16).map(Self)
    }
}

/// One phase of a scenario. What its script does not say is not written either: most say nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    pub name: Name,
    pub line: u32,
    /// The phases it needs, each with the states it accepts; all must hold.
    pub needs: Vec<Need>,
    /// Whether it is polled for readiness before it executes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_ready: bool,
    /// Pause between polls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// By which factor that pause grows with each poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff: Option<f64>,
    /// Watched time after which an unready phase fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// Not polled earlier than this after its needs were met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Further attempts after a failed one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u32,
    /// Runs even when the scenario failed or was aborted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
    /// An `always` phase that names no needs: it waits until every earlier phase is terminal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits_for_earlier: bool,
    /// Its outcome does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_outcome: bool,
    /// Ends it, as passed, once one of these holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop_when: Vec<Need>,
    /// Wall-clock time after which an unready phase fails, parked time included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Duration>,
    /// It waits for this message from outside instead of being polled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// What a person is told to do before sending that message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instruction: String,
    /// It is polled for as long as this other phase waits or executes, and fails if it does not hold meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<Name>,
    /// The longest that what is polled `during` another phase may not hold.
    #[serde(default, skip_serializing_if = "Duration::is_zero")]
    pub max_gap: Duration,
}

/// A phase and the states of it that are accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub phase: Name,
    /// Empty when the script named none: then `passed` is accepted, and skipped by the script itself.
    #[serde(default)]
    pub states: Vec<PhaseState>,
}

/// Whether a need holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Met,
    Open,
    /// It can never hold any more.
    Never,
}

impl Need {
    /// The need of `phase` without named states.
    pub fn of(phase: impl Into<Name>) -> Self {
        Self {
            phase: phase.into(),
            states: Vec::new(),
        }
    }

    /// Whether this need holds while its phase is in `state`, reached because of `cause`.
    pub fn verdict(&self, state: PhaseState, cause: Option<&Cause>) -> Verdict {
        let accepted = if self.states.is_empty() {
            let by_script = matches!(cause, Some(Cause::Script { .. }));
            state == PhaseState::Passed || (state == PhaseState::Skipped && by_script)
        } else {
            self.states.contains(&state)
        };
        if accepted {
            Verdict::Met
        } else if state.is_terminal() {
            Verdict::Never
        } else {
            Verdict::Open
        }
    }
}

impl Phase {
    /// A phase with nothing but its name; without needs.
    pub fn new(name: impl Into<Name>) -> Self {
        Self {
            name: name.into(),
            line: 1,
            needs: Vec::new(),
            has_ready: false,
            every: None,
            backoff: None,
            within: None,
            not_before: None,
            timeout: None,
            retries: 0,
            always: false,
            waits_for_earlier: false,
            ignore_outcome: false,
            stop_when: Vec::new(),
            expires: None,
            signal: None,
            instruction: String::new(),
            during: None,
            max_gap: Duration::ZERO,
        }
    }
}

impl Declared {
    /// A scenario with nothing but its id and place; without phases.
    pub fn new(id: ScenarioId, line: u32) -> Self {
        Self {
            id,
            line,
            phases: Arc::default(),
            hashes: Vec::new(),
            terms: Arc::default(),
        }
    }

    /// Its terms, to be changed: from then on they are its own.
    pub fn terms_mut(&mut self) -> &mut Terms {
        Arc::make_mut(&mut self.terms)
    }

    /// The phase called `name`.
    pub fn phase(&self, name: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.name == name)
    }

    /// What the code of the phase called `name` comes to, if it matters.
    pub fn hash(&self, name: &str) -> Option<CodeHash> {
        let at = self.phases.iter().position(|phase| phase.name == name)?;
        self.hashes.get(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PhaseState::{Aborted, Defective, Executing, Failed, Passed, Pending, Skipped, Waiting};

    fn need(states: &[PhaseState]) -> Need {
        Need {
            phase: "a".into(),
            states: states.to_vec(),
        }
    }

    fn by_script() -> Cause {
        Cause::Script {
            reason: "not today".into(),
        }
    }

    fn by_needs() -> Cause {
        Cause::Needs {
            phase: "z".into(),
            state: Failed,
        }
    }

    #[test]
    fn c4_a_need_without_states_accepts_passed_and_skipped_by_script() {
        let plain = Need::of("a");
        assert_eq!(plain.verdict(Passed, None), Verdict::Met);
        assert_eq!(plain.verdict(Skipped, Some(&by_script())), Verdict::Met);
        assert_eq!(plain.verdict(Skipped, Some(&by_needs())), Verdict::Never);
        assert_eq!(plain.verdict(Skipped, None), Verdict::Never);
    }

    #[test]
    fn c4_named_states_are_alternatives_and_skipped_takes_any_cause() {
        let named = need(&[Failed, Skipped]);
        assert_eq!(named.verdict(Failed, None), Verdict::Met);
        assert_eq!(named.verdict(Skipped, Some(&by_needs())), Verdict::Met);
        assert_eq!(named.verdict(Passed, None), Verdict::Never);
        let strict = need(&[Passed]);
        assert_eq!(strict.verdict(Skipped, Some(&by_script())), Verdict::Never);
    }

    #[test]
    fn c8_a_need_is_lost_as_soon_as_its_phase_ended_otherwise() {
        let plain = Need::of("a");
        for state in [Pending, Waiting, Executing] {
            assert_eq!(plain.verdict(state, None), Verdict::Open, "{state:?}");
        }
        for state in [Failed, Aborted, Defective] {
            assert_eq!(plain.verdict(state, None), Verdict::Never, "{state:?}");
        }
        let running = need(&[Executing]);
        assert_eq!(running.verdict(Executing, None), Verdict::Met);
        assert_eq!(running.verdict(Passed, None), Verdict::Never);
        for state in PhaseState::TERMINAL {
            let ended = need(&PhaseState::TERMINAL);
            assert_eq!(ended.verdict(state, None), Verdict::Met);
        }
    }
}
