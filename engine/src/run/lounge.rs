//! A person who looks into an attempt: where its script stands at `pause()`, or after it failed. Knows no terminal.

use crate::source::Library;
use rhai::Position;
use scenario_stdlib::host::attempt::Attempt;
use scenario_stdlib::host::clock::Stop;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::inspect::{Inspector, Variable};
use scenario_stdlib::host::location::Location;
use scenario_stdlib::host::script::{self, Raise};
use std::sync::{Arc, Mutex};

/// Where people look into attempts. One visit at a time: others wait for their turn.
pub trait Lounge: Send + Sync {
    /// Whether attempts that failed are shown, too, and not only those that call `pause`.
    fn takes_failures(&self) -> bool;
    /// Comes back when the person leaves, with the variables as they are then.
    fn receive(&self, visit: Visit<'_>) -> (Decision, Vec<Variable>);
}

/// An attempt that stands still.
pub struct Visit<'a> {
    pub attempt: &'a Attempt,
    pub library: &'a Arc<Library>,
    /// The script of its scenario.
    pub file: &'a str,
    pub variables: Vec<Variable>,
    pub why: Why,
}

/// Why it stands still.
#[derive(Clone, Debug)]
pub enum Why {
    Failed(Vec<Failure>),
    Paused(Option<Location>),
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes on, or ends, as if nobody had looked.
    Continue,
    /// Its phase is begun anew.
    Retry,
    /// The rest of its phase is left out.
    Skip,
}

/// What an attempt that was skipped by hand says.
pub const BY_HAND: &str = "skipped by hand";

/// What a script that is begun anew by hand was stopped for.
pub const ANEW: &str = "begun anew by hand";

/// Opens the lounge for one attempt.
pub struct Usher {
    pub lounge: Arc<dyn Lounge>,
    pub library: Arc<Library>,
    pub file: String,
    /// What was decided at a pause, or where a clean-up failed.
    decision: Mutex<Option<Decision>>,
}

impl Usher {
    pub fn new(lounge: Arc<dyn Lounge>, library: Arc<Library>, file: &str) -> Arc<Self> {
        Arc::new(Self {
            lounge,
            library,
            file: file.to_owned(),
            decision: Mutex::default(),
        })
    }

    /// Lets a person look; time stands still meanwhile.
    pub fn show(
        &self,
        attempt: &Attempt,
        variables: Vec<Variable>,
        why: Why,
    ) -> (Decision, Vec<Variable>) {
        let _held = attempt.hold();
        self.lounge.receive(Visit {
            attempt,
            library: &self.library,
            file: &self.file,
            variables,
            why,
        })
    }

    /// Lets a person look at a clean-up that failed.
    pub fn show_failed_clean_up(&self, attempt: &Attempt, failure: &Failure) {
        if self.lounge.takes_failures() {
            let why = Why::Failed(vec![failure.clone()]);
            let (decision, _) = self.show(attempt, attempt.frames().variables(), why);
            self.decide(decision);
        }
    }

    /// The last word counts.
    fn decide(&self, decision: Decision) {
        if decision != Decision::Continue {
            *self.decision.lock().unwrap_or_else(|e| e.into_inner()) = Some(decision);
        }
    }

    /// What was decided while the script stood still, unless it was to go on.
    pub fn decided(&self) -> Option<Decision> {
        self.decision
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .take()
    }
}

impl Inspector for Usher {
    fn paused(
        &self,
        attempt: &Attempt,
        variables: Vec<Variable>,
        (source, position): (Option<&str>, Position),
    ) -> Result<Vec<Variable>, Raise> {
        let place = attempt.sources().locate(source, position);
        let (decision, variables) = self.show(attempt, variables, Why::Paused(place));
        self.decide(decision);
        let (stop, reason) = match decision {
            // What is undone is undone whole.
            _ if attempt.is_undoing() => return Ok(variables),
            Decision::Continue => return Ok(variables),
            Decision::Retry => (Stop::Cancelled(ANEW.into()), ANEW),
            Decision::Skip => {
                attempt.skip(BY_HAND);
                (Stop::Skipped(BY_HAND.into()), BY_HAND)
            }
        };
        if attempt.is_branch() {
            // Those beside it end, too.
            attempt.clock().cancel(reason);
        }
        Err(script::stop(stop, position))
    }
}
