//! Who may start when. A plain state machine: messages and the time go in, commands come out. No threads, clocks or
//! I/O, so that scheduling can be tested by telling it stories.

mod graph;
mod outcome;
mod scenario;
#[cfg(test)]
mod tests;

pub use graph::STOP_WHEN;
pub use scenario::seed_of;

use super::job::{Answer, Job, PollJob, Report};
use crate::model::{AttemptKey, Cause, Declared, Outcome, PhaseKey, PhaseState, ScenarioId, What};
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
    interrupted: Option<String>,
    finished: bool,
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
        Self {
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
        }
    }

    /// Takes a message and says what follows from it.
    pub fn on(&mut self, msg: Msg, now: Instant) -> Vec<Command> {
        let mut out = Vec::new();
        match msg {
            Msg::Start | Msg::Tick => {}
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

    // ---- starting --------------------------------------------------------------------------------

    /// Gives free slots away: first to phases of started scenarios, then to new ones.
    fn fill(&mut self, now: Instant, out: &mut Vec<Command>) {
        let mut blocked: Vec<Slot> = Vec::new();
        while let Some(slot) = self.eligible.pop_first() {
            if !self.execute(slot, now, out) {
                blocked.push(slot);
            }
            if self.free == 0 {
                break;
            }
        }
        self.eligible.extend(blocked);
        let mut passed_over = VecDeque::new();
        while self.free > 0
            && let Some(index) = self.queue.pop_front()
        {
            if self.stopping().is_some() {
                self.end_unstarted(index, out);
            } else if self.admits(index) {
                self.start_scenario(index, now, out);
            } else {
                passed_over.push_back(index);
            }
        }
        if self.stopping().is_some() {
            while let Some(index) = self.queue.pop_front() {
                self.end_unstarted(index, out);
            }
        }
        while let Some(index) = passed_over.pop_back() {
            self.queue.push_front(index);
        }
    }

    /// Why no further scenario is started, if so.
    fn stopping(&self) -> Option<String> {
        if let Some(reason) = &self.interrupted {
            return Some(reason.clone());
        }
        let most = self.rules.max_fail?;
        (self.bad >= most).then(|| {
            let plural = if most == 1 { "" } else { "s" };
            format!("stopped after {most} failure{plural}")
        })
    }

    fn admits(&self, index: usize) -> bool {
        let scenario = &self.scenarios[index];
        scenario.verdict != Verdict::Run
            || (self.needed_slots(index) <= self.free
                && scenario
                    .declared
                    .locks
                    .iter()
                    .all(|lock| !self.locks.contains(lock)))
    }

    /// More slots than there are would never be free: a heavy scenario then runs alone.
    fn needed_slots(&self, index: usize) -> usize {
        (self.scenarios[index].declared.slots as usize).clamp(1, self.rules.jobs.max(1))
    }

    fn start_scenario(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        match self.scenarios[index].verdict.clone() {
            Verdict::Skip(reason) => self.end_scenario(index, Outcome::Skipped, reason, out),
            Verdict::Error(reason) => self.end_scenario(index, Outcome::Errored, reason, out),
            Verdict::Run => {
                for lock in self.scenarios[index].declared.locks.clone() {
                    self.locks.insert(lock);
                }
                self.scenarios[index].begun = Some(now);
                self.start_try(index, now, out);
            }
        }
    }

    fn start_try(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        scenario.begin_try(now);
        out.push(Command::Emit(What::TryStarted {
            scenario: scenario.declared.id.clone(),
            round: scenario.round,
            try_number: scenario.try_number,
        }));
        self.settle(index, now, out);
        // A try whose first phases fit the free slots starts right away, before another scenario takes them.
        let mine: Vec<Slot> = self
            .eligible
            .iter()
            .filter(|slot| slot.scenario == index)
            .copied()
            .collect();
        for slot in mine {
            if self.free > 0 && self.execute(slot, now, out) {
                self.eligible.remove(&slot);
            }
        }
    }

    fn execute(&mut self, slot: Slot, now: Instant, out: &mut Vec<Command>) -> bool {
        let slots = self.needed_slots(slot.scenario);
        let always = self.scenarios[slot.scenario].declared.phases[slot.phase].always;
        if self.free < slots && !(always && self.interrupted.is_some()) {
            return false;
        }
        let scenario = &mut self.scenarios[slot.scenario];
        let taken = slots.min(self.free);
        self.free -= taken;
        let job = scenario.begin_attempt(slot.phase, taken, now, &self.rules);
        let from = scenario.change(slot.phase, PhaseState::Executing, None);
        out.push(Command::Emit(scenario.changed(slot.phase, from)));
        out.push(Command::Emit(What::AttemptStarted {
            attempt: job.key.clone(),
            seed: job.seed,
        }));
        out.push(Command::Execute(job));
        self.settle(slot.scenario, now, out);
        true
    }

    // ---- time ------------------------------------------------------------------------------------

    fn wake(&mut self, now: Instant, out: &mut Vec<Command>) {
        while let Some(Reverse((at, slot))) = self.due.peek().copied()
            && at <= now
        {
            self.due.pop();
            if slot.phase == Slot::RETRY {
                if self.scenarios[slot.scenario].awaits_retry {
                    self.scenarios[slot.scenario].awaits_retry = false;
                    self.start_try(slot.scenario, now, out);
                }
                continue;
            }
            if let Some(job) =
                self.scenarios[slot.scenario].begin_poll(slot.phase, now, &self.rules)
            {
                out.push(Command::Poll(job));
            }
        }
    }

    fn polled(&mut self, key: &PhaseKey, answer: Answer, now: Instant, out: &mut Vec<Command>) {
        let Some((index, phase)) = self.find(key) else {
            return;
        };
        let scenario = &mut self.scenarios[index];
        if scenario.phases[phase].state != PhaseState::Waiting {
            return;
        }
        match answer {
            Answer::Ready => {
                scenario.phases[phase].wait = None;
                let slot = Slot {
                    scenario: index,
                    phase,
                };
                self.eligible.insert(slot);
            }
            Answer::NotYet { seen, exchange } => {
                match scenario.not_yet(phase, seen, exchange, now, &self.rules) {
                    scenario::Waited::Again { at, observed } => {
                        out.extend(observed.map(|what| Command::Emit(*what)));
                        self.due.push(Reverse((
                            at,
                            Slot {
                                scenario: index,
                                phase,
                            },
                        )));
                    }
                    scenario::Waited::TimedOut(failure) => {
                        self.fail_wait(index, phase, failure, now, out)
                    }
                }
            }
            Answer::Never(failure) => self.fail_wait(index, phase, failure, now, out),
            Answer::Stopped => {}
        }
    }

    fn fail_wait(
        &mut self,
        index: usize,
        phase: usize,
        failure: Box<scenario_stdlib::host::failure::Failure>,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        use scenario_stdlib::host::failure::Kind;
        let scenario = &mut self.scenarios[index];
        let state = match failure.kind {
            Kind::Failure => PhaseState::Failed,
            Kind::Fault | Kind::Usage => PhaseState::Defective,
        };
        scenario.phases[phase].hopeless = failure.kind == Kind::Usage;
        out.push(Command::Emit(What::PhaseFailed {
            phase: scenario.key(phase),
            failure,
        }));
        let from = scenario.change(phase, state, None);
        out.push(Command::Emit(scenario.changed(phase, from)));
        self.settle(index, now, out);
    }

    // ---- ends ------------------------------------------------------------------------------------

    fn ended(&mut self, key: &AttemptKey, report: Report, now: Instant, out: &mut Vec<Command>) {
        let Some((index, phase)) = self.find(&key.phase) else {
            return;
        };
        let scenario = &mut self.scenarios[index];
        if scenario.phases[phase].state != PhaseState::Executing
            || scenario.phases[phase].attempts != key.attempt
        {
            return;
        }
        self.free += std::mem::take(&mut scenario.phases[phase].slots);
        scenario.executed += report.took;
        scenario.assertions += report.assertions;
        out.push(Command::Emit(What::AttemptEnded {
            attempt: key.clone(),
            state: report.state,
            micros: report.took.as_micros() as u64,
            assertions: report.assertions,
            writes: report.writes.clone(),
            removed: report.removed.clone(),
        }));
        let may_retry = matches!(report.state, PhaseState::Failed | PhaseState::Defective)
            && !report.hopeless
            && self.interrupted.is_none()
            && key.attempt <= scenario.declared.phases[phase].retries;
        if may_retry {
            scenario.flaky = true;
            let cause = Cause::Retry {
                attempt: key.attempt + 1,
            };
            let from = scenario.change(phase, PhaseState::Pending, Some(cause));
            out.push(Command::Emit(scenario.changed(phase, from)));
        } else {
            scenario.phases[phase].writes = report.writes;
            scenario.phases[phase].removed = report.removed;
            scenario.phases[phase].hopeless = report.hopeless;
            let from = scenario.change(phase, report.state, report.cause);
            out.push(Command::Emit(scenario.changed(phase, from)));
        }
        self.settle(index, now, out);
    }

    /// Moves every phase of a scenario as far as it can go without a slot; ends the try when all are terminal.
    fn settle(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let aborting = self.interrupted.clone();
        for step in graph::settle(
            &mut self.scenarios[index],
            aborting.as_deref(),
            now,
            &self.rules,
        ) {
            match step {
                graph::Step::Changed(what) => out.push(Command::Emit(what)),
                graph::Step::Eligible(phase) => {
                    self.eligible.insert(Slot {
                        scenario: index,
                        phase,
                    });
                }
                graph::Step::PollAt(at, phase) => self.due.push(Reverse((
                    at,
                    Slot {
                        scenario: index,
                        phase,
                    },
                ))),
                graph::Step::Cancel(key, reason) => out.push(Command::Cancel { key, reason }),
            }
        }
        let scenario = &self.scenarios[index];
        if scenario.active
            && scenario
                .phases
                .iter()
                .all(|phase| phase.state.is_terminal())
        {
            self.end_try(index, now, out);
        }
    }

    fn end_try(&mut self, index: usize, now: Instant, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        scenario.active = false;
        let outcome = outcome::of_try(&scenario.declared, &scenario.phases);
        out.push(Command::Emit(What::TryEnded {
            scenario: scenario.declared.id.clone(),
            round: scenario.round,
            try_number: scenario.try_number,
            outcome,
            micros: now
                .duration_since(scenario.try_begun.unwrap_or(now))
                .as_micros() as u64,
        }));
        let retries = scenario.declared.retries.unwrap_or(self.rules.retries);
        let hopeless = scenario.phases.iter().any(|phase| phase.hopeless);
        if matches!(outcome, Outcome::Failed | Outcome::Errored)
            && !hopeless
            && scenario.try_number <= retries
            && self.interrupted.is_none()
        {
            let pause = scenario
                .declared
                .retry_pause
                .mul_f64(f64::from(1_u32 << (scenario.try_number - 1).min(10)));
            scenario.flaky = true;
            scenario.awaits_retry = true;
            self.due.push(Reverse((
                now + pause,
                Slot {
                    scenario: index,
                    phase: Slot::RETRY,
                },
            )));
            return;
        }
        scenario.wall = now.duration_since(scenario.begun.unwrap_or(now));
        for lock in scenario.declared.locks.clone() {
            self.locks.remove(&lock);
        }
        let (outcome, reason) = match (&scenario.expired, outcome) {
            (Some(reason), Outcome::Passed | Outcome::Skipped) => (Outcome::Failed, reason.clone()),
            (Some(reason), other) => (other, reason.clone()),
            (None, Outcome::Skipped) => (outcome, outcome::skip_reason(&scenario.phases)),
            (None, _) => (
                outcome,
                self.interrupted
                    .clone()
                    .filter(|_| outcome == Outcome::Interrupted)
                    .unwrap_or_default(),
            ),
        };
        self.end_scenario(index, outcome, reason, out);
    }

    fn end_scenario(
        &mut self,
        index: usize,
        outcome: Outcome,
        reason: String,
        out: &mut Vec<Command>,
    ) {
        let scenario = &mut self.scenarios[index];
        let bad = outcome.is_bad();
        let quarantined = scenario.quarantined && bad;
        if bad && !quarantined && outcome != Outcome::Interrupted {
            self.bad += 1;
        }
        self.open -= 1;
        scenario.over = true;
        out.push(Command::Emit(What::ScenarioEnded {
            scenario: scenario.declared.id.clone(),
            outcome,
            flaky: outcome == Outcome::Passed && scenario.flaky,
            quarantined,
            reason,
            micros: scenario.wall.as_micros() as u64,
            assertions: scenario.assertions,
        }));
    }

    fn end_unstarted(&mut self, index: usize, out: &mut Vec<Command>) {
        let reason = self.stopping().unwrap_or_default();
        let outcome = if self.interrupted.is_some() {
            Outcome::Interrupted
        } else {
            Outcome::Skipped
        };
        self.end_scenario(index, outcome, format!("not started: {reason}"), out);
    }

    fn interrupt(&mut self, reason: &str, at_once: bool, now: Instant, out: &mut Vec<Command>) {
        out.push(Command::Emit(What::Interrupted {
            reason: reason.to_owned(),
            now: at_once,
        }));
        self.interrupted.get_or_insert_with(|| reason.to_owned());
        for index in 0..self.scenarios.len() {
            if self.scenarios[index].awaits_retry {
                self.scenarios[index].awaits_retry = false;
                self.end_scenario(index, Outcome::Interrupted, reason.to_owned(), out);
                continue;
            }
            if !self.scenarios[index].active {
                continue;
            }
            for phase in 0..self.scenarios[index].phases.len() {
                let scenario = &mut self.scenarios[index];
                let always = scenario.declared.phases[phase].always;
                match scenario.phases[phase].state {
                    PhaseState::Executing if at_once || !always => out.push(Command::Cancel {
                        key: scenario.key(phase).attempt(scenario.phases[phase].attempts),
                        reason: reason.to_owned(),
                    }),
                    PhaseState::Pending | PhaseState::Waiting if at_once || !always => {
                        let cause = Cause::Interrupted {
                            reason: reason.to_owned(),
                        };
                        self.eligible.remove(&Slot {
                            scenario: index,
                            phase,
                        });
                        let from = scenario.change(phase, PhaseState::Aborted, Some(cause));
                        out.push(Command::Emit(scenario.changed(phase, from)));
                    }
                    _ => {}
                }
            }
            self.settle(index, now, out);
        }
    }

    fn find(&self, key: &PhaseKey) -> Option<(usize, usize)> {
        let index = *self.index.get(&key.scenario)?;
        let scenario = &self.scenarios[index];
        if !scenario.active || scenario.try_number != key.try_number || scenario.round != key.round
        {
            return None;
        }
        let phase = scenario
            .declared
            .phases
            .iter()
            .position(|phase| phase.name == key.phase)?;
        Some((index, phase))
    }
}
