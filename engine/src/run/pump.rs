//! Moves messages: notes of workers into the dispatcher, its commands to workers, events to their outlet. The one
//! place with threads and a clock; it decides nothing.

use super::dispatcher::{Command, Dispatcher, Msg, Signal};
use super::job::{Answer, Job, Report};
use super::locks::Locks;
use super::notes::Inbox;
use super::polls::Polls;
use super::threads::Threads;
use super::wanting::{Reply, Wanting};
use super::worker::Workshop;
use crate::model::{AttemptKey, Event, PhaseKey, View, What};
use jiff::Timestamp;
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::mask::Masker;
use scenario_stdlib::host::record::Record;
use scenario_stdlib::host::scope::Owner;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What reaches the pump.
#[derive(Debug)]
pub enum Note {
    /// At its own time: it is taken up a little later.
    Happened(Timestamp, What),
    Ended(AttemptKey, Report),
    Polled(PhaseKey, Answer),
    /// An attempt waits for a signal of this name.
    Wants {
        key: AttemptKey,
        name: String,
        reply: Reply,
    },
    Signal(Signal),
    /// Whoever watches the run says that what a `manual` phase asked for is done.
    Enter,
    /// Somebody wants to know what is going on.
    Status,
    /// What a file or the run shared has ended.
    Closed(Owner),
    /// Every event up to this number will survive a crash.
    Durable(u64),
    /// Events can no longer be stored; the run goes on without.
    Lost(Box<Failure>),
    Interrupt {
        reason: String,
        now: bool,
    },
}

impl Note {
    /// What happened just now.
    pub fn happened(what: What) -> Self {
        Self::Happened(Timestamp::now(), what)
    }

    /// Whether something follows from it that should not wait.
    pub fn is_urgent(&self) -> bool {
        !matches!(
            self,
            Self::Happened(..) | Self::Polled(_, Answer::NotYet { .. })
        )
    }
}

/// Where events go. `store` first; once they are durable, `publish`.
pub trait Outlet {
    /// Takes events for storing; answers later with [`Note::Durable`].
    fn store(&mut self, events: &[Event]);
    /// Takes events that are durable, for views and reporters.
    fn publish(&mut self, event: &Event);
    /// Called several times a second while nothing happens.
    fn tick(&mut self);
    /// Somebody wants to know what is going on.
    fn tell_status(&mut self) {}
    /// The run as published so far.
    fn view(&self) -> &View;
}

/// The longest a note waits that nobody waits for.
const BEAT: Duration = Duration::from_millis(20);
/// How often the outlet is ticked.
const TICK: Duration = Duration::from_millis(100);
/// How many of the first events are stored at once: the store then makes whoever is ahead of the disk wait.
const MANY: usize = 1024;
/// How long the last events may take to become durable.
const STORING_LIMIT: Duration = Duration::from_secs(30);
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
                .map_or(BEAT, |at| at.saturating_duration_since(Instant::now()));
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
                .is_some_and(|at| at <= Instant::now())
            {
                self.tell(Msg::Tick);
            }
            self.flush();
        }
    }

    /// Waits until everything emitted is durable and published, or storing takes too long. Says whether events were lost.
    pub fn settle(&mut self) -> bool {
        self.flush();
        let end = Instant::now() + STORING_LIMIT;
        while !self.lost && self.durable < self.seq {
            for note in self.notes.take(BEAT) {
                match note {
                    Note::Durable(upto) => self.confirm(upto),
                    Note::Lost(failure) => self.lose(&failure),
                    Note::Happened(at, what) => self.emit_at(at, what),
                    Note::Ended(..)
                    | Note::Polled(..)
                    | Note::Wants { .. }
                    | Note::Signal(_)
                    | Note::Enter
                    | Note::Status
                    | Note::Closed(_)
                    | Note::Interrupt { .. } => {}
                }
            }
            self.flush();
            if Instant::now() > end {
                let took = show(STORING_LIMIT);
                self.lose(&Failure::fault(format!("storing took longer than {took}")));
            }
        }
        self.lost
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
        for command in self.dispatcher.on(msg, Instant::now()) {
            match command {
                Command::Emit(what) => self.emit(what),
                Command::Execute(job) if job.after_another => self.held.push_back((self.seq, job)),
                Command::Execute(job) => self.execute(job),
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

    /// Ends what outlived the phases of a try, which for most is nothing.
    fn clean_up(&mut self, key: AttemptKey) {
        let owner = try_of(&key.phase);
        if !self.workshop.library.world().scopes.is_open(&owner) {
            let report = Report::nothing();
            return self.again.push_back(Msg::Ended { key, report });
        }
        let clock = self.cleaning_clock();
        self.clocks.insert(key.clone(), clock.clone());
        let workshop = self.workshop.clone();
        let mine = key.clone();
        let started = self.threads.run(move || {
            let report = workshop.close_try(&mine, &owner, &clock);
            workshop.notes.send(Note::Ended(mine, report));
        });
        if let Err(error) = started {
            self.clocks.remove(&key);
            self.give_up_on(key, no_thread(&error));
        }
    }

    /// Leaves behind what a parked try keeps.
    fn let_go(&mut self, owner: &Owner) {
        if let Some(scope) = self.workshop.library.world().scopes.close(owner) {
            self.finish_later(owner.clone(), move |workshop, clock| {
                workshop.let_go(&scope, clock);
            });
        }
    }

    /// Ends what a file or the run shared.
    fn close_scope(&mut self, owner: Owner) {
        if !self.workshop.library.world().scopes.is_open(&owner) {
            return;
        }
        let mine = owner.clone();
        self.finish_later(owner, move |workshop, clock| {
            workshop.close_shared(&mine, clock)
        });
    }

    /// Does something on a thread of its own that the run has to wait for.
    fn finish_later(
        &mut self,
        owner: Owner,
        work: impl FnOnce(&Workshop, &Arc<Clock>) + Send + 'static,
    ) {
        let clock = self.cleaning_clock();
        let workshop = self.workshop.clone();
        let held = clock.clone();
        let mine = owner.clone();
        let started = self.threads.run(move || {
            work(&workshop, &clock);
            workshop.notes.send(Note::Closed(mine));
        });
        match started {
            Ok(()) => drop(self.closing.insert(owner, held)),
            Err(error) => self.emit(What::Warned {
                text: no_thread(&error).render(),
            }),
        }
    }

    fn cleaning_clock(&self) -> Arc<Clock> {
        let scale = self.workshop.library.world().time_scale;
        let limit = self.workshop.cleanup_timeout.mul_f64(scale);
        let clock = Arc::new(Clock::start("clean-up", limit));
        if self.hurried {
            clock.cancel("stopped at once");
        }
        clock
    }

    fn execute(&mut self, job: Job) {
        let clock = Arc::new(Clock::start(job.timeout_of.clone(), job.timeout));
        self.clocks.insert(job.key.clone(), clock.clone());
        let workshop = self.workshop.clone();
        let key = job.key.clone();
        let started = self.threads.run(move || {
            let report = workshop.execute(&job, &clock);
            workshop.notes.send(Note::Ended(job.key, report));
        });
        if let Err(error) = started {
            self.clocks.remove(&key);
            self.give_up_on(key, no_thread(&error));
        }
    }

    /// Ends an attempt that cannot end by itself.
    fn give_up_on(&mut self, key: AttemptKey, failure: Failure) {
        self.wanting.forget(&key);
        self.emit(What::PhaseFailed {
            phase: key.phase.clone(),
            failure: Box::new(failure),
        });
        self.tell(Msg::Ended {
            key,
            report: Report::hopeless(),
        });
    }

    fn cancel(&mut self, key: &AttemptKey, reason: &str) {
        if let Some(clock) = self.clocks.get(key) {
            clock.cancel(reason);
        } else if let Some(place) = self.held.iter().position(|(_, job)| job.key == *key) {
            // Not begun yet: it begins stopped, so that it ends like any other.
            if let Some((_, job)) = self.held.remove(place) {
                self.execute(job);
                self.cancel(key, reason);
            }
        }
    }

    fn emit(&mut self, what: What) {
        self.emit_at(Timestamp::now(), what);
    }

    fn emit_at(&mut self, at: Timestamp, what: What) {
        // Also a wait that came to nothing, which no attempt tells of: what it waited for is kept to be looked at.
        if let What::PhaseFailed { phase, .. } = &what {
            let scopes = &self.workshop.library.world().scopes;
            scopes.mark_failed(&try_of(phase));
        }
        self.seq += 1;
        let event = Event {
            seq: self.seq,
            at,
            what,
        };
        self.batch
            .push(masked(event, &self.workshop.library.world().masker));
    }

    fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        if !self.lost {
            self.outlet.store(&self.batch);
        }
        self.unconfirmed.extend(self.batch.drain(..));
        if self.lost {
            self.confirm(u64::MAX);
        }
    }

    /// Goes on without a store: everything counts as durable from now on.
    fn lose(&mut self, failure: &Failure) {
        if !self.lost {
            self.lost = true;
            self.emit(What::Warned {
                text: failure.render(),
            });
        }
        self.flush();
        self.confirm(u64::MAX);
    }

    fn confirm(&mut self, upto: u64) {
        self.durable = self.durable.max(upto);
        while self
            .unconfirmed
            .front()
            .is_some_and(|event| event.seq <= self.durable)
        {
            if let Some(event) = self.unconfirmed.pop_front() {
                self.outlet.publish(&event);
            }
        }
        if self.unconfirmed.is_empty() {
            // A burst should not make the process big for ever.
            self.unconfirmed.shrink_to(MANY);
        }
        while self
            .held
            .front()
            .is_some_and(|(needs, _)| *needs <= self.durable)
        {
            if let Some((_, job)) = self.held.pop_front() {
                self.execute(job);
            }
        }
    }
}

/// Whose the services of a try are.
fn try_of(phase: &PhaseKey) -> Owner {
    Owner::Try {
        scenario: phase.scenario.to_string(),
        round: phase.round,
        try_number: phase.try_number,
    }
}

fn no_thread(error: &std::io::Error) -> Failure {
    Failure::fault(format!("cannot start a thread: {error}"))
        .hint("lower --jobs, or raise the limit of processes (ulimit -u)")
}

/// The event without any secret in it. Events without one, nearly all, are only looked at.
fn masked(event: Event, masker: &Masker) -> Event {
    if !masker.is_needed() {
        return event;
    }
    let Ok(line) = serde_json::to_string(&event) else {
        return event;
    };
    if !masker.touches(&line) {
        return event;
    }
    let masked = masker.mask_in(place(&event.what), &line);
    serde_json::from_str(&masked).unwrap_or(event)
}

/// Where a value was hidden, in the words of a report.
fn place(what: &What) -> &'static str {
    match what {
        What::Recorded { record, .. } => match record {
            Record::StepBegan { .. } | Record::StepEnded { .. } => "steps",
            Record::Failed { .. } => "failures",
            Record::State { .. } => "state",
            Record::Log { .. } => "logs",
            Record::Attached { .. } => "attachments",
            Record::Service { .. } | Record::Output { .. } => "services",
            Record::Observed { .. } => "waits",
        },
        What::Observed { .. } | What::PhaseFailed { .. } => "waits",
        What::AttemptEnded { .. } | What::StateMended { .. } | What::Signalled { .. } => "state",
        What::RunStarted(_) | What::RunResumed(_) => "variables",
        _ => "names",
    }
}
