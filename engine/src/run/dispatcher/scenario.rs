//! One scenario while it runs: its try, its phases, what they wrote.

use super::locking::Locking;
use super::wait::Wait;
use super::{Planned, Rules, Verdict};
use crate::model::progress::Standing;
use crate::model::{AttemptKey, CLEAN_UP, Cause, Declared, Outcome, PhaseKey, PhaseState, What};
use crate::run::job::{Job, PollJob};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A phase by its place; orders by scenario, then phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub scenario: usize,
    pub phase: usize,
}

impl Slot {
    /// Stands for "the next try of the scenario" among the things that are due.
    pub const RETRY: usize = usize::MAX;
    /// Stands for "a wait of the scenario took as long as this run waits".
    pub const PATIENCE: usize = usize::MAX - 1;
    /// Stands for "the locks of the scenario may be free by now".
    pub const LOCKS: usize = usize::MAX - 2;
}

/// A scenario of the plan and how far it got.
pub struct Running {
    pub declared: Arc<Declared>,
    pub verdict: Verdict,
    pub quarantined: bool,
    pub expired: Option<String>,
    pub round: u32,
    pub try_number: u32,
    pub phases: Vec<PhaseRun>,
    /// A try is under way.
    pub active: bool,
    /// Its phases are over, and what outlived them is being ended.
    pub cleaning: bool,
    pub awaits_retry: bool,
    pub over: bool,
    /// How it ended, if it did.
    pub outcome: Option<Outcome>,
    /// Counted among the bad ones.
    pub counted: bool,
    pub begun: Option<Instant>,
    pub try_begun: Option<Instant>,
    pub wall: Duration,
    /// Executing time of this try.
    pub executed: Duration,
    pub assertions: u64,
    pub flaky: bool,
    /// Where another process left it.
    pub standing: Option<Box<Standing>>,
    /// How far it is with the locks it needs.
    pub locking: Locking,
    /// That another process holds one was said.
    pub told_of_locks: bool,
    /// What another process began of it was ended, and this is a new beginning.
    pub is_begun_anew: bool,
    /// Apart, because most scenarios of a big run have nothing of it.
    pub received: Option<Box<Received>>,
    /// Why it is to be parked as soon as nothing of it executes.
    pub parking: Option<String>,
    /// Whether it may be parked is being asked.
    pub asking: bool,
}

/// What a scenario got from elsewhere.
#[derive(Default)]
pub struct Received {
    /// What the scenarios it needs left behind.
    pub inherited: Vec<(String, Value)>,
    /// What signals brought, by name.
    pub signals: Vec<(String, Value)>,
    /// The numbers of those signals.
    pub consumed: BTreeSet<u64>,
}

/// A phase of the try under way.
#[derive(Default)]
pub struct PhaseRun {
    pub state: PhaseState,
    pub cause: Option<Box<Cause>>,
    pub attempts: u32,
    pub slots: usize,
    /// Apart, because most phases of a big run do not wait.
    pub wait: Option<Box<Wait>>,
    /// What it put on the state, and without a value what it took off: a list, which takes a tenth of the room of a map.
    pub writes: Vec<(String, Option<Value>)>,
    pub hopeless: bool,
    /// Attempts whose process was killed, or that lost what they worked with: they use up no retry.
    pub spared: u32,
    /// An attempt lost what it worked with, which happens once for nothing.
    pub lost: bool,
    /// Asked to end by `stop_when`.
    pub stopping: bool,
}

impl PhaseRun {
    /// Takes note of what an attempt put on the state, and of what it took off.
    pub fn wrote(&mut self, writes: Map<String, Value>, removed: Vec<String>) {
        // Collected, a list would have room for four.
        self.writes = Vec::with_capacity(removed.len() + writes.len());
        self.writes
            .extend(removed.into_iter().map(|key| (key, None)));
        let writes = writes.into_iter();
        self.writes
            .extend(writes.map(|(key, value)| (key, Some(value))));
    }

    fn write_to(&self, state: &mut Map<String, Value>) {
        for (key, value) in &self.writes {
            match value {
                Some(value) => drop(state.insert(key.clone(), value.clone())),
                None => drop(state.remove(key)),
            }
        }
    }
}

impl Running {
    pub fn new(planned: Planned) -> Self {
        Self {
            declared: planned.declared,
            verdict: planned.verdict,
            quarantined: planned.quarantined,
            expired: planned.expired,
            round: 1,
            try_number: 0,
            phases: Vec::new(),
            active: false,
            cleaning: false,
            awaits_retry: false,
            over: false,
            outcome: None,
            counted: false,
            begun: None,
            try_begun: None,
            wall: Duration::ZERO,
            executed: Duration::ZERO,
            assertions: 0,
            flaky: false,
            standing: planned.standing,
            locking: Locking::default(),
            told_of_locks: false,
            is_begun_anew: false,
            received: None,
            parking: None,
            asking: false,
        }
    }

    /// A new try begins with nothing: no state, no phase done.
    pub fn begin_try(&mut self, now: Instant) {
        self.try_number += 1;
        self.active = true;
        self.try_begun = Some(now);
        self.executed = Duration::ZERO;
        self.phases = self
            .declared
            .phases
            .iter()
            .map(|_| PhaseRun::default())
            .collect();
    }

    pub fn key(&self, phase: usize) -> PhaseKey {
        PhaseKey {
            scenario: self.declared.id.clone(),
            round: self.round,
            try_number: self.try_number,
            phase: self.declared.phases[phase].name.clone(),
        }
    }

    /// The end of the try under way, as an attempt of its own.
    pub fn clean_up(&self) -> AttemptKey {
        PhaseKey {
            scenario: self.declared.id.clone(),
            round: self.round,
            try_number: self.try_number,
            phase: CLEAN_UP.into(),
        }
        .attempt(1)
    }

    /// Changes the state of a phase; gives the former one.
    pub fn change(&mut self, phase: usize, to: PhaseState, cause: Option<Cause>) -> PhaseState {
        let run = &mut self.phases[phase];
        run.cause = cause.map(Box::new);
        run.wait = if to == PhaseState::Waiting {
            run.wait.take()
        } else {
            None
        };
        std::mem::replace(&mut run.state, to)
    }

    /// The event of the change just made.
    pub fn changed(&self, phase: usize, from: PhaseState) -> What {
        What::PhaseChanged {
            phase: self.key(phase),
            from,
            to: self.phases[phase].state,
            cause: self.phases[phase].cause.as_deref().cloned(),
        }
    }

    pub fn begin_attempt(
        &mut self,
        phase: usize,
        slots: usize,
        _now: Instant,
        rules: &Rules,
    ) -> Job {
        self.phases[phase].attempts += 1;
        self.phases[phase].slots = slots;
        let declared = &self.declared.phases[phase];
        let own = declared
            .timeout
            .unwrap_or(rules.phase_timeout)
            .mul_f64(rules.time_scale);
        let left = self.declared.terms.timeout.map(|whole| {
            whole
                .mul_f64(rules.time_scale)
                .saturating_sub(self.executed)
        });
        let (timeout, timeout_of) = match left {
            Some(left) if left < own && !declared.always => {
                (left, format!("scenario \"{}\"", self.declared.id.name()))
            }
            _ => (own, format!("phase \"{}\"", declared.name)),
        };
        let key = self.key(phase).attempt(self.phases[phase].attempts);
        Job {
            seed: seed_of(rules.seed, &key.phase, key.attempt),
            state: self.state_for(phase),
            timeout,
            timeout_of,
            may_be_repeated: self.phases[phase].attempts - self.phases[phase].spared
                <= declared.retries,
            may_lose: !self.phases[phase].lost,
            after_another: !declared.needs.is_empty()
                || declared.always
                || !self.declared.terms.needs.is_empty(),
            after_others: !self.declared.terms.needs.is_empty(),
            key,
        }
    }

    /// The merged state of the phases it transitively needs, in order of declaration. Only passed ones count, but an
    /// `always` phase also sees the last writes of the others: else it could not clean up after them.
    pub fn state_for(&self, phase: usize) -> Map<String, Value> {
        let declared = &self.declared.phases[phase];
        let needed = super::graph::ancestors(&self.declared, phase);
        let mut state = self.inherited();
        if let Some(received) = &self.received
            && !received.signals.is_empty()
        {
            state.insert("signals".into(), received.signals.iter().cloned().collect());
        }
        for (index, run) in self.phases.iter().enumerate() {
            let counts =
                run.state == PhaseState::Passed || (declared.always && run.state.is_terminal());
            let seen = needed[index] || (declared.waits_for_earlier && index < phase);
            if counts && seen {
                run.write_to(&mut state);
            }
        }
        state
    }

    fn inherited(&self) -> Map<String, Value> {
        let received = self.received.iter();
        received
            .flat_map(|received| received.inherited.iter().cloned())
            .collect()
    }

    /// What it leaves to scenarios that need it.
    pub fn state_at_end(&self) -> Map<String, Value> {
        let mut state = self.inherited();
        for run in self
            .phases
            .iter()
            .filter(|run| run.state == PhaseState::Passed)
        {
            run.write_to(&mut state);
        }
        state
    }

    /// A poll, if the phase is still waiting and none is under way.
    pub fn begin_poll(&mut self, phase: usize, now: Instant, rules: &Rules) -> Option<PollJob> {
        let declared = &self.declared.phases[phase];
        let run = self.phases.get_mut(phase)?;
        let wait = run.wait.as_mut()?;
        if wait.in_flight || run.state != PhaseState::Waiting || declared.signal.is_some() {
            return None;
        }
        wait.in_flight = true;
        let may_be_last = now + wait.pause(declared, rules) >= wait.end(declared, rules);
        let key = self.key(phase);
        Some(PollJob {
            seed: seed_of(rules.seed, &key, 0),
            state: self.state_for(phase),
            timeout: rules.scaled(rules.poll_timeout),
            may_be_last,
            phase: key,
        })
    }
}

/// The seed of an attempt: the same for the same run seed and place, whatever ran before it.
pub fn seed_of(run: u64, phase: &PhaseKey, attempt: u32) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325 ^ run);
    // Writing into a hash cannot fail.
    let _ = write!(
        hash,
        "{}\u{0}{}\u{0}{}\u{0}{}\u{0}{attempt}",
        phase.scenario.0, phase.round, phase.try_number, phase.phase
    );
    // Events are JSON, and readers such as jq keep whole numbers only up to 2^53.
    hash.0 >> 11
}

/// FNV-1a of what is written to it: stable across versions and machines, unlike the standard hasher.
struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}
