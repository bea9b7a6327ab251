//! Who may start when. A plain state machine: messages and the time go in, commands come out. No threads, clocks or
//! I/O, so that scheduling can be tested by telling it stories.

mod ending;
mod graph;
mod outcome;
mod scenario;
mod starting;
#[cfg(test)]
mod tests;
mod waiting;

pub use graph::STOP_WHEN;
pub use scenario::seed_of;

use super::job::{Answer, Job, PollJob, Report};
use crate::model::{AttemptKey, CLEAN_UP, Declared, PhaseKey, ScenarioId, What};
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
    /// A person or a limit ends the run: once in order, with `now` at once.
    Interrupt {
        reason: String,
        now: bool,
    },
    /// Time went by.
    Tick,
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
    free: usize,
    locks: HashSet<String>,
    bad: usize,
    open: usize,
    /// How many scenarios of each file are not over.
    open_in: HashMap<String, usize>,
    interrupted: Option<String>,
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
        Self {
            open_in,
            free: rules.jobs.max(1),
            queue: (0..scenarios.len()).collect(),
            open: scenarios.len(),
            index,
            scenarios,
            rules,
            eligible: BTreeSet::new(),
            due: BinaryHeap::new(),
            locks: HashSet::new(),
            bad: 0,
            interrupted: None,
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

    /// When it wants to be told the time again, if at all.
    pub fn next_wake(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, _))| *at)
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
