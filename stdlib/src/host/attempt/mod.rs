//! One execution of one phase, as a primitive sees it: its clock, its account, its clean-up.
//! Primitives reach async code, records and cancellation only through here.

mod ending;
mod identity;
mod news;
mod polling;
mod state;
mod steps;
mod waiting;

pub use ending::{Cleanup, CleanupFn};
pub use identity::Identity;
pub use polling::Evidence;
pub use steps::Step;

use super::alarm::Alarms;
use super::clock::{Clock, Held};
use super::extensions::Extensions;
use super::failure::{Detail, Failure};
use super::inspect::{Frames, Inspector};
use super::record::{Record, StepId};
use super::scope::{Extent, Owner, Scope};
use super::sources::Sources;
use super::world::World;
use crate::language::Language;
use serde_json::{Map, Value};
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

/// A handle on the running attempt. Clones are the same attempt; [`Attempt::branch`] makes a lane of its own.
#[derive(Clone)]
pub struct Attempt {
    shared: Arc<Shared>,
    lane: Arc<Lane>,
}

struct Shared {
    identity: Identity,
    /// That of the body; clean-ups have others.
    clock: Arc<Clock>,
    host: Arc<dyn Host>,
    world: Arc<World>,
    language: Arc<Language>,
    state: Arc<Mutex<Map<String, Value>>>,
    latched: Mutex<Vec<Failure>>,
    skipped: Mutex<Option<String>>,
    /// What was going on when the time ran out.
    stopped_in: Mutex<Interrupted>,
    assertions: AtomicU64,
    steps: AtomicU32,
    cleanups: Arc<Mutex<Vec<Cleanup>>>,
    locals: Arc<Extensions>,
    alarms: OnceLock<Arc<Alarms>>,
}

/// What was going on when the time ran out: the failure that this is says it.
#[derive(Default)]
struct Interrupted {
    /// The step that was open.
    step: Option<Open>,
    /// What a wait had seen until then.
    seen: Vec<Detail>,
}

/// A step that has begun and not ended.
#[derive(Clone)]
struct Open {
    id: StepId,
    title: String,
    /// `file:line`, if a script asked for it.
    site: String,
}

/// What one thread of control of an attempt has open.
struct Lane {
    clock: Arc<Clock>,
    /// The step a `parallel` branch began in, and the titles of all that were open there.
    base: Option<StepId>,
    above: Vec<String>,
    steps: Mutex<Vec<Open>>,
    limits: Mutex<Vec<Instant>>,
    /// How many polls this lane is inside of.
    polling: AtomicU32,
    /// How many `verify` this lane is inside of.
    softening: AtomicU32,
    trouble: Mutex<Option<String>>,
    evidence: Mutex<Option<Evidence>>,
    /// Whether this is clean-up, which no alarm may disturb.
    undoing: bool,
    /// The variables of the calls it is in; those of the lane the attempt began on are the attempt's.
    frames: Option<Arc<Frames>>,
    /// Whether it only answers others, so that nobody may make it stand still.
    only_answers: bool,
}

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
                clock: clock.clone(),
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
            clock: clock.clone(),
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
        self.lane(self.lane.only_answers)
    }

    /// A branch for closures that answer others, such as those of a mock server: nobody looks into them, because who asked
    /// waits.
    pub fn answering(&self) -> Self {
        self.lane(true)
    }

    fn lane(&self, only_answers: bool) -> Self {
        let limit = lock(&self.lane.limits).iter().min().copied();
        let lane = Lane {
            base: self.open_step(),
            above: self.open_titles(),
            limits: Mutex::new(limit.into_iter().collect()),
            polling: AtomicU32::new(self.lane.polling.load(Ordering::Relaxed)),
            softening: AtomicU32::new(self.lane.softening.load(Ordering::Relaxed)),
            undoing: self.lane.undoing,
            frames: Some(Arc::default()),
            only_answers,
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
                frames: Some(Arc::default()),
                ..Lane::new(clock)
            }),
        }
    }

    /// The same attempt in the same step, for a look at what its time has run out on.
    pub fn overtime(&self, limit: Duration) -> Self {
        Self {
            shared: self.shared.clone(),
            lane: Arc::new(Lane {
                base: self.open_step(),
                above: self.open_titles(),
                undoing: true,
                only_answers: true,
                ..Lane::new(self.lane.clock.begin_cleanup(limit))
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

    /// Who may look into the script on this lane.
    pub fn inspector(&self) -> Option<Arc<dyn Inspector>> {
        if self.lane.only_answers {
            return None;
        }
        self.shared.host.inspector()
    }

    /// Whether this lane only answers others, so that it is not looked into.
    pub fn only_answers(&self) -> bool {
        self.lane.only_answers
    }

    /// Whether this is beside the lane the attempt began on.
    pub fn is_branch(&self) -> bool {
        self.lane.frames.is_some() && !self.lane.undoing
    }

    /// Whether this is clean-up.
    pub fn is_undoing(&self) -> bool {
        self.lane.undoing
    }

    /// The variables of the calls this lane is in, as far as somebody looks.
    pub fn frames(&self) -> Arc<Frames> {
        let own = self.lane.frames.clone();
        own.unwrap_or_else(|| self.locals().get())
    }

    pub fn clock(&self) -> &Arc<Clock> {
        &self.lane.clock
    }

    /// Lets its time stand still until the answer is dropped, also when it is its clean-up that stands still.
    pub fn hold(&self) -> [Held; 2] {
        [&self.lane.clock, &self.shared.clock].map(Clock::hold)
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

    /// Adds an entry to the attempt's account.
    pub fn record(&self, record: Record) {
        self.shared.host.record(record);
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
            softening: AtomicU32::new(0),
            trouble: Mutex::default(),
            evidence: Mutex::default(),
            undoing: false,
            frames: None,
            only_answers: false,
        }
    }
}
