//! Moves messages: notes of workers into the dispatcher, its commands to workers, events to their outlet. The one
//! place with threads and a clock; it decides nothing.

mod events;
mod note;
mod work;

pub use note::{Note, Outlet};

use super::dispatcher::{Command, Dispatcher, Msg};
use super::job::Job;
use super::locks::Locks;
use super::notes::Inbox;
use super::polls::Polls;
use super::threads::Threads;
use super::wanting::Wanting;
use super::worker::Workshop;
use crate::model::{AttemptKey, Event, ScenarioId, What};
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::pace;
use scenario_stdlib::host::scope::Owner;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use work::try_of;

/// The longest a note waits that nobody waits for.
const BEAT: Duration = Duration::from_millis(20);
/// How often the outlet is ticked.
const TICK: Duration = Duration::from_millis(100);
/// How many of the first events are stored at once: the store then makes whoever is ahead of the disk wait.
const MANY: usize = 1024;
/// How much longer than its clean-ups a stopped attempt may take to end.
const ABANDON_AFTER: Duration = Duration::from_secs(5);

/// The pump of one run.
pub struct Pump<'a> {
    dispatcher: Dispatcher,
    workshop: Workshop,
    notes: Inbox,
    outlet: &'a mut dyn Outlet,
    threads: Threads,
    clocks: HashMap<AttemptKey, Arc<Clock>>,
    seq: u64,
    durable: u64,
    batch: Vec<Event>,
    /// Stored, but not yet known to be durable.
    unconfirmed: VecDeque<Event>,
    /// Jobs that build on results which must be durable first.
    held: VecDeque<(u64, Job)>,
    /// Where the newest result of a scenario stands in the stream, until it is durable.
    results: HashMap<ScenarioId, u64>,
    polls: Polls,
    locks: Locks,
    wanting: Wanting,
    /// What is to be told next, from within telling.
    again: VecDeque<Msg>,
    /// What files and the run shared, being ended.
    closing: HashMap<Owner, Arc<Clock>>,
    finished: bool,
    /// Clean-ups are no longer waited for.
    hurried: bool,
    /// What the run shared is left to somebody else.
    keeps_run: bool,
    lost: bool,
    ticked: Instant,
}

impl<'a> Pump<'a> {
    /// A pump; `notes` is the receiving end of the channel the workshop sends to, and `seq` the number of the last event
    /// of former processes.
    pub fn new(
        dispatcher: Dispatcher,
        workshop: Workshop,
        notes: Inbox,
        outlet: &'a mut dyn Outlet,
        seq: u64,
        locks: Locks,
    ) -> Self {
        Self {
            dispatcher,
            polls: Polls::new(workshop.clone()),
            workshop,
            notes,
            outlet,
            threads: Threads::default(),
            clocks: HashMap::new(),
            seq,
            durable: seq,
            batch: Vec::new(),
            unconfirmed: VecDeque::new(),
            held: VecDeque::new(),
            results: HashMap::new(),
            locks,
            wanting: Wanting::default(),
            again: VecDeque::new(),
            closing: HashMap::new(),
            finished: false,
            hurried: false,
            keeps_run: false,
            lost: false,
            ticked: Instant::now(),
        }
    }

    /// Leaves what the run shared to somebody else.
    pub fn keep_run(&mut self, keeps: bool) {
        self.keeps_run = keeps;
    }

    /// Emits `first` and runs the plan to its end. Further events may be emitted afterwards.
    pub fn run(&mut self, first: Vec<What>) {
        for what in first {
            self.emit(what);
            if self.batch.len() >= MANY {
                self.flush();
            }
        }
        self.tell(Msg::Start);
        self.flush();
        while !self.finished || !self.closing.is_empty() {
            let until_wake = self
                .dispatcher
                .next_wake()
                .map_or(BEAT, |at| at.saturating_duration_since(pace::now()));
            for note in self.notes.take(until_wake.min(BEAT)) {
                self.take(note);
            }
            self.polls.tend(&self.threads);
            if self.ticked.elapsed() >= TICK {
                self.ticked = Instant::now();
                self.tick();
            }
            if self
                .dispatcher
                .next_wake()
                .is_some_and(|at| at <= pace::now())
            {
                self.tell(Msg::Tick);
            }
            self.flush();
        }
    }

    /// Emits the last events and settles.
    pub fn close(&mut self, last: Vec<What>) {
        for what in last {
            self.emit(what);
        }
        self.settle();
    }

    /// Where events go.
    pub fn outlet(&self) -> &dyn Outlet {
        self.outlet
    }

    fn tick(&mut self) {
        self.outlet.tick();
        // A native call that never returns cannot be stopped from outside; its thread is left behind.
        let cleaning = if self.hurried {
            Duration::ZERO
        } else {
            self.workshop.cleanup_timeout
        };
        let patience = cleaning + ABANDON_AFTER;
        let stuck = |clock: &Clock| clock.overdue().is_some_and(|late| late > patience);
        let stuck: Vec<AttemptKey> = self
            .clocks
            .iter()
            .filter(|(_, clock)| stuck(clock))
            .map(|(key, _)| key.clone())
            .collect();
        self.closing
            .retain(|_, clock| clock.overdue().is_none_or(|late| late <= patience));
        for key in stuck {
            self.clocks.remove(&key);
            let failure = Failure::fault(
                "the attempt did not end when it was stopped, and its thread was abandoned",
            )
            .hint("a primitive of scenario hangs; this is a bug of scenario itself");
            self.give_up_on(key, failure);
        }
    }

    fn take(&mut self, note: Note) {
        match note {
            Note::Happened(at, what) => self.emit_at(at, what),
            Note::Ended(key, report) => {
                self.clocks.remove(&key);
                self.wanting.forget(&key);
                self.tell(Msg::Ended { key, report });
            }
            Note::Polled(phase, answer) => self.tell(Msg::Polled { phase, answer }),
            Note::Wants { key, name, reply } => {
                if self.wanting.ask(key.clone(), name.clone(), reply) {
                    self.tell(Msg::Wants { key, name });
                }
            }
            Note::Enter => self.tell(Msg::Enter),
            Note::Status => self.outlet.tell_status(),
            Note::Signal(signal) => self.tell(Msg::Signal(signal)),
            Note::Closed(owner) => drop(self.closing.remove(&owner)),
            Note::Durable(upto) => self.confirm(upto),
            Note::Lost(failure) => self.lose(&failure),
            Note::Interrupt { reason, now } => {
                if now {
                    self.hurried = true;
                    for clock in self.clocks.values().chain(self.closing.values()) {
                        clock.hurry(&reason);
                    }
                }
                self.tell(Msg::Interrupt { reason, now });
            }
        }
    }

    fn tell(&mut self, msg: Msg) {
        self.again.push_back(msg);
        while let Some(msg) = self.again.pop_front() {
            self.tell_one(msg);
        }
    }

    fn tell_one(&mut self, msg: Msg) {
        for command in self.dispatcher.on(msg, pace::now()) {
            match command {
                Command::Emit(what) => self.emit(what),
                Command::Execute(job) => self.execute_once_safe(job),
                Command::Poll(job) => self.polls.add(job, &self.threads),
                Command::Cancel { key, reason } => self.cancel(&key, &reason),
                Command::Lock { scenario, names } => {
                    let refused = self.locks.take(&names).err();
                    self.again.push_back(Msg::Locked { scenario, refused });
                }
                Command::Unlock(names) => self.locks.release(&names),
                Command::Deliver { key, name, data } => {
                    if self.wanting.deliver(key.clone(), name.clone(), data) {
                        self.again.push_back(Msg::Wants { key, name });
                    }
                }
                Command::MayPark(key) => {
                    let held = self.workshop.library.world().scopes.held(&try_of(&key));
                    self.again.push_back(Msg::MayPark { key, held });
                }
                Command::LetGo(key) => self.let_go(&try_of(&key)),
                Command::CleanUp(key) => self.clean_up(key),
                Command::CloseFile(file) => self.close_scope(Owner::File(file)),
                Command::Finish => {
                    if !self.keeps_run {
                        self.close_scope(Owner::Run);
                    }
                    self.finished = true;
                }
            }
        }
    }
}
