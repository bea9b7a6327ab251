//! One execution of one phase, as a primitive sees it: its clock, its account, its clean-up.
//! Primitives reach async code, records and cancellation only through here.

use super::alarm::Alarms;
use super::clock::{Clock, Stop};
use super::driver;
use super::extensions::Extensions;
use super::failure::{Code, Failure, Kind};
use super::inspect::Inspector;
use super::record::{Level, Record, StepId, StepOutcome};
use super::scope::{Extent, Owner, Scope};
use super::sources::Sources;
use super::work_dir::WorkDir;
use super::world::World;
use crate::language::Language;
use serde_json::{Map, Value};
use std::future::Future;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

/// Whoever runs attempts. The whole of what a primitive may ask of it.
pub trait Host: Send + Sync {
    /// Takes one entry of the attempt's account. Must not block for long.
    fn record(&self, record: Record);
    /// The one async runtime of the process.
    fn runtime(&self) -> &tokio::runtime::Handle;
    /// Asks for the next signal of this name; `None` where no signal can arrive, such as in a poll.
    fn want_signal(&self, _name: &str) -> Option<tokio::sync::oneshot::Receiver<Value>> {
        None
    }
    /// Who may look into the script where it stands; `None` where nobody is there to look.
    fn inspector(&self) -> Option<Arc<dyn Inspector>> {
        None
    }
}

/// Which attempt this is. Shown, and mixed into the seed.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// `file.rhai::name of the scenario`.
    pub scenario: String,
    pub phase: String,
    pub round: u32,
    pub try_number: u32,
    pub attempt: u32,
    /// Seeds the randomness of this attempt.
    pub seed: u64,
    /// Directory of the script; its fixture files are relative to it.
    pub script_dir: PathBuf,
    /// The scenario's own directory, made on first need.
    pub work_dir: WorkDir,
}

impl Identity {
    /// The script the scenario was declared in.
    pub fn file(&self) -> &str {
        match self.scenario.split_once("::") {
            Some((file, _)) => file,
            None => &self.scenario,
        }
    }
}

/// What a [`Cleanup`] does.
pub type CleanupFn = Box<dyn FnOnce(&Attempt) -> Result<(), Failure> + Send>;

/// How long an error of traffic waits for the end of a service to be known as its root.
const PATIENCE: Duration = Duration::from_millis(150);

/// Undoes something the attempt did; runs when the phase ends, in reverse order.
pub struct Cleanup {
    pub title: String,
    pub run: CleanupFn,
}

/// A handle on the running attempt. Clones are the same attempt; [`Attempt::branch`] makes a lane of its own.
#[derive(Clone)]
pub struct Attempt {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
}

struct Shared {
    identity: Identity,
    host: Arc<dyn Host>,
    world: Arc<World>,
    language: Arc<Language>,
    state: Arc<Mutex<Map<String, Value>>>,
    latched: Mutex<Vec<Failure>>,
    skipped: Mutex<Option<String>>,
    /// The step that was open when the time ran out.
    stopped_in: Mutex<Option<String>>,
    assertions: AtomicU64,
    steps: AtomicU32,
    cleanups: Arc<Mutex<Vec<Cleanup>>>,
    locals: Arc<Extensions>,
    alarms: OnceLock<Arc<Alarms>>,
}

/// What one thread of control of an attempt has open.
struct Lane {
    clock: Arc<Clock>,
    /// The step a `parallel` branch began in, and the titles of all that were open there.
    base: Option<StepId>,
    above: Vec<String>,
    steps: Mutex<Vec<(StepId, String)>>,
    limits: Mutex<Vec<Instant>>,
    /// How many polls this lane is inside of.
    polling: AtomicU32,
    trouble: Mutex<Option<String>>,
    evidence: Mutex<Option<Evidence>>,
    /// Whether this is clean-up, which no alarm may disturb.
    undoing: bool,
    /// Whether this is beside the lane the attempt began on.
    is_branch: bool,
}

/// Builds the text of the last exchange only if someone will read it.
pub type Evidence = Arc<dyn Fn() -> String + Send + Sync>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

impl Attempt {
    /// An attempt about to begin.
    pub fn new(
        identity: Identity,
        host: Arc<dyn Host>,
        world: Arc<World>,
        language: Arc<Language>,
        state: Map<String, Value>,
        clock: Arc<Clock>,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                identity,
                host,
                world,
                language,
                state: Arc::new(Mutex::new(state)),
                latched: Mutex::default(),
                skipped: Mutex::default(),
                stopped_in: Mutex::default(),
                assertions: AtomicU64::new(0),
                steps: AtomicU32::new(0),
                cleanups: Arc::default(),
                locals: Arc::default(),
                alarms: OnceLock::new(),
            }),
            lane: Arc::new(Lane::new(clock)),
        }
    }

    /// What a person does beside the script of this attempt, one statement at a time: the same state, the same clients
    /// and the same clean-ups, but an account, a clock and bad news of its own.
    pub fn beside(&self, host: Arc<dyn Host>, language: Arc<Language>, clock: Arc<Clock>) -> Self {
        let shared = Shared {
            identity: self.shared.identity.clone(),
            host,
            world: self.shared.world.clone(),
            language,
            state: self.shared.state.clone(),
            latched: Mutex::default(),
            skipped: Mutex::default(),
            stopped_in: Mutex::default(),
            assertions: AtomicU64::new(0),
            steps: AtomicU32::new(0),
            cleanups: self.shared.cleanups.clone(),
            locals: self.shared.locals.clone(),
            alarms: OnceLock::new(),
        };
        Self {
            shared: Arc::new(shared),
            lane: Arc::new(Lane::new(clock)),
        }
    }

    /// The same attempt for another thread: own open steps and limits, below the step that is open here.
    pub fn branch(&self) -> Self {
        let limit = lock(&self.lane.limits).iter().min().copied();
        let lane = Lane {
            base: self.open_step(),
            above: self.open_titles(),
            limits: Mutex::new(limit.into_iter().collect()),
            polling: AtomicU32::new(self.lane.polling.load(Ordering::Relaxed)),
            undoing: self.lane.undoing,
            is_branch: true,
            ..Lane::new(self.lane.clock.clone())
        };
        Self {
            shared: self.shared.clone(),
            lane: Arc::new(lane),
        }
    }

    /// The same attempt on another clock: clean-up has a time budget of its own.
    pub fn on_clock(&self, clock: Arc<Clock>) -> Self {
        Self {
            shared: self.shared.clone(),
            lane: Arc::new(Lane {
                undoing: true,
                ..Lane::new(clock)
            }),
        }
    }

    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    pub fn world(&self) -> &Arc<World> {
        &self.shared.world
    }

    pub fn language(&self) -> &Arc<Language> {
        &self.shared.language
    }

    /// The one async runtime of the process: for what has to be let go of inside it.
    pub fn runtime(&self) -> &tokio::runtime::Handle {
        self.shared.host.runtime()
    }

    pub fn sources(&self) -> &Sources {
        self.shared.language.sources()
    }

    /// Who may look into the script on this lane. Lanes beside the first, and clean-ups, are not looked into.
    pub fn inspector(&self) -> Option<Arc<dyn Inspector>> {
        if self.lane.is_branch || self.lane.undoing {
            return None;
        }
        self.shared.host.inspector()
    }

    pub fn clock(&self) -> &Arc<Clock> {
        &self.lane.clock
    }

    /// Where a primitive keeps what belongs to this attempt alone, such as its cookie jar.
    pub fn locals(&self) -> &Extensions {
        &self.shared.locals
    }

    /// Where things live that outlive this attempt.
    pub fn scope(&self, extent: Extent) -> Arc<Scope> {
        self.world().scopes.of(self.owner(extent))
    }

    pub fn owner(&self, extent: Extent) -> Owner {
        let identity = self.identity();
        match extent {
            Extent::Scenario => Owner::Try {
                scenario: identity.scenario.clone(),
                round: identity.round,
                try_number: identity.try_number,
            },
            Extent::File => Owner::File(identity.file().to_owned()),
            Extent::Run => Owner::Run,
        }
    }

    /// Where something the scenario needs is to ring when it ends by itself.
    pub fn alarms_of_scenario(&self) -> Arc<Alarms> {
        self.scope(Extent::Scenario).locals().get()
    }

    /// What may ring while the scenario runs; `None` in clean-up, and while nothing can.
    fn alarms(&self) -> Option<&Arc<Alarms>> {
        if self.lane.undoing {
            return None;
        }
        if let Some(alarms) = self.shared.alarms.get() {
            return Some(alarms);
        }
        let scopes = &self.world().scopes;
        if !scopes.is_used() {
            return None;
        }
        let scope = scopes.get(&self.owner(Extent::Scenario))?;
        Some(self.shared.alarms.get_or_init(|| scope.locals().get()))
    }

    /// The alarm that the script has to be stopped by now, if one rings.
    pub fn alarm(&self) -> Option<Failure> {
        let alarms = self.alarms()?;
        alarms
            .is_ringing()
            .then(|| alarms.raise(self.during().as_deref()))?
    }

    /// Puts alarms that no call of the script has told yet among the bad news. Called when the script is over.
    pub fn settle(&self) {
        while let Some(root) = self
            .alarms()
            .and_then(|alarms| alarms.keep(self.during().as_deref()))
        {
            self.keep(root);
        }
    }

    fn during(&self) -> Option<String> {
        self.open_titles().pop()
    }

    /// Adds an entry to the attempt's account.
    pub fn record(&self, record: Record) {
        self.shared.host.record(record);
    }

    // ---- time ------------------------------------------------------------------------------------

    /// Drives `future` to its end, unless the attempt is stopped or a limit runs out first; then the
    /// future is dropped. The only way from a script to async code.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output, Stop> {
        let runtime = self.shared.host.runtime();
        self.until_stopped(future, |guarded| runtime.block_on(guarded))
    }

    /// Like [`Attempt::block_on`], on this thread alone if it may: for futures that spawn nothing which must go on
    /// between two calls. See [`driver`].
    pub fn block_on_here<F: Future>(&self, future: F) -> Result<F::Output, Stop> {
        let runtime = self.shared.host.runtime();
        self.until_stopped(future, |guarded| driver::drive(runtime, guarded))
    }

    fn until_stopped<F: Future>(
        &self,
        future: F,
        drive: impl FnOnce(Pin<&mut dyn Future<Output = Option<F::Output>>>) -> Option<F::Output>,
    ) -> Result<F::Output, Stop> {
        if let Some(stop) = self.stopped() {
            return Err(stop);
        }
        let deadline = tokio::time::Instant::from_std(self.deadline());
        let alarms = self.alarms();
        let guarded = pin!(async {
            let alarm = async {
                match alarms {
                    Some(alarms) => alarms.rings().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.lane.clock.cancelled() => None,
                output = future => Some(output),
                () = tokio::time::sleep_until(deadline) => None,
                () = alarm => None,
            }
        });
        drive(guarded).ok_or_else(|| {
            let alarmed = || Some(self.alarmed(alarms.filter(|alarms| alarms.is_ringing())?));
            self.stopped().or_else(alarmed).unwrap_or(Stop::Limit(0))
        })
    }

    fn alarmed(&self, alarms: &Alarms) -> Stop {
        // Inside a poll the next call tells it, as an error that ends the wait with its reason.
        if !self.is_polling()
            && let Some(root) = alarms.keep(self.during().as_deref())
        {
            let message = root.message.clone();
            self.keep(root);
            return Stop::Alarm(message);
        }
        Stop::Alarm("a service ended".into())
    }

    /// Sleeps; wakes early only to stop.
    pub fn sleep(&self, duration: Duration) -> Result<(), Stop> {
        self.block_on(async { tokio::time::sleep(duration).await })
    }

    /// The earliest of the attempt's deadline and the limits open here.
    pub fn deadline(&self) -> Instant {
        let limit = lock(&self.lane.limits).iter().min().copied();
        let whole = self.lane.clock.deadline();
        limit.map_or(whole, |limit| limit.min(whole))
    }

    /// Why the script has to end now, if it has to: the whole attempt first, else the outermost limit.
    pub fn stopped(&self) -> Option<Stop> {
        let whole = self.lane.clock.stop();
        if whole.is_some() {
            // By the time the error has left the script, its steps are closed.
            let open = lock(&self.lane.steps)
                .last()
                .map(|(_, title)| title.clone());
            let mut stopped_in = lock(&self.shared.stopped_in);
            *stopped_in = stopped_in.take().or(open);
        }
        whole.or_else(|| {
            let limits = lock(&self.lane.limits);
            let now = Instant::now();
            limits.iter().position(|at| *at <= now).map(Stop::Limit)
        })
    }

    /// The question asked while a script computes, every so many operations.
    pub fn interrupted(&self, operations: u64) -> Option<Stop> {
        const EVERY: u64 = 256;
        if operations.is_multiple_of(EVERY) || self.lane.clock.is_stopped() {
            self.stopped()
        } else {
            None
        }
    }

    /// Runs `body` with a limit narrower than the attempt's, known by the number passed to it.
    pub fn limited<T>(&self, at: Instant, body: impl FnOnce(usize) -> T) -> T {
        let depth = {
            let mut limits = lock(&self.lane.limits);
            limits.push(at);
            limits.len() - 1
        };
        let result = body(depth);
        lock(&self.lane.limits).truncate(depth);
        result
    }

    // ---- polling ---------------------------------------------------------------------------------

    /// Runs `body` as one poll: bad news inside it is not latched and its steps are not recorded,
    /// because a poll that fails only means *not yet*.
    pub fn polled<T>(&self, body: impl FnOnce() -> T) -> T {
        *lock(&self.lane.trouble) = None;
        self.lane.polling.fetch_add(1, Ordering::Relaxed);
        let result = body();
        self.lane.polling.fetch_sub(1, Ordering::Relaxed);
        result
    }

    /// Whether this is inside a poll.
    pub fn is_polling(&self) -> bool {
        self.lane.polling.load(Ordering::Relaxed) > 0
    }

    /// Remembers that the last exchange was one that means *not yet* in a poll: no answer, 404, 5xx, an empty
    /// body. `None` clears it. A missing property after such an exchange means *not yet* too.
    pub fn set_trouble(&self, trouble: Option<String>) {
        *lock(&self.lane.trouble) = trouble;
    }

    /// What was wrong with the last exchange, see [`Attempt::set_trouble`].
    pub fn trouble(&self) -> Option<String> {
        lock(&self.lane.trouble).clone()
    }

    /// Remembers how to show the last exchange with the system under test, for the failure that may follow.
    pub fn set_evidence(&self, evidence: Evidence) {
        *lock(&self.lane.evidence) = Some(evidence);
    }

    /// Forgets the last exchange: the failure that follows tells its own.
    pub fn forget_evidence(&self) {
        *lock(&self.lane.evidence) = None;
    }

    /// The last exchange with the system under test, in full.
    pub fn last_exchange(&self) -> Option<String> {
        let evidence = lock(&self.lane.evidence).clone();
        evidence.map(|evidence| evidence())
    }

    // ---- signals ---------------------------------------------------------------------------------

    /// Waits for the next signal of this name; `None` where no signal can arrive.
    pub fn wait_for_signal(&self, name: &str) -> Option<Result<Value, Stop>> {
        let signal = self.shared.host.want_signal(name)?;
        Some(self.block_on(signal).and_then(|got| {
            let gone = || Stop::Cancelled("the run ends".into());
            got.map_err(|_| self.stopped().unwrap_or_else(gone))
        }))
    }

    // ---- steps -----------------------------------------------------------------------------------

    /// Records `body` as a step. `body` gets the step to hang data on; an error ends it failed.
    pub fn step<T, E>(
        &self,
        kind: &str,
        title: &str,
        at: String,
        body: impl FnOnce(&mut Step) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.is_polling() {
            return body(&mut Step::default());
        }
        let id = self.shared.steps.fetch_add(1, Ordering::Relaxed) + 1;
        self.record(Record::StepBegan {
            step: id,
            parent: self.open_step(),
            kind: kind.to_owned(),
            title: title.to_owned(),
            at,
        });
        lock(&self.lane.steps).push((id, title.to_owned()));
        let began = Instant::now();
        let mut step = Step {
            id: Some(id),
            ..Step::default()
        };
        let result = body(&mut step);
        lock(&self.lane.steps).retain(|(open, _)| *open != id);
        let outcome = step.outcome.unwrap_or(match &result {
            Ok(_) => StepOutcome::Passed,
            Err(_) => StepOutcome::Failed,
        });
        self.record(Record::StepEnded {
            step: id,
            outcome,
            micros: began.elapsed().as_micros() as u64,
            data: step.data,
        });
        result
    }

    /// The innermost step open on this lane.
    pub fn open_step(&self) -> Option<StepId> {
        lock(&self.lane.steps)
            .last()
            .map(|(id, _)| *id)
            .or(self.lane.base)
    }

    /// Titles of the open steps, outermost first.
    fn open_titles(&self) -> Vec<String> {
        let steps = lock(&self.lane.steps);
        let mine = steps.iter().map(|(_, title)| title);
        self.lane.above.iter().chain(mine).cloned().collect()
    }

    // ---- bad news --------------------------------------------------------------------------------

    /// Counts one claim that was checked, so that a scenario which asserts nothing can be told.
    pub fn count_assertion(&self) {
        self.shared.assertions.fetch_add(1, Ordering::Relaxed);
    }

    /// How many claims were checked.
    pub fn assertions(&self) -> u64 {
        self.shared.assertions.load(Ordering::Relaxed)
    }

    /// Adds where it happened and the last exchange; then, unless this is a poll, keeps it for good, so that
    /// catching it in the script does not un-fail the attempt.
    pub fn latch(&self, mut failure: Failure) -> Failure {
        if self.is_polling() {
            return failure;
        }
        if let Some(alarms) = self.alarms() {
            if failure.code == Code::Service {
                alarms.kept(&failure);
            } else {
                let is_traffic = matches!(failure.code, Code::Traffic | Code::WaitTimeout);
                if failure.code == Code::Traffic {
                    alarms.listen(PATIENCE);
                }
                if let Some(mut root) = alarms.keep(self.during().as_deref()) {
                    root.location.clone_from(&failure.location);
                    let root = self.keep(root.detail("seen as", failure.message.clone()));
                    if is_traffic {
                        return root;
                    }
                }
                if let Some(root) = alarms.root() {
                    failure = failure.detail("after", root);
                }
            }
        }
        self.keep(failure)
    }

    /// Keeps bad news for good.
    fn keep(&self, mut failure: Failure) -> Failure {
        if failure.steps.is_empty() {
            failure.steps = self.open_titles();
        }
        if failure.kind == Kind::Failure
            && !failure
                .details
                .iter()
                .any(|detail| detail.label == "last exchange")
            && let Some(exchange) = self.last_exchange()
        {
            failure = failure.detail("last exchange", exchange);
        }
        let mut latched = lock(&self.shared.latched);
        let known = latched
            .iter()
            .any(|old| old.message == failure.message && old.location == failure.location);
        if !known {
            latched.push(failure.clone());
            drop(latched);
            self.mark_scopes();
            self.record(Record::Failed {
                step: self.open_step(),
                failure: Box::new(failure.clone()),
            });
        }
        failure
    }

    /// What the scenario, its file and the run have open is kept when they are over.
    fn mark_scopes(&self) {
        self.world()
            .scopes
            .mark_failed(&self.owner(Extent::Scenario));
    }

    /// Remembers that the script skipped the rest of its phase, even if it caught that.
    pub fn skip(&self, reason: &str) {
        lock(&self.shared.skipped).get_or_insert_with(|| reason.to_owned());
    }

    /// The reason given to `skip`, if it was called.
    pub fn skipped(&self) -> Option<String> {
        lock(&self.shared.skipped).clone()
    }

    /// All bad news so far, in order.
    pub fn bad_news(&self) -> Vec<Failure> {
        lock(&self.shared.latched).clone()
    }

    /// The failure that a stop of the whole attempt is.
    pub fn stop_failure(&self, stop: &Stop) -> Failure {
        match stop {
            Stop::Deadline { what, after } => {
                let mut failure = Failure::new(
                    Kind::Fault,
                    Code::Timeout,
                    format!(
                        "{what} took longer than its timeout of {}",
                        super::duration::show(*after)
                    ),
                );
                if let Some(title) = lock(&self.shared.stopped_in).clone() {
                    failure = failure.detail("was in", title);
                }
                failure.hint("raise it with the option `timeout`, or find out what it waits for")
            }
            Stop::Alarm(what) => Failure::product(Code::Service, what.clone()),
            Stop::Cancelled(reason) => {
                Failure::new(Kind::Fault, Code::Cancelled, format!("stopped: {reason}"))
            }
            Stop::Skipped(reason) => Failure::new(
                Kind::Usage,
                Code::Script,
                format!("`skip` ends a phase and cannot be used here: {reason}"),
            ),
            Stop::Limit(_) => Failure::product(
                Code::WaitTimeout,
                "the time of the surrounding wait ran out",
            ),
        }
    }

    /// Adds a log line.
    pub fn log(&self, level: Level, text: impl Into<String>) {
        self.record(Record::Log {
            step: self.open_step(),
            level,
            text: text.into(),
        });
    }

    // ---- state and clean-up ----------------------------------------------------------------------

    /// One value of the state.
    pub fn state_get(&self, key: &str) -> Option<Value> {
        lock(&self.shared.state).get(key).cloned()
    }

    /// The whole state.
    pub fn state(&self) -> Map<String, Value> {
        lock(&self.shared.state).clone()
    }

    /// Writes (or with `None` removes) one value of the state, as an event.
    pub fn state_set(&self, key: &str, value: Option<Value>) {
        {
            let mut state = lock(&self.shared.state);
            match &value {
                Some(value) => state.insert(key.to_owned(), value.clone()),
                None => state.remove(key),
            };
        }
        self.record(Record::State {
            key: key.to_owned(),
            value,
        });
    }

    /// What was put on the state and taken off it, compared with how it was `before`.
    pub fn changes_since(&self, before: &Map<String, Value>) -> (Map<String, Value>, Vec<String>) {
        let state = lock(&self.shared.state);
        let changed = state
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(value));
        let removed = before.keys().filter(|key| !state.contains_key(*key));
        (
            changed
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            removed.cloned().collect(),
        )
    }

    /// Registers what has to be undone when the phase ends, whatever happens.
    pub fn on_end(&self, cleanup: Cleanup) {
        lock(&self.shared.cleanups).push(cleanup);
    }

    /// Takes the last registered clean-up. Called by whoever runs the attempt until it answers `None`,
    /// because a clean-up may register another.
    pub fn next_cleanup(&self) -> Option<Cleanup> {
        lock(&self.shared.cleanups).pop()
    }
}

impl Lane {
    fn new(clock: Arc<Clock>) -> Self {
        Self {
            clock,
            base: None,
            above: Vec::new(),
            steps: Mutex::default(),
            limits: Mutex::default(),
            polling: AtomicU32::new(0),
            trouble: Mutex::default(),
            evidence: Mutex::default(),
            undoing: false,
            is_branch: false,
        }
    }
}

/// What the body of a step may say about it.
#[derive(Debug, Default)]
pub struct Step {
    /// `None` inside a poll, where steps are not recorded.
    pub id: Option<StepId>,
    /// Shown by reports; depends on the primitive.
    pub data: Value,
    /// Set to override what the result says.
    pub outcome: Option<StepOutcome>,
}
