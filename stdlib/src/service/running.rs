//! A service that was started: what is known of it, and its life from ready to gone.

mod foreign;

use super::env::{Environment, Own};
use super::filter;
use super::lease::Lease;
use super::spec::{Ready, Spec};
use super::tell;
use super::template::Facts;
use super::user;
use crate::guard::{
    Ended, Exit, Guard, GuardError, Line, Log, Process, Program, Spawn, StopPlan, Stream,
};
use crate::host::alarm::Alarms;
use crate::host::attempt::Attempt;
use crate::host::clock::Stop;
use crate::host::details::Details;
use crate::host::duration::show;
use crate::host::record::{Level, Record, ServiceNews};
use crate::host::scope::{Extent, Users};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant, SystemTime};

pub use super::tell::exited;

/// How many of the last lines of its log are shown below the failure of a service.
pub const SHOWN_LINES: usize = 50;

/// A service; clones are the same.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    spec: Spec,
    dir: PathBuf,
    guard: Arc<Guard>,
    /// The attempt that started it, whose account tells of it.
    teller: Attempt,
    owner: String,
    state: Mutex<State>,
    /// Whoever needs it is rung when it ends by itself.
    dependents: Mutex<Vec<Weak<Alarms>>>,
    /// The scenarios that use it.
    users: Users,
}

/// All that changes.
struct State {
    life: Life,
    process: Option<Process>,
    /// Of every process it had, the oldest first.
    logs: Vec<Log>,
    launch: Option<Launch>,
    facts: Facts,
    leases: Vec<Lease>,
    restarts: u32,
    exit: Option<Exit>,
    began: Instant,
    started_at: SystemTime,
    ready_after: Option<Duration>,
    ended_at: Option<SystemTime>,
    /// How often it was started, by whomever.
    generation: u32,
    /// The run that started it and will end it, if that is another.
    of_another: Option<String>,
}

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Starting,
    Ready,
    /// It did its work and ended well.
    Done,
    /// It ended by itself, and nobody wanted that.
    Crashed,
    /// It is being ended, or was.
    Stopped,
}

impl Life {
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Done => "done",
            Self::Crashed => "crashed",
            Self::Stopped => "stopped",
        }
    }
}

/// What is executed, with everything filled in.
#[derive(Clone, Debug)]
pub struct Launch {
    pub program: Program,
    pub ready: Vec<Ready>,
    pub stop: StopPlan,
    pub env: Own,
    pub cwd: PathBuf,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

impl Service {
    /// A service about to be started in `dir`.
    pub fn new(spec: Spec, dir: PathBuf, guard: Arc<Guard>, teller: Attempt) -> Self {
        let facts = Facts {
            name: spec.name.clone(),
            dir: dir.clone(),
            ..Facts::default()
        };
        Self {
            inner: Arc::new(Inner {
                owner: teller.identity().scenario.clone(),
                spec,
                dir,
                guard,
                teller,
                dependents: Mutex::default(),
                users: Users::default(),
                state: Mutex::new(State {
                    life: Life::Starting,
                    process: None,
                    logs: Vec::new(),
                    launch: None,
                    facts,
                    leases: Vec::new(),
                    restarts: 0,
                    exit: None,
                    began: Instant::now(),
                    started_at: SystemTime::now(),
                    ready_after: None,
                    ended_at: None,
                    generation: 0,
                    of_another: None,
                }),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.inner.state)
    }

    pub fn spec(&self) -> &Spec {
        &self.inner.spec
    }

    pub fn name(&self) -> &str {
        &self.inner.spec.name
    }

    /// Its private directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    pub fn facts(&self) -> Facts {
        self.state().facts.clone()
    }

    pub fn life(&self) -> Life {
        self.state().life
    }

    pub fn launch(&self) -> Option<Launch> {
        self.state().launch.clone()
    }

    /// The variables it gets; none before it settled in.
    pub fn environment(&self) -> Environment {
        let launch = self.launch();
        let run = &self.inner.teller.world().env;
        launch.map(|launch| launch.env.on(run)).unwrap_or_default()
    }

    pub fn process(&self) -> Option<Process> {
        self.state().process.clone()
    }

    /// How the last process ended, if it has.
    pub fn exit(&self) -> Option<Exit> {
        let state = self.state();
        state
            .process
            .as_ref()
            .and_then(Process::try_exit)
            .or_else(|| state.exit.clone())
    }

    pub fn is_running(&self) -> bool {
        self.is_running_elsewhere().unwrap_or_else(|| {
            let process = self.process();
            process.is_some_and(|process| process.try_exit().is_none())
        })
    }

    pub fn restarts(&self) -> u32 {
        self.state().restarts
    }

    /// When it was started, how long it took to be ready, and when it ended.
    pub fn times(&self) -> (SystemTime, Option<Duration>, Option<SystemTime>) {
        let state = self.state();
        (state.started_at, state.ready_after, state.ended_at)
    }

    /// Sets what others may know of it, and holds its ports.
    pub fn settle_in(&self, facts: Facts, leases: Vec<Lease>, launch: Launch) {
        let mut state = self.state();
        state.facts = facts;
        state.leases = leases;
        state.launch = Some(launch);
    }

    /// Adds to what others may know of it.
    pub fn learn(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.state().facts);
    }

    /// What it wrote, all its processes together.
    pub fn lines(&self) -> Vec<Line> {
        let logs = self.state().logs.clone();
        logs.iter()
            .flat_map(|log| log.lines().unwrap_or_default())
            .collect()
    }

    /// The logs of all its processes, the oldest first.
    pub fn logs(&self) -> Vec<Log> {
        self.state().logs.clone()
    }

    /// The end of its log, as a block below a failure.
    pub fn last_lines(&self) -> String {
        let log = self.state().logs.last().cloned();
        let lines = log
            .and_then(|log| log.tail(SHOWN_LINES).ok())
            .unwrap_or_default();
        filter::block(&lines)
    }

    /// Starts a process for it.
    pub async fn spawn(&self) -> Result<Process, GuardError> {
        let spec = self.spec();
        let (launch, number) = {
            let state = self.state();
            (state.launch.clone(), state.logs.len() + 1)
        };
        let launch =
            launch.unwrap_or_else(|| unreachable!("a service settles in before it starts"));
        let folder = self.dir().join("log");
        let mut spawn = Spawn::new(
            &self.inner.owner,
            spec.name.as_str(),
            launch.program,
            &launch.cwd,
            &folder,
        );
        if number > 1 {
            spawn.stdout = folder.join(format!("{}.{number}.out", spec.name));
            spawn.stderr = folder.join(format!("{}.{number}.err", spec.name));
        }
        spawn.env = self
            .environment()
            .into_iter()
            .map(|(name, variable)| (name, variable.value))
            .collect();
        spawn.stop = launch.stop;
        spawn.stop.grace = self.inner.teller.world().scaled(spawn.stop.grace);
        // Found before, when it settled in.
        spawn.user = user::find(&spec.name, spec.user.as_deref()).unwrap_or_default();
        let process = self.inner.guard.spawn(spawn).await?;
        {
            let mut state = self.state();
            state.life = Life::Starting;
            state.exit = None;
            state.ended_at = None;
            state.began = Instant::now();
            state.started_at = SystemTime::now();
            state.logs.push(process.log().clone());
            state.facts.pid = Some(process.pid());
            state.process = Some(process.clone());
            state.generation += 1;
        }
        self.tell(ServiceNews::Started, json!({ "pid": process.pid() }));
        if self.inner.teller.world().live_output {
            tokio::spawn(tell::output_of(self.inner.teller.clone(), process.clone()));
        }
        Ok(process)
    }

    /// It is ready: from now on its end is news to whoever needs it. Must be called inside the runtime.
    pub fn ready(&self) {
        let (process, generation, after) = {
            let mut state = self.state();
            let after = state.began.elapsed();
            state.ready_after = Some(after);
            state.life = if self.inner.spec.is_errand() {
                Life::Done
            } else {
                Life::Ready
            };
            (state.process.clone(), state.generation, after)
        };
        self.tell(ServiceNews::Ready, json!({ "after": show(after) }));
        let Some(process) = process.filter(|_| !self.inner.spec.is_errand()) else {
            return;
        };
        let watched = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            let exit = process.exited().await;
            if let Some(inner) = watched.upgrade() {
                Self { inner }.exited(generation, exit).await;
            }
        });
    }

    /// Its process ended, by itself or not.
    async fn exited(&self, generation: u32, exit: Exit) {
        let again = {
            let mut state = self.state();
            if state.generation != generation {
                return;
            }
            state.exit = Some(exit.clone());
            state.ended_at = Some(SystemTime::now());
            if state.life != Life::Ready {
                return;
            }
            state.life = Life::Crashed;
            let again = self
                .inner
                .spec
                .restart
                .again(state.restarts, exit.is_success());
            state.restarts += u32::from(again);
            again
        };
        self.tell(
            ServiceNews::Exited,
            json!({ "how": exited(&exit), "code": exit.code() }),
        );
        if again {
            tokio::time::sleep(self.inner.spec.restart.delay).await;
            // Stopped meanwhile: then it is not wanted any more.
            if self.life() == Life::Crashed && self.spawn_again().await {
                return;
            }
        }
        if !self.inner.spec.ignore_exit && self.life() == Life::Crashed {
            let failure = self.crash(&exit);
            for alarms in lock(&self.inner.dependents)
                .iter()
                .filter_map(Weak::upgrade)
            {
                alarms.ring(failure.clone());
            }
        }
    }

    /// Starts it again after it ended by itself; its readiness is not waited for.
    async fn spawn_again(&self) -> bool {
        match self.spawn().await {
            Ok(process) => {
                self.tell(ServiceNews::Restarted, json!({ "pid": process.pid() }));
                self.ready_again();
                true
            }
            Err(error) => {
                let text = format!(
                    "service `{}` could not be started again: {error}",
                    self.name()
                );
                self.warn(text);
                false
            }
        }
    }

    /// [`Service::ready`] in a function of its own: the future of a watcher must not hold itself.
    fn ready_again(&self) {
        self.ready();
    }

    /// Where its newest log is, for messages.
    pub fn log_path(&self) -> String {
        let log = self.state().logs.last().cloned();
        let path = log.map(|log| log.path(Stream::Stdout).to_owned());
        let path = path.unwrap_or_else(|| self.dir().join("log"));
        let run_dir = &self.inner.teller.world().project;
        path.strip_prefix(run_dir)
            .unwrap_or(&path)
            .to_string_lossy()
            .into_owned()
    }

    /// Its process was started by another host.
    /// Must be called inside the runtime.
    pub fn go_on(&self, process: Process) {
        {
            let mut state = self.state();
            state.logs.push(process.log().clone());
            state.process = Some(process);
            state.generation += 1;
        }
        self.ready();
    }

    /// The scenario of `attempt` uses it from now on: it hears of its end, and cannot be parked while it runs, unless it is
    /// kept.
    pub fn used_by(&self, attempt: &Attempt) {
        self.needed_by(&attempt.alarms_of_scenario());
        let scope = attempt.scope(Extent::Scenario);
        let stays = self.spec().keep || self.is_of_another();
        if !stays && self.inner.users.add(&scope) {
            let service = self.clone();
            scope.hold(&format!("service `{}`", self.name()), move || {
                service.is_running()
            });
        }
    }

    /// From now on `alarms` hear of its end.
    pub fn needed_by(&self, alarms: &Arc<Alarms>) {
        if self.is_of_another() {
            return;
        }
        let mut dependents = lock(&self.inner.dependents);
        let known = dependents
            .iter()
            .any(|known| known.as_ptr() == Arc::as_ptr(alarms));
        if !known && !self.inner.spec.ignore_exit && !self.inner.spec.is_errand() {
            alarms.watch();
            dependents.push(Arc::downgrade(alarms));
        }
    }

    /// Its end is wanted from now on, by whatever way it comes.
    pub fn expect_end(&self) {
        self.state().life = Life::Stopped;
        for alarms in lock(&self.inner.dependents).drain(..) {
            if let Some(alarms) = alarms.upgrade() {
                alarms.unwatch();
            }
        }
    }

    /// Ends it by its plan, and waits until nothing of it is left. `None` when it was not running.
    pub fn stop(&self, attempt: &Attempt) -> Result<Option<Ended>, Stop> {
        self.end(attempt, false)
    }

    /// Ends it by KILL.
    pub fn kill(&self, attempt: &Attempt) -> Result<Option<Ended>, Stop> {
        self.end(attempt, true)
    }

    fn end(&self, attempt: &Attempt, by_force: bool) -> Result<Option<Ended>, Stop> {
        self.expect_end();
        let Some(process) = self.process() else {
            return Ok(None);
        };
        let ended = attempt.block_on(async {
            if by_force {
                process.kill().await
            } else {
                process.stop().await
            }
        })?;
        {
            let mut state = self.state();
            state.process = None;
            state.exit = Some(ended.exit.clone());
            state.ended_at.get_or_insert_with(SystemTime::now);
        }
        self.tell_end(&ended, by_force);
        Ok(Some(ended))
    }

    /// Its ports are free for others.
    pub fn release(&self) {
        self.state().leases.clear();
    }

    /// Adds to the account of the attempt that started it.
    pub fn tell(&self, what: ServiceNews, data: serde_json::Value) {
        self.inner.teller.record(Record::Service {
            name: self.name().to_owned(),
            what,
            data: Details::of(&data),
        });
    }

    /// Warns in that account.
    pub(super) fn warn(&self, text: String) {
        self.inner.teller.log(Level::Warn, text);
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "service `{}` ({})", self.name(), self.life().word())
    }
}
