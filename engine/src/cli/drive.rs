//! From a plan to its end: the one place where running, storing and reporting are joined. `run` begins here, `resume`
//! and `abandon` go on here.

use super::deliver;
use super::exit::Exit;
use super::kept;
use super::keys;
use super::lounge::Prompt;
use super::post;
use super::prepare::Prepared;
use super::signals;
use super::stored;
use super::tell::Trouble;
use crate::config::{Flaky, Settings};
use crate::model::{Event, Outcome, RunId, View, What};
use crate::report::{Options, Reporters, Screen, Spec, status};
use crate::run::dispatcher::{Dispatcher, Former, Planned, Rules};
use crate::run::locks::Locks;
use crate::run::lounge::Lounge;
use crate::run::notes::Notes;
use crate::run::pump::{Note, Outlet, Pump};
use crate::run::worker::Workshop;
use crate::store::{Home, Lease, Retention, Store, StoreError, Writer};
use jiff::Timestamp;
use scenario_stdlib::guard::{self, Guard};
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::scope::Owner;
use scenario_stdlib::machine;
use scenario_stdlib::service;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is to be done.
pub struct Course {
    /// In the order it is to be started.
    pub planned: Vec<Planned>,
    /// What is told first.
    pub first: Vec<What>,
    /// What former processes left it as, and the number of their newest event.
    pub past: View,
    pub seq: u64,
    /// The right to go on with a run; a new one takes it by itself.
    pub lease: Option<Lease>,
    /// What becomes of what former processes began.
    pub former: Former,
    /// Why nothing can be parked, if so.
    pub unparkable: Option<String>,
    /// What the run shares, such as services, is left for another round.
    pub keeps_run: bool,
}

/// What came of it.
pub struct Driven {
    pub exit: Exit,
    pub view: View,
}

/// A runtime for the input and output of a run.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    raise_descriptor_limit();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("io")
        .enable_all()
        .build()
}

/// Does it, and says how it ended.
pub fn drive(
    prepared: &Prepared,
    runtime: &tokio::runtime::Runtime,
    mut course: Course,
    began: Instant,
) -> Result<Driven, Trouble> {
    let settings = &prepared.settings;
    let (notes, inbox) = Notes::new();
    let left = match &course.lease {
        Some(_) => left_for(prepared),
        None => BTreeSet::new(),
    };
    let writer = writer(&prepared.home, &prepared.run, course.lease, &notes);
    let run_dir = prepared.home.dir().join("runs").join(&prepared.run.0);
    let options = super::output::options(settings, &run_dir);
    let mut outlet = Joined {
        writer: Some(writer),
        view: course.past,
        reporters: reporters(settings, &options)?,
        screen: options.screen.clone(),
    };
    if course.seq > 0 {
        outlet.recall(&prepared.home, &prepared.run)?;
    }
    let lounge = Prompt::open(prepared, &course.planned, &options.screen, runtime.handle());
    let visited = lounge.clone();
    signals::listen(runtime.handle(), &notes, move || {
        visited.as_ref().is_some_and(|lounge| lounge.interrupt())
    });
    let _post = post::listen(&prepared.home, &prepared.run, &notes);
    keys::listen(&course.planned, &options.screen, &notes);
    if let Some(limit) = settings.time.run {
        let notes = notes.clone();
        let limit = settings.time.scaled(limit);
        runtime.spawn(async move {
            tokio::time::sleep(limit).await;
            let reason = format!("the run took longer than {}", show(limit));
            notes.send(Note::Interrupt { reason, now: false });
        });
    }
    let workshop = Workshop {
        library: prepared.library.clone(),
        runtime: runtime.handle().clone(),
        notes,
        cleanup_timeout: settings.time.cleanup,
        lounge: lounge.map(|lounge| -> Arc<dyn Lounge> { lounge }),
        left: Arc::new(left),
    };
    let rules = rules(settings, course.former, course.unparkable);
    let mut pump = Pump::new(
        Dispatcher::new(rules, course.planned),
        workshop,
        inbox,
        &mut outlet,
        course.seq,
        Locks::new(machine::folder(), &prepared.run.0),
    );
    pump.keep_run(course.keeps_run);
    course.first.extend(reaped());
    pump.run(course.first);
    let lost = pump.settle();
    let flaky_fails = settings.run.flaky == Flaky::Fail;
    let mut exit = match course.former {
        Former::Abandoned => Exit::Passed,
        _ => Exit::of(pump.outlet().view(), flaky_fails),
    };
    if lost {
        exit = exit.or(Exit::Fault);
    }
    pump.close(vec![What::RunEnded {
        exit: exit.code(),
        micros: began.elapsed().as_micros() as u64,
        masked: prepared.library.world().masker.hidden(),
        masked_in: masked_in(prepared),
    }]);
    drop(pump);
    end_kept(&outlet.view, prepared, runtime);
    let world = prepared.library.world();
    let is_kept = course.keeps_run && world.scopes.is_open(&Owner::Run);
    if let Some(guard) = Guard::existing(world).filter(|_| !is_kept) {
        // What takes longer goes on without this process.
        guard.finish(GUARD_LIMIT);
    }
    let left = kept::tidy(prepared, &outlet.view);
    deliver::deliver(prepared, &outlet.view, runtime);
    let exit = outlet.finish(settings, exit);
    kept::tell(prepared, &left);
    Ok(Driven {
        exit,
        view: outlet.view,
    })
}

/// The scenarios for which former processes left services running.
fn left_for(prepared: &Prepared) -> BTreeSet<String> {
    let left = service::left_running(prepared.library.world());
    left.into_iter().map(|kept| kept.owner).collect()
}

/// Where secrets were hidden, and how many.
fn masked_in(prepared: &Prepared) -> BTreeMap<String, u64> {
    let places = prepared.library.world().masker.hidden_in();
    let places = places.into_iter();
    places
        .map(|(place, count)| (place.to_owned(), count))
        .collect()
}

/// Ends what the run kept alive for a resume, once nothing is left to resume.
fn end_kept(view: &View, prepared: &Prepared, runtime: &tokio::runtime::Runtime) {
    let mut outcomes = view.scenarios.iter().map(|scenario| scenario.outcome);
    if outcomes.any(|outcome| outcome == Some(Outcome::Parked)) {
        return;
    }
    let Some(folder) = machine::folder() else {
        return;
    };
    for kept in guard::kept(&folder) {
        if kept.run == prepared.run.0 {
            runtime.block_on(async {
                if let Ok(process) = kept.adopt(guard::Hold::Own).await {
                    let _ = process.stop().await;
                }
            });
        }
    }
}

/// How long the guard may take to end what scenarios have left.
const GUARD_LIMIT: Duration = Duration::from_secs(10);

/// Ends what killed runs have left behind, and says so.
fn reaped() -> impl Iterator<Item = What> {
    let folder = machine::folder();
    let reaped = folder
        .map(|folder| guard::reap(&folder))
        .unwrap_or_default();
    reaped.into_iter().map(|reaped| What::Warned {
        text: reaped.to_string(),
    })
}

fn no_longer_recorded(error: &StoreError) -> Failure {
    let mut failure = Failure::fault(format!("the run is no longer recorded: {error}"));
    failure.hint = error.hint();
    failure
}

fn writer(home: &Home, run: &RunId, lease: Option<Lease>, notes: &Notes) -> Writer {
    let stored = notes.clone();
    let on_commit = move |committed: Result<u64, StoreError>| {
        let note = match committed {
            Ok(upto) => Note::Durable(upto),
            Err(error) => Note::Lost(Box::new(no_longer_recorded(&error))),
        };
        stored.send(note);
    };
    match lease {
        Some(lease) => Writer::resume(home, lease, on_commit),
        None => Writer::start(home, run, on_commit),
    }
}

fn rules(settings: &Settings, former: Former, unparkable: Option<String>) -> Rules {
    Rules {
        jobs: settings.run.jobs,
        max_fail: settings.run.max_fail.map(|n| n as usize),
        retries: settings.run.retries,
        phase_timeout: settings.time.phase,
        poll_timeout: Duration::from_secs(30),
        every: Duration::from_secs(1),
        time_scale: settings.time.scale,
        seed: settings.run.seed,
        until: settings.run.until.clone(),
        max_wait: settings.run.max_wait,
        unparkable,
        rounds: settings.run.rounds,
        clock: Timestamp::now(),
        former,
    }
}

/// Store first, then the view, then the reporters: joined here and nowhere else.
struct Joined {
    writer: Option<Writer>,
    view: View,
    reporters: Reporters,
    screen: Screen,
}

impl Outlet for Joined {
    fn store(&mut self, events: &[Event]) {
        if let Some(writer) = &mut self.writer {
            writer.append(events);
        }
    }

    fn publish(&mut self, event: &Event) {
        self.view.apply(event);
        self.reporters.on(event, &self.view);
    }

    fn tick(&mut self) {
        self.reporters.tick(&self.view);
    }

    fn tell_status(&mut self) {
        let (_, columns) = self.screen.size();
        let text = status(&self.view, Timestamp::now(), columns, self.screen.palette());
        self.screen.say(&text);
    }

    fn view(&self) -> &View {
        &self.view
    }
}

impl Joined {
    /// Tells reporters what former processes told, if one of them has a use for it.
    fn recall(&mut self, home: &Home, run: &RunId) -> Result<(), Trouble> {
        if !self.reporters.recall() {
            return Ok(());
        }
        let store = Store::open_existing(home).map_err(stored::trouble)?;
        for event in store.events(run) {
            let event = event.map_err(stored::trouble)?;
            self.reporters.past(&event, &self.view);
        }
        Ok(())
    }

    fn finish(&mut self, settings: &Settings, mut exit: Exit) -> Exit {
        if !self.reporters.finish(&self.view).is_empty() {
            exit = exit.or(Exit::Fault);
        }
        let retention = Retention {
            runs: settings.retention.runs as usize,
            bytes: settings.retention.bytes,
        };
        let finished = self
            .writer
            .take()
            .map(|writer| writer.finish(Some(retention)));
        let Some(finished) = finished else {
            return exit;
        };
        if let Some(error) = finished.error {
            // As a rule a warning told it when it happened, though perhaps not to a person.
            let told = no_longer_recorded(&error).render();
            let mut reporters = settings.output.reporters.iter();
            let is_seen = reporters.any(|one| one.name == "terminal" && one.path.is_none());
            if is_seen && self.view.warnings.contains(&told) {
                eprintln!("fault: the run is not recorded whole: see the warning above");
            } else {
                eprintln!("fault: {told}");
            }
            exit = exit.or(Exit::Fault);
        }
        if let Some(error) = finished.untidy {
            eprintln!("warning: old runs were not tidied away: {error}");
        }
        for (folder, why) in finished.pruned.left {
            eprintln!(
                "warning: {} of an old run is left, and is tried again next time: {why}",
                folder.display()
            );
        }
        exit
    }
}

fn reporters(settings: &Settings, options: &Options) -> Result<Reporters, Trouble> {
    let mut specs = Vec::new();
    for wanted in &settings.output.reporters {
        let text = match &wanted.path {
            Some(path) => format!("{}={}", wanted.name, path.display()),
            None => wanted.name.clone(),
        };
        specs.push(Spec::parse(&text).map_err(|error| Failure::usage(error.to_string()))?);
    }
    Reporters::open(&specs, options).map_err(|error| Failure::fault(error.to_string()).into())
}

/// Every scenario in flight may hold several sockets.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where it cannot be raised, running out of descriptors says so by itself.
    let _ = setrlimit(Resource::Nofile, raised);
}
