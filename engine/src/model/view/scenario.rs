//! A scenario as it stands, try by try and phase by phase.

use super::attempt::{AttemptView, LogView};
use super::push;
use super::service::ServiceView;
use crate::model::declared::Declared;
use crate::model::ids::Name;
use crate::model::outcome::{Cause, Outcome, PhaseState};
use jiff::Timestamp;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::Level;
use std::sync::Arc;
use std::time::Duration;
use thin_vec::ThinVec;

#[derive(Clone, Debug)]
pub struct ScenarioView {
    pub declared: Arc<Declared>,
    pub tries: ThinVec<TryView>,
    pub outcome: Option<Outcome>,
    pub flaky: bool,
    pub quarantined: bool,
    pub reason: String,
    pub took: Duration,
    pub assertions: u64,
    /// It has not ended, and somebody goes on with it.
    pub is_live: bool,
}

#[derive(Clone, Debug)]
pub struct TryView {
    pub round: u32,
    pub number: u32,
    pub started: Timestamp,
    pub outcome: Option<Outcome>,
    pub took: Duration,
    /// In the order they are declared.
    pub phases: ThinVec<PhaseView>,
    /// In the order they were started.
    pub services: ThinVec<ServiceView>,
}

#[derive(Clone, Debug)]
pub struct PhaseView {
    pub name: Name,
    /// The phase during which it is looked at whether it holds.
    pub during: Option<Name>,
    pub state: PhaseState,
    pub cause: Option<Box<Cause>>,
    /// Every change of state with its time.
    pub changes: ThinVec<(Timestamp, PhaseState)>,
    pub attempts: ThinVec<AttemptView>,
    pub observed: ThinVec<Observation>,
    /// Bad news outside any attempt.
    pub failures: ThinVec<Failure>,
}

/// What a wait saw, from when on, and at which poll.
#[derive(Clone, Debug)]
pub struct Observation {
    pub at: Timestamp,
    pub seen: String,
    pub polls: u64,
}

impl PhaseView {
    pub(super) fn pending(name: &Name) -> Self {
        Self {
            name: name.clone(),
            during: None,
            state: PhaseState::Pending,
            cause: None,
            changes: ThinVec::new(),
            attempts: ThinVec::new(),
            observed: ThinVec::new(),
            failures: ThinVec::new(),
        }
    }
}

impl ScenarioView {
    pub(super) fn planned(declared: &Arc<Declared>) -> Self {
        Self {
            declared: declared.clone(),
            tries: ThinVec::new(),
            outcome: None,
            flaky: false,
            quarantined: false,
            reason: String::new(),
            took: Duration::ZERO,
            assertions: 0,
            is_live: false,
        }
    }

    /// What it warned of in its last try.
    pub fn warnings(&self) -> impl Iterator<Item = &LogView> {
        let phases = self.tries.last().into_iter().flat_map(|one| &one.phases);
        let attempts = phases.flat_map(|phase| &phase.attempts);
        let logs = attempts.flat_map(|attempt| &attempt.logs);
        logs.filter(|log| log.level == Level::Warn)
    }

    pub(super) fn start_try(&mut self, round: u32, number: u32, at: Timestamp) {
        let phases = self.declared.phases.iter();
        let phases = phases.map(|phase| PhaseView {
            during: phase.during.clone(),
            ..PhaseView::pending(&phase.name)
        });
        let tried = TryView {
            round,
            number,
            started: at,
            outcome: None,
            took: Duration::ZERO,
            phases: phases.collect(),
            services: ThinVec::new(),
        };
        push(&mut self.tries, tried);
    }

    pub(super) fn try_mut(&mut self, round: u32, number: u32) -> Option<&mut TryView> {
        self.tries
            .iter_mut()
            .rev()
            .find(|tried| tried.round == round && tried.number == number)
    }

    /// The newest try.
    pub fn last_try(&self) -> Option<&TryView> {
        self.tries.last()
    }
}

impl TryView {
    /// The service `name`, which is there from its first news on.
    pub(super) fn service_mut(&mut self, name: &str, phase: &str) -> &mut ServiceView {
        // The newest first: what there is to tell is told of those as a rule.
        let place = self.services.iter().rposition(|known| known.name == name);
        let place = place.unwrap_or_else(|| {
            self.services.push(ServiceView {
                name: name.to_owned(),
                phase: phase.to_owned(),
                news: Vec::new(),
            });
            self.services.len() - 1
        });
        &mut self.services[place]
    }

    /// All bad news of the try, in the order of its phases, each with the phase it belongs to.
    pub fn bad_news(&self) -> impl Iterator<Item = (&PhaseView, &Failure)> {
        self.phases.iter().flat_map(|phase| {
            let of_attempts = phase.attempts.iter().flat_map(|attempt| &attempt.failures);
            of_attempts
                .chain(&phase.failures)
                .map(move |failure| (phase, failure))
        })
    }
}
