//! Who may write a run. Two processes that resume one run cannot both win: the row is looked at and taken in one
//! transaction. It protects one store; copies of a store are separate.

use super::error::StoreError;
use super::process::{Process, Pulse};
use crate::model::RunId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How often a holder says that it lives.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(10);

/// Silence after which a holder that cannot be looked at, being on another machine, is taken for dead.
const SILENCE: Duration = Duration::from_secs(60);

/// The right to write a run, held by this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub run: RunId,
    /// Tells two holders within one process apart.
    token: String,
}

/// Who holds a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub process: Process,
    pub heartbeat: Timestamp,
    token: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, last heard of at {}", self.process, self.heartbeat)
    }
}

/// How a run stands for somebody who wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Free,
    Mine,
    Held,
    /// Its holder died without giving it back.
    Abandoned,
}

/// The decision. A process that can be looked at is believed its life, even if it is stopped and silent; of another machine
/// only the heartbeat is known.
fn decide(holder: Option<&Holder>, token: &str, pulse: Pulse, now: Timestamp) -> Standing {
    let Some(holder) = holder else {
        return Standing::Free;
    };
    if holder.token == token {
        return Standing::Mine;
    }
    match pulse {
        Pulse::Alive => Standing::Held,
        Pulse::Dead => Standing::Abandoned,
        Pulse::Unknown => {
            let silent = now.duration_since(holder.heartbeat);
            if silent > jiff::SignedDuration::try_from(SILENCE).unwrap_or_default() {
                Standing::Abandoned
            } else {
                Standing::Held
            }
        }
    }
}

impl Holder {
    /// Whether it still writes the run, as far as can be known from here.
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        decide(Some(self), "", self.process.pulse(), now) == Standing::Held
    }
}

impl Lease {
    /// A right nobody has given yet.
    pub(super) fn claim(run: &RunId) -> Self {
        let random = RandomState::new().build_hasher().finish();
        Self {
            run: run.clone(),
            token: format!("{random:016x}"),
        }
    }

    /// Takes the run if it is free or its holder is dead. In a transaction of the caller that may write.
    pub(super) fn acquire(
        &self,
        tx: &Connection,
        me: &Process,
        now: Timestamp,
    ) -> rusqlite::Result<Result<(), StoreError>> {
        let holder = holder(tx, &self.run)?;
        let pulse = holder
            .as_ref()
            .map_or(Pulse::Unknown, |holder| holder.process.pulse());
        let standing = decide(holder.as_ref(), &self.token, pulse, now);
        if let (Standing::Held, Some(by)) = (standing, holder) {
            return Ok(Err(StoreError::Held {
                run: self.run.clone(),
                by: Box::new(by),
            }));
        }
        tx.prepare_cached(
            "INSERT OR REPLACE INTO leases (run, token, host, place, pid, began, heartbeat)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            self.run.0,
            self.token,
            me.host,
            me.place,
            me.pid,
            me.began as i64,
            now.as_microsecond()
        ])?;
        Ok(Ok(()))
    }

    /// Says that the holder lives.
    pub(super) fn renew(
        &self,
        tx: &Connection,
        now: Timestamp,
    ) -> rusqlite::Result<Result<(), StoreError>> {
        let changed = tx
            .prepare_cached("UPDATE leases SET heartbeat = ?3 WHERE run = ?1 AND token = ?2")?
            .execute(params![self.run.0, self.token, now.as_microsecond()])?;
        Ok(self.unless_lost(changed == 1))
    }

    /// Fails if somebody else holds the run by now.
    pub(super) fn check(&self, tx: &Connection) -> rusqlite::Result<Result<(), StoreError>> {
        let mine = tx
            .prepare_cached("SELECT 1 FROM leases WHERE run = ?1 AND token = ?2")?
            .exists(params![self.run.0, self.token])?;
        Ok(self.unless_lost(mine))
    }

    /// Gives the run back; does nothing if somebody else holds it.
    pub(super) fn release(&self, tx: &Connection) -> rusqlite::Result<()> {
        tx.prepare_cached("DELETE FROM leases WHERE run = ?1 AND token = ?2")?
            .execute(params![self.run.0, self.token])?;
        Ok(())
    }

    fn unless_lost(&self, mine: bool) -> Result<(), StoreError> {
        if mine {
            return Ok(());
        }
        Err(StoreError::TakenOver {
            run: self.run.clone(),
        })
    }
}

/// Who holds the run, dead or alive.
pub(super) fn holder(conn: &Connection, run: &RunId) -> rusqlite::Result<Option<Holder>> {
    conn.prepare_cached(
        "SELECT token, host, place, pid, began, heartbeat FROM leases WHERE run = ?1",
    )?
    .query_row([&run.0], |row| {
        Ok(Holder {
            token: row.get(0)?,
            process: Process {
                host: row.get(1)?,
                place: row.get(2)?,
                pid: row.get(3)?,
                began: row.get::<_, i64>(4)? as u64,
            },
            heartbeat: Timestamp::from_microsecond(row.get(5)?).unwrap_or(Timestamp::UNIX_EPOCH),
        })
    })
    .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder_at(heartbeat: Timestamp) -> Holder {
        Holder {
            process: Process::current(),
            heartbeat,
            token: "theirs".into(),
        }
    }

    #[test]
    fn a_free_run_and_my_own_are_mine() {
        let now = Timestamp::now();
        assert_eq!(decide(None, "mine", Pulse::Unknown, now), Standing::Free);
        let holder = holder_at(now);
        let decided = decide(Some(&holder), "theirs", Pulse::Alive, now);
        assert_eq!(decided, Standing::Mine);
    }

    #[test]
    fn a_living_holder_keeps_it_however_silent_and_a_dead_one_loses_it_at_once() {
        let now = Timestamp::now();
        let silent = holder_at(Timestamp::UNIX_EPOCH);
        let decided = decide(Some(&silent), "mine", Pulse::Alive, now);
        assert_eq!(decided, Standing::Held);
        let decided = decide(Some(&holder_at(now)), "mine", Pulse::Dead, now);
        assert_eq!(decided, Standing::Abandoned);
    }

    #[test]
    fn of_another_machine_the_heartbeat_decides() {
        let now = Timestamp::now();
        let decided = |heartbeat| {
            let holder = holder_at(heartbeat);
            decide(Some(&holder), "mine", Pulse::Unknown, now)
        };
        assert_eq!(decided(now - Duration::from_secs(59)), Standing::Held);
        assert_eq!(decided(now - Duration::from_secs(61)), Standing::Abandoned);
        // Its clock is ahead of ours.
        assert_eq!(decided(now + Duration::from_secs(600)), Standing::Held);
    }
}
