//! Executes jobs. Finds the code by its name, gives it an attempt and an engine, runs its clean-ups, and says how it
//! ended. Nothing it learns leaves it but as messages.

use super::attempt::{Recording, Remarking};
use super::dispatcher::STOP_WHEN;
use super::job::{Job, Report};
use super::lounge::{BY_HAND, Decision, Lounge, Usher, Why};
use super::notes::Notes;
use super::pump::Note;
use crate::model::{AttemptKey, CLEAN_UP, Cause, PhaseKey, PhaseState, ScenarioId, What};
use crate::source::{Code, Library};
use rhai::{Dynamic, Engine, Scope as Variables};
use scenario_stdlib::host::attempt::{Attempt, Cleanup, Host, Identity};
use scenario_stdlib::host::clock::{Clock, Stop};
use scenario_stdlib::host::failure::{Code as FailureCode, Failure, Kind};
use scenario_stdlib::host::json;
use scenario_stdlib::host::scope::{Extent, Owner, Scope};
use scenario_stdlib::host::script::{self, Meaning, Raise};
use scenario_stdlib::host::work_dir::WorkDir;
use scenario_stdlib::service;
use scenario_stdlib::state::State;
use serde_json::Map;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// The folder of a run in which attempts have their private directories.
pub const WORK: &str = "work";

/// What every worker needs.
#[derive(Clone)]
pub struct Workshop {
    pub library: Arc<Library>,
    pub runtime: Handle,
    pub notes: Notes,
    /// How long the clean-ups of a phase may take.
    pub cleanup_timeout: Duration,
    /// Where a person may look into attempts.
    pub lounge: Option<Arc<dyn Lounge>>,
    /// Scenarios for which a former process left services running.
    pub left: Arc<BTreeSet<String>>,
}

impl Workshop {
    /// Whether anything may have outlived the phases of a try.
    pub fn has_left(&self, phase: &PhaseKey, owner: &Owner) -> bool {
        self.left.contains(phase.scenario.0.as_str()) || self.library.world().scopes.is_open(owner)
    }

    /// Executes an attempt on the clock it was given, which others may stop.
    pub fn execute(&self, job: &Job, clock: &Arc<Clock>) -> Report {
        let Some((loaded, code)) = self
            .library
            .code(&job.key.phase.scenario, &job.key.phase.phase)
        else {
            return self.no_code(job);
        };
        let lounge = self.lounge.clone();
        let usher = lounge.map(|lounge| Usher::new(lounge, self.library.clone(), &loaded.file));
        let host = Arc::new(self.recording(&job.key, usher.clone()));
        let attempt = self.attempt(
            host,
            &job.key.phase,
            job.key.attempt,
            job.seed,
            &loaded.folder,
            job.state.clone(),
            clock,
        );
        let result = guarded(&attempt, |engine| match &code {
            Code::Script(ast) => engine
                .run_ast_with_scope(&mut Variables::new(), ast)
                .map(|()| Dynamic::UNIT),
            Code::Closure { body, .. } => {
                body.call(engine, &attempt, vec![Dynamic::from(State::of(&attempt))])
            }
            Code::Nothing => Ok(Dynamic::UNIT),
        });
        let stop = self.conclude(&attempt, &loaded.file, &code, result);
        attempt.settle();
        let usher = usher.as_deref();
        let wish = usher.and_then(|usher| look_around(usher, &attempt, stop.as_ref()));
        self.clean_up(&attempt, clock, usher);
        let wish = usher.and_then(Usher::decided).or(wish);
        let took = clock.elapsed();
        let mut report = ended(&attempt, &job.state, stop, took);
        if matches!(report.state, PhaseState::Failed | PhaseState::Defective) || wish.is_some() {
            let is_repeated =
                job.may_be_repeated || report.lost && job.may_lose || wish == Some(Decision::Retry);
            self.after_failure(&attempt, job, is_repeated, clock);
        }
        match wish {
            Some(Decision::Retry) => report.again = true,
            Some(Decision::Skip) => {
                let reason = attempt.skipped().unwrap_or_else(|| BY_HAND.into());
                report.state = PhaseState::Skipped;
                report.cause = Some(Cause::Script { reason });
            }
            Some(Decision::Continue) | None => {}
        }
        report
    }

    fn recording(&self, key: &AttemptKey, usher: Option<Arc<Usher>>) -> Recording {
        let (notes, runtime) = (self.notes.clone(), self.runtime.clone());
        Recording::new(key.clone(), notes, runtime, usher)
    }

    /// An attempt that is repeated finds nothing of the one before.
    fn after_failure(&self, attempt: &Attempt, job: &Job, is_repeated: bool, clock: &Clock) {
        let scopes = &attempt.world().scopes;
        if !is_repeated || !scopes.is_open(&attempt.owner(Extent::Scenario)) {
            return;
        }
        let scope = attempt.scope(Extent::Scenario);
        let limit = self.cleanup_timeout.mul_f64(attempt.world().time_scale);
        let undoing = attempt.on_clock(clock.begin_cleanup(limit));
        undo(
            &undoing,
            || scope.next_cleanup_of(&job.key.phase.phase),
            |_| {},
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call site each for attempts and polls; a struct would only rename them"
    )]
    pub(super) fn attempt(
        &self,
        host: Arc<dyn Host>,
        phase: &PhaseKey,
        number: u32,
        seed: u64,
        script_dir: &Path,
        state: Map<String, serde_json::Value>,
        clock: &Arc<Clock>,
    ) -> Attempt {
        let world = self.library.world();
        let identity = Identity {
            scenario: phase.scenario.to_string(),
            phase: phase.phase.to_string(),
            round: phase.round,
            try_number: phase.try_number,
            attempt: number,
            seed,
            script_dir: script_dir.to_owned(),
            work_dir: WorkDir::new({
                let (world, phase) = (world.clone(), phase.clone());
                move || world.run_dir.join(WORK).join(folder_name(&phase))
            }),
        };
        Attempt::new(
            identity,
            host,
            world.clone(),
            self.library.language().clone(),
            state,
            clock.clone(),
        )
    }

    /// Keeps what the body ended with; gives back the stop, if it was one.
    fn conclude(
        &self,
        attempt: &Attempt,
        file: &str,
        code: &Code,
        result: Result<Dynamic, Raise>,
    ) -> Option<Stop> {
        let error = match result {
            Ok(value) => {
                merge(attempt, value);
                return None;
            }
            Err(error) => error,
        };
        match script::explain(&error, Some(file), attempt.sources()) {
            Meaning::News(mut failure) => {
                if matches!(code, Code::Closure { .. }) {
                    // The outermost call is that of the phase itself, at its declaration.
                    failure.calls.pop();
                }
                attempt.latch(*failure);
                None
            }
            Meaning::Stopped(stop) => {
                if matches!(stop, Stop::Deadline { .. } | Stop::Limit(_)) {
                    attempt.latch(attempt.stop_failure(&stop));
                }
                Some(stop)
            }
        }
    }

    /// Ends what outlived the phases of a try; tells it as an attempt of its own.
    pub fn close_try(&self, key: &AttemptKey, owner: &Owner, clock: &Arc<Clock>) -> Report {
        let host = Arc::new(self.recording(key, None));
        let attempt = self.attempt(host, &key.phase, 1, 0, Path::new(""), Map::new(), clock);
        let emit = |what| self.notes.send(Note::happened(what));
        emit(What::AttemptStarted {
            attempt: key.clone(),
            seed: 0,
        });
        if self.left.contains(key.phase.scenario.0.as_str()) {
            service::take_over_the_rest(&attempt);
        }
        if let Some(scope) = self.library.world().scopes.close(owner) {
            undo(&attempt, || scope.next_cleanup(), |_| {});
        }
        let report = ended(&attempt, &Map::new(), None, clock.elapsed());
        emit(What::AttemptEnded {
            attempt: key.clone(),
            state: report.state,
            micros: report.took.as_micros() as u64,
            assertions: 0,
            writes: Map::new(),
            removed: Vec::new(),
        });
        report
    }

    /// Ends what the scenarios of a file, or all, shared. Only what went wrong is told.
    pub fn close_shared(&self, owner: &Owner, clock: &Arc<Clock>) {
        let Some(scope) = self.library.world().scopes.close(owner) else {
            return;
        };
        let file = match owner {
            Owner::File(file) => file.as_str(),
            Owner::Try { .. } | Owner::Run => "",
        };
        undo(
            &self.remarking(file, clock),
            || scope.next_cleanup(),
            |_| {},
        );
    }

    /// Does what lets things outlive this process, for another one to go on with a parked try.
    pub fn let_go(&self, scope: &Scope, clock: &Arc<Clock>) {
        undo(&self.remarking("", clock), || scope.next_parking(), |_| {});
    }

    /// An attempt of nobody's, of which only what goes wrong is told.
    fn remarking(&self, file: &str, clock: &Arc<Clock>) -> Attempt {
        let host = Arc::new(Remarking {
            file: file.to_owned(),
            notes: self.notes.clone(),
            runtime: self.runtime.clone(),
        });
        let phase = PhaseKey {
            scenario: ScenarioId(file.into()),
            round: 1,
            try_number: 1,
            phase: CLEAN_UP.into(),
        };
        self.attempt(host, &phase, 1, 0, Path::new(""), Map::new(), clock)
    }

    /// Undoes in reverse order, in a time of its own, each whatever became of the others. A person may look at what could
    /// not be undone.
    fn clean_up(&self, attempt: &Attempt, clock: &Clock, usher: Option<&Usher>) {
        let Some(first) = attempt.next_cleanup() else {
            return;
        };
        let scale = attempt.world().time_scale;
        let undoing = attempt.on_clock(clock.begin_cleanup(self.cleanup_timeout.mul_f64(scale)));
        let usher = usher.filter(|_| !matches!(clock.stop(), Some(Stop::Cancelled(_))));
        let mut first = Some(first);
        let next = || {
            undoing.frames().clear();
            first.take().or_else(|| attempt.next_cleanup())
        };
        undo(&undoing, next, |failure| {
            if let Some(usher) = usher {
                usher.show_failed_clean_up(&undoing, failure);
            }
        });
    }

    fn no_code(&self, job: &Job) -> Report {
        let what = What::PhaseFailed {
            phase: job.key.phase.clone(),
            failure: Box::new(missing(&job.key.phase)),
        };
        self.notes.send(Note::happened(what));
        Report::hopeless()
    }
}

/// Lets a person look into an attempt that failed, while everything it began is still there. Says what is to become of it,
/// if not what would anyway.
fn look_around(usher: &Usher, attempt: &Attempt, stop: Option<&Stop>) -> Option<Decision> {
    if let Some(decided) = usher.decided() {
        return Some(decided);
    }
    let news = attempt.bad_news();
    let was_cancelled = matches!(stop, Some(Stop::Cancelled(_)));
    if news.is_empty() || was_cancelled || !usher.lounge.takes_failures() {
        return None;
    }
    let variables = attempt.frames().variables();
    let (decision, _) = usher.show(attempt, variables, Why::Failed(news));
    (decision != Decision::Continue).then_some(decision)
}

/// Runs clean-ups until there is none, each whatever became of the others; tells `failed` what could not be done.
fn undo(attempt: &Attempt, mut next: impl FnMut() -> Option<Cleanup>, failed: impl Fn(&Failure)) {
    while let Some(Cleanup { title, run }) = next() {
        let result = attempt.step("cleanup", &title, String::new(), |_| {
            catch_unwind(AssertUnwindSafe(|| run(attempt)))
                .unwrap_or_else(|panic| Err(panicked(&panic)))
                .map_err(|failure| attempt.latch(failure))
        });
        if let Err(failure) = result {
            failed(&failure);
        }
    }
}

pub(super) fn missing(phase: &PhaseKey) -> Failure {
    Failure::fault(format!(
        "the code of phase \"{}\" of {} was not loaded",
        phase.phase, phase.scenario
    ))
}

/// Runs a script so that a panic of a primitive becomes a fault instead of the end of the thread.
pub(super) fn guarded(
    attempt: &Attempt,
    body: impl FnOnce(&Engine) -> Result<Dynamic, Raise>,
) -> Result<Dynamic, Raise> {
    let engine = attempt.language().engine(attempt);
    match catch_unwind(AssertUnwindSafe(|| body(&engine))) {
        Ok(result) => result,
        Err(panic) => Err(script::raise(panicked(&panic), rhai::Position::NONE)),
    }
}

fn panicked(panic: &Box<dyn std::any::Any + Send>) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into());
    Failure::fault(format!("a primitive panicked: {text}")).hint("this is a bug of scenario itself")
}

/// A map given back by a phase counts as assigned to its state.
fn merge(attempt: &Attempt, value: Dynamic) {
    let Some(map) = value.try_cast::<rhai::Map>() else {
        return;
    };
    for (key, value) in map {
        match json::to_json(&value, &format!("state.{key}")) {
            Ok(value) => attempt.state_set(&key, Some(value)),
            Err(error) => {
                attempt.latch(
                    Failure::usage(error.to_string())
                        .hint("a map that a phase gives back becomes state, which must be JSON"),
                );
            }
        }
    }
}

fn ended(
    attempt: &Attempt,
    before: &Map<String, serde_json::Value>,
    stop: Option<Stop>,
    took: Duration,
) -> Report {
    let news = attempt.bad_news();
    let (state, cause) = match (stop, attempt.skipped()) {
        (Some(Stop::Cancelled(reason)), _) if reason == STOP_WHEN && news.is_empty() => {
            (PhaseState::Passed, None)
        }
        (Some(Stop::Cancelled(reason)), _) if reason != STOP_WHEN => {
            (PhaseState::Aborted, Some(Cause::Interrupted { reason }))
        }
        _ if news.iter().any(|failure| failure.kind != Kind::Failure) => {
            (PhaseState::Defective, None)
        }
        _ if !news.is_empty() => (PhaseState::Failed, None),
        (_, Some(reason)) => (PhaseState::Skipped, Some(Cause::Script { reason })),
        _ => (PhaseState::Passed, None),
    };
    let (writes, removed) = attempt.changes_since(before);
    Report {
        state,
        cause,
        took,
        assertions: attempt.assertions(),
        writes,
        removed,
        hopeless: news
            .iter()
            .any(|failure| failure.kind == Kind::Usage && failure.code != FailureCode::Cancelled),
        again: false,
        lost: news.iter().any(|failure| failure.code == FailureCode::Lost),
    }
}

/// A readable and unique name for the private directory of a scenario's try.
pub fn folder_name(phase: &PhaseKey) -> String {
    let clean: String = phase
        .scenario
        .0
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    // All phases of a try share it.
    let whole = PhaseKey {
        phase: "".into(),
        ..phase.clone()
    };
    let hash = super::dispatcher::seed_of(0, &whole, 0) as u32;
    format!("{clean}-{}-{hash:08x}", phase.try_number)
}
