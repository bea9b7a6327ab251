//! In which order a process is ended: decides, and touches nothing. The keeper tells it what happened and does what it says.

use super::super::outcome::Needed;
use super::super::spawn::StopPlan;
use std::time::{Duration, Instant};

/// How long processes may take to follow the main one before they count as left over.
const SETTLE: Duration = Duration::from_millis(30);

/// How often KILL is repeated: processes that fork while they die are caught again.
const AGAIN: Duration = Duration::from_millis(3);

/// After so long of killing, what is left cannot be killed.
const HOPELESS: Duration = Duration::from_secs(10);

/// What the keeper has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    RunCommand,
    SignalMain,
    SignalAll,
    /// Remember what is there now as left over.
    NoteLeftovers,
    /// Remember what is there now and has left the session.
    NoteEscaped,
    KillAll,
    GiveUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Running,
    /// The stop command runs.
    Command {
        until: Instant,
    },
    /// The main process was signalled.
    Signalled {
        until: Instant,
    },
    /// The main process is gone, others may follow it.
    Following {
        note_at: Instant,
        until: Instant,
    },
    /// They did not, and were signalled.
    Left {
        until: Instant,
    },
    Killing {
        since: Instant,
        next: Instant,
    },
    Hopeless,
}

/// The end of one process and its descendants.
#[derive(Debug)]
pub struct Ending {
    plan: StopPlan,
    stage: Stage,
    main_gone: Option<Instant>,
    asked: Option<Instant>,
    needed: Needed,
}

impl Ending {
    pub fn new(plan: StopPlan) -> Self {
        Self {
            plan,
            stage: Stage::Running,
            main_gone: None,
            asked: None,
            needed: Needed::Nothing,
        }
    }

    /// What it took to end the main process.
    pub fn needed(&self) -> Needed {
        self.needed.clone()
    }

    /// When the end was asked for.
    pub fn asked(&self) -> Option<Instant> {
        self.asked
    }

    /// Somebody wants it to end by its plan.
    pub fn stop(&mut self, now: Instant) -> Vec<Act> {
        if self.stage != Stage::Running {
            return Vec::new();
        }
        self.asked = Some(now);
        let until = now + self.plan.grace;
        if let Some(gone) = self.main_gone {
            self.follow(gone, until);
            return self.due(now);
        }
        if self.plan.command.is_some() {
            self.stage = Stage::Command { until };
            return vec![Act::RunCommand];
        }
        self.signal(until)
    }

    fn signal(&mut self, until: Instant) -> Vec<Act> {
        self.stage = Stage::Signalled { until };
        self.needed = Needed::Signal(self.plan.signal.clone());
        vec![if self.plan.main_only {
            Act::SignalMain
        } else {
            Act::SignalAll
        }]
    }

    /// Somebody wants it to end at once.
    pub fn kill(&mut self, now: Instant) -> Vec<Act> {
        if matches!(self.stage, Stage::Killing { .. } | Stage::Hopeless) {
            return Vec::new();
        }
        self.asked.get_or_insert(now);
        let mut acts = vec![match self.main_gone {
            Some(_) => Act::NoteLeftovers,
            None => Act::NoteEscaped,
        }];
        acts.extend(self.begin_killing(now));
        acts
    }

    fn begin_killing(&mut self, now: Instant) -> Vec<Act> {
        if self.main_gone.is_none() {
            self.needed = Needed::Kill;
        }
        self.stage = Stage::Killing {
            since: now,
            next: now + AGAIN,
        };
        vec![Act::KillAll]
    }

    /// The main process has ended.
    pub fn main_ended(&mut self, now: Instant) {
        self.main_gone = Some(now);
        match self.stage {
            Stage::Command { until } => {
                self.needed = Needed::Command;
                self.follow(now, until);
            }
            Stage::Signalled { until } => self.follow(now, until),
            _ => {}
        }
    }

    fn follow(&mut self, gone: Instant, until: Instant) {
        let note_at = gone + SETTLE;
        self.stage = Stage::Following { note_at, until };
    }

    /// The stop command has ended. One that failed will not end anything any more.
    pub fn command_ended(&mut self, succeeded: bool, now: Instant) -> Vec<Act> {
        match self.stage {
            Stage::Command { .. } if !succeeded => self.signal(now + self.plan.grace),
            _ => Vec::new(),
        }
    }

    /// What is due now.
    pub fn due(&mut self, now: Instant) -> Vec<Act> {
        match self.stage {
            Stage::Command { until } if now >= until => self.signal(now + self.plan.grace),
            Stage::Signalled { until } if now >= until => {
                let mut acts = vec![Act::NoteEscaped];
                acts.extend(self.begin_killing(now));
                acts
            }
            Stage::Following { note_at, until } if now >= note_at => {
                self.stage = Stage::Left {
                    until: until.max(now),
                };
                vec![Act::NoteLeftovers, Act::SignalAll]
            }
            Stage::Left { until } if now >= until => self.begin_killing(now),
            Stage::Killing { since, .. } if now >= since + HOPELESS => {
                self.stage = Stage::Hopeless;
                vec![Act::GiveUp]
            }
            Stage::Killing { since, next } if now >= next => {
                self.stage = Stage::Killing {
                    since,
                    next: now + AGAIN,
                };
                vec![Act::KillAll]
            }
            _ => Vec::new(),
        }
    }

    /// When something will be due.
    pub fn wake(&self) -> Option<Instant> {
        match self.stage {
            Stage::Running | Stage::Hopeless => None,
            Stage::Command { until } | Stage::Signalled { until } | Stage::Left { until } => {
                Some(until)
            }
            Stage::Following { note_at, .. } => Some(note_at),
            Stage::Killing { next, .. } => Some(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    fn ending(plan: StopPlan) -> (Ending, Instant) {
        (Ending::new(plan), Instant::now())
    }

    #[test]
    fn c15_signal_then_grace_then_kill_until_none_is_left() {
        let (mut ending, now) = ending(StopPlan::default());
        assert_eq!(ending.stop(now), [Act::SignalAll]);
        assert_eq!(ending.wake(), Some(now + GRACE));
        assert_eq!(ending.due(now + GRACE / 2), []);
        let late = now + GRACE;
        assert_eq!(ending.due(late), [Act::NoteEscaped, Act::KillAll]);
        assert_eq!(ending.due(late + AGAIN), [Act::KillAll]);
        ending.main_ended(late + AGAIN);
        assert_eq!(ending.due(late + AGAIN * 2), [Act::KillAll]);
        assert_eq!(ending.due(late + HOPELESS), [Act::GiveUp]);
        assert_eq!(ending.needed(), Needed::Kill);
    }

    #[test]
    fn what_follows_the_main_process_quickly_is_no_leftover() {
        let (mut ending, now) = ending(StopPlan::default());
        ending.stop(now);
        ending.main_ended(now);
        assert_eq!(ending.due(now + SETTLE / 2), []);
        let noted = now + SETTLE;
        assert_eq!(ending.due(noted), [Act::NoteLeftovers, Act::SignalAll]);
        assert_eq!(ending.due(now + GRACE), [Act::KillAll]);
        assert_eq!(ending.needed(), Needed::Signal("TERM".into()));
    }

    #[test]
    fn c16_what_is_left_long_after_the_main_process_is_ended_at_once() {
        let (mut ending, now) = ending(StopPlan::default());
        ending.main_ended(now);
        let later = now + GRACE;
        assert_eq!(ending.stop(later), [Act::NoteLeftovers, Act::SignalAll]);
        assert_eq!(ending.due(later + GRACE), [Act::KillAll]);
        assert_eq!(ending.needed(), Needed::Nothing);
    }

    #[test]
    fn a_stop_command_comes_first_and_the_signal_when_it_fails() {
        let plan = StopPlan {
            command: Some(super::super::super::spawn::Program::Shell("x".into())),
            main_only: true,
            ..StopPlan::default()
        };
        let (mut ending, now) = ending(plan.clone());
        assert_eq!(ending.stop(now), [Act::RunCommand]);
        assert_eq!(ending.command_ended(true, now), []);
        assert_eq!(ending.due(now + GRACE), [Act::SignalMain]);
        let mut failing = Ending::new(plan.clone());
        failing.stop(now);
        assert_eq!(failing.command_ended(false, now), [Act::SignalMain]);
        let mut working = Ending::new(plan);
        working.stop(now);
        working.main_ended(now);
        assert_eq!(working.needed(), Needed::Command);
    }

    #[test]
    fn to_kill_does_not_wait_and_needs_no_second_asking() {
        let (mut ending, now) = ending(StopPlan::default());
        ending.stop(now);
        assert_eq!(ending.kill(now), [Act::NoteEscaped, Act::KillAll]);
        assert_eq!(ending.kill(now), []);
        assert_eq!(ending.stop(now), []);
    }
}
