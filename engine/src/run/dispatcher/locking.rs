//! Names held while a scenario runs: first within this process, then against others on this machine.

use super::scenario::Slot;
use super::{Command, Dispatcher};
use crate::model::{ScenarioId, What};
use std::cmp::Reverse;
use std::time::{Duration, Instant};

/// How far a scenario is with the locks it needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locking {
    #[default]
    Free,
    /// Its locks are kept from others of this process, and asked for among processes.
    Asking,
    /// Another process holds one; it is asked again when its time comes.
    Refused,
    Held,
}

/// How often a lock that another process holds is asked for again.
const AGAIN: Duration = Duration::from_millis(100);

impl Dispatcher {
    /// Whether a scenario holds its locks; if not, they are asked for.
    pub(super) fn holds_locks(&mut self, index: usize, out: &mut Vec<Command>) -> bool {
        let scenario = &mut self.scenarios[index];
        if scenario.declared.terms.locks.is_empty() || scenario.locking == Locking::Held {
            return true;
        }
        if scenario.locking == Locking::Free {
            scenario.locking = Locking::Asking;
            self.locks
                .extend(scenario.declared.terms.locks.iter().cloned());
            out.push(Command::Lock {
                scenario: scenario.declared.id.clone(),
                names: scenario.declared.terms.locks.clone(),
            });
        }
        false
    }

    pub(super) fn locked(
        &mut self,
        id: &ScenarioId,
        refused: Option<String>,
        now: Instant,
        out: &mut Vec<Command>,
    ) {
        let Some(index) = self.index.get(id).copied() else {
            return;
        };
        let scenario = &mut self.scenarios[index];
        let Some(why) = refused else {
            scenario.locking = Locking::Held;
            if scenario.over {
                self.release_locks(index, out);
            }
            return;
        };
        scenario.locking = Locking::Refused;
        if !scenario.told_of_locks {
            scenario.told_of_locks = true;
            out.push(Command::Emit(What::Warned {
                text: format!("\"{}\" waits for a lock: {why}", id.name()),
            }));
        }
        for lock in &scenario.declared.terms.locks {
            self.locks.remove(lock);
        }
        let slot = Slot {
            scenario: index,
            phase: Slot::LOCKS,
        };
        self.due.push(Reverse((now + AGAIN, slot)));
    }

    /// The locks of a scenario may be free by now.
    pub(super) fn ask_again(&mut self, index: usize) {
        let scenario = &mut self.scenarios[index];
        if scenario.locking == Locking::Refused {
            scenario.locking = Locking::Free;
        }
    }

    pub(super) fn release_locks(&mut self, index: usize, out: &mut Vec<Command>) {
        let scenario = &mut self.scenarios[index];
        if scenario.locking != Locking::Held {
            return;
        }
        scenario.locking = Locking::Free;
        for lock in &scenario.declared.terms.locks {
            self.locks.remove(lock);
        }
        out.push(Command::Unlock(scenario.declared.terms.locks.clone()));
    }
}
