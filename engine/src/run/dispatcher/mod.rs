//! Who may start when. A plain state machine: messages and the time go in, commands come out. No threads, clocks or
//! I/O, so that scheduling can be tested by telling it stories.

mod ending;
mod graph;
mod locking;
mod needs;
mod outcome;
mod parking;
#[cfg(test)]
mod properties;
mod resuming;
mod scenario;
mod signals;
mod starting;
#[cfg(test)]
mod tests;
mod wait;
mod waiting;

pub use graph::STOP_WHEN;
pub use scenario::seed_of;

use super::job::{Answer, Job, PollJob, Report};
use crate::model::progress::Standing;
use crate::model::{AttemptKey, CLEAN_UP, Declared, PhaseKey, ScenarioId, What};
use jiff::Timestamp;
use scenario::{Running, Slot};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the dispatcher is told.
#[derive(Debug)]
pub enum Msg {
    /// Begin.
    Start,
    Ended {
        key: AttemptKey,
        report: Report,
    },
    Polled {
        phase: PhaseKey,
        answer: Answer,
    },
    /// Whoever watches the run says that what a `manual` phase asked for is done.
    Enter,
    /// Something reached the run from outside.
    Signal(Signal),
    /// An executing attempt waits for a signal.
    Wants {
        key: AttemptKey,
        name: String,
    },
    /// The answer to [`Command::Lock`]: whether all are held now, or who holds one.
    Locked {
        scenario: ScenarioId,
        refused: Option<String>,
    },
    /// The answer to [`Command::MayPark`]: what lives only as long as this process.
    MayPark {
        key: PhaseKey,
        held: Vec<String>,
    },
    /// A person or a limit ends the run: once in order, with `now` at once.
    Interrupt {
        reason: String,
        now: bool,
    },
    /// Time went by.
    Tick,
}

/// A message from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Its number in the store.
    pub number: u64,
    pub name: String,
    /// Only for this scenario; `None` is for all.
    pub scenario: Option<String>,
    pub data: serde_json::Value,
}

/// What it wants done.
#[derive(Debug, PartialEq)]
pub enum Command {
    Emit(What),
    Execute(Job),
    Poll(PollJob),
    /// Stop an executing attempt.
    Cancel {
        key: AttemptKey,
        reason: String,
    },
    /// Take locks that hold between processes, all or none; answered by [`Msg::Locked`].
    Lock {
        scenario: ScenarioId,
        names: Vec<String>,
    },
    Unlock(Vec<String>),
    /// Hand a signal to an attempt that wants it.
    Deliver {
        key: AttemptKey,
        name: String,
        data: serde_json::Value,
    },
    /// Does anything of this try live only as long as this process? Answered by [`Msg::MayPark`].
    MayPark(PhaseKey),
    /// Let go of what a parked try keeps, without ending it.
    LetGo(PhaseKey),
    /// End what outlived the phases of a try; answered by [`Msg::Ended`] for the same key.
    CleanUp(AttemptKey),
    /// The last scenario of a file is over: end what its scenarios shared.
    CloseFile(String),
    /// Everything has ended.
    Finish,
}

/// What is decided about a scenario before it may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Run,
    Skip(String),
    /// Cannot run here, and that is an error.
    Error(String),
}

/// One scenario of the plan.
#[derive(Clone, Debug)]
pub struct Planned {
    pub declared: Arc<Declared>,
    pub verdict: Verdict,
    /// In quarantine and not expired.
    pub quarantined: bool,
    /// Why it is bad news even if it passes: its quarantine expired.
    pub expired: Option<String>,
    /// Where another process left it.
    pub standing: Option<Box<Standing>>,
}

/// The rules of a run.
#[derive(Clone, Debug)]
pub struct Rules {
    pub jobs: usize,
    /// Stop starting scenarios after so many bad ones.
    pub max_fail: Option<usize>,
    pub retries: u32,
    pub phase_timeout: Duration,
    /// How long one readiness poll may take.
    pub poll_timeout: Duration,
    /// Pause between polls when a phase does not say.
    pub every: Duration,
    pub time_scale: f64,
    pub seed: u64,
    /// Scenarios are parked behind the phase of this name.
    pub until: Option<String>,
    /// Scenarios that wait for longer than this are parked.
    pub max_wait: Option<Duration>,
    /// Why nothing can be parked, if so.
    pub unparkable: Option<String>,
    /// How many rounds scenarios do that say nothing themselves.
    pub rounds: u32,
    pub former: Former,
    /// The time by the calendar when the run began or went on.
    pub clock: Timestamp,
}

/// What becomes of what former processes began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Former {
    #[default]
    Continued,
    /// It is brought to its end: what must always run runs, and nothing else.
    Abandoned,
    /// It is brought to its end, and begun again.
    Restarted,
}

impl Rules {
    /// A time limit as it is on this machine.
    pub fn scaled(&self, limit: Duration) -> Duration {
        limit.mul_f64(self.time_scale)
    }
}

/// The dispatcher.
pub struct Dispatcher {
    rules: Rules,
    scenarios: Vec<Running>,
    index: HashMap<ScenarioId, usize>,
    /// Not started yet, in order.
    queue: VecDeque<usize>,
    /// Phases that could execute if a slot were free; started scenarios first, in order.
    eligible: BTreeSet<Slot>,
    /// Polls and retries by the time they are due.
    due: BinaryHeap<Reverse<(Instant, Slot)>>,
    /// How many polls are under way.
    polling: usize,
    free: usize,
    locks: HashSet<String>,
    bad: usize,
    open: usize,
    /// Some scenario needs another, so that what ended ones wrote is kept.
    keeps_results: bool,
    /// How many scenarios of each file are not over.
    open_in: HashMap<String, usize>,
    interrupted: Option<String>,
    /// Every signal so far: one may arrive before anybody waits for it.
    signals: Vec<Signal>,
    /// Executing attempts that wait for a signal.
    wanting: Vec<(AttemptKey, String)>,
    finished: bool,
    /// When it was first told the time.
    origin: Option<Instant>,
}

impl Dispatcher {
    /// A dispatcher for a plan, in the order it is to be started.
    pub fn new(rules: Rules, plan: Vec<Planned>) -> Self {
        let scenarios: Vec<Running> = plan.into_iter().map(Running::new).collect();
        let index = scenarios
            .iter()
            .enumerate()
            .map(|(i, s)| (s.declared.id.clone(), i))
            .collect();
        let mut open_in = HashMap::new();
        for scenario in &scenarios {
            *open_in
                .entry(scenario.declared.id.file().to_owned())
                .or_default() += 1;
        }
        let mut needs = scenarios.iter().map(|one| &one.declared.terms.needs);
        Self {
            keeps_results: needs.any(|needs| !needs.is_empty()),
            open_in,
            free: rules.jobs.max(1),
            queue: (0..scenarios.len()).collect(),
            open: scenarios.len(),
            index,
            scenarios,
            rules,
            eligible: BTreeSet::new(),
            due: BinaryHeap::new(),
            polling: 0,
            locks: HashSet::new(),
            bad: 0,
            interrupted: None,
            signals: Vec::new(),
            wanting: Vec::new(),
            finished: false,
            origin: None,
        }
    }

    /// Takes a message and says what follows from it.
    pub fn on(&mut self, msg: Msg, now: Instant) -> Vec<Command> {
        self.origin.get_or_insert(now);
        let mut out = Vec::new();
        match msg {
            Msg::Start | Msg::Tick => {}
            Msg::Ended { key, report } if key.phase.phase == CLEAN_UP => {
                self.closed(&key.phase, &report, now, &mut out);
            }
            Msg::Ended { key, report } => self.ended(&key, report, now, &mut out),
            Msg::Polled { phase, answer } => self.polled(&phase, answer, now, &mut out),
            Msg::Enter => self.entered(&mut out),
            Msg::Signal(signal) => self.signalled(signal, &mut out),
            Msg::Wants { key, name } => self.wants(key, name, &mut out),
            Msg::Locked { scenario, refused } => self.locked(&scenario, refused, now, &mut out),
            Msg::MayPark { key, held } => self.may_park(&key, &held, now, &mut out),
            Msg::Interrupt {
                reason,
                now: at_once,
            } => self.interrupt(&reason, at_once, now, &mut out),
        }
        // Starting one thing can make another eligible or due: go on until nothing follows any more.
        loop {
            let before = out.len();
            self.wake(now, &mut out);
            self.fill(now, &mut out);
            if out.len() == before {
                break;
            }
        }
        if self.open == 0 && !self.finished {
            self.finished = true;
            out.push(Command::Finish);
        }
        out
    }

    /// When it wants to be told the time again, if at all. While as many polls are under way as may be, their answers
    /// are what it waits for.
    pub fn next_wake(&self) -> Option<Instant> {
        let next = self.due.peek().map(|Reverse((at, _))| *at);
        next.filter(|_| self.polling < waiting::POLLS)
    }

    /// The scenario of `key`, if that very try is under way.
    fn find_try(&self, key: &PhaseKey) -> Option<usize> {
        let index = *self.index.get(&key.scenario)?;
        let scenario = &self.scenarios[index];
        (scenario.active && scenario.try_number == key.try_number && scenario.round == key.round)
            .then_some(index)
    }

    fn find(&self, key: &PhaseKey) -> Option<(usize, usize)> {
        let index = self.find_try(key)?;
        let phase = self.scenarios[index]
            .declared
            .phases
            .iter()
            .position(|phase| phase.name == key.phase)?;
        Some((index, phase))
    }
}
