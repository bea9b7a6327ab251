//! Changes a store outside of a run: who may write a run, what is kept, and tables folded anew.

use super::error::{At, StoreError};
use super::events::{Events, ReadNote};
use super::facts::Facts;
use super::home::Home;
use super::lease::{self, Holder, Lease};
use super::open;
use super::process::Process;
use super::retention::{self, Pruned, Retention};
use super::tables;
use crate::model::RunId;
use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};

/// A store opened to change it.
pub struct Keeper {
    conn: Connection,
    home: Home,
    path: PathBuf,
    me: Process,
}

impl Keeper {
    /// Opens a store that is there; an older one is brought up to date.
    pub fn open(home: &Home) -> Result<Self, StoreError> {
        let path = home.database();
        let conn = open::for_changing(home)?;
        // Nothing done here is relied on after a loss of power: no process is left then.
        conn.pragma_update(None, "synchronous", "NORMAL")
            .at(&path)?;
        Ok(Self {
            conn,
            home: home.clone(),
            path,
            me: Process::current(),
        })
    }

    /// Takes the right to write a run. Fails with [`StoreError::Held`] while another process that lives has it.
    pub fn acquire(&mut self, run: &RunId) -> Result<Lease, StoreError> {
        let lease = Lease::claim(run);
        let tx = self.begin()?;
        let is_known = tx
            .prepare_cached("SELECT 1 FROM runs WHERE id = ?1")
            .and_then(|mut select| select.exists([&run.0]))
            .at(&self.path)?;
        if !is_known {
            return Err(StoreError::UnknownRun {
                text: run.0.clone(),
                hint: "it may have been removed by the retention; `scenario runs` lists them all"
                    .into(),
            });
        }
        lease
            .acquire(&tx, &self.me, Timestamp::now())
            .at(&self.path)??;
        tx.commit().at(&self.path)?;
        Ok(lease)
    }

    /// Says that the holder lives. Fails with [`StoreError::TakenOver`] if somebody else has the run by now.
    pub fn renew(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let tx = self.begin()?;
        lease.renew(&tx, Timestamp::now()).at(&self.path)??;
        tx.commit().at(&self.path)
    }

    /// Gives a run back.
    pub fn release(&mut self, lease: Lease) -> Result<(), StoreError> {
        lease.release(&self.conn).at(&self.path)
    }

    /// Who holds a run, dead or alive.
    pub fn holder(&self, run: &RunId) -> Result<Option<Holder>, StoreError> {
        lease::holder(&self.conn, run).at(&self.path)
    }

    /// Removes the runs beyond `retention`, with their artifacts.
    pub fn prune(&mut self, retention: Retention) -> Result<Pruned, StoreError> {
        retention::prune(&mut self.conn, &self.home, retention, None)
    }

    /// Folds everything that is told about a run beside its events anew from them.
    pub fn rebuild(&mut self, run: &RunId) -> Result<Vec<ReadNote>, StoreError> {
        let tx = self.begin()?;
        let mut facts = Facts::default();
        let mut events = Events::new(&tx, &self.path, run, 0);
        for event in events.by_ref() {
            facts.note(&event?);
        }
        let notes = events.into_notes();
        tables::forget_facts(&tx, run).at(&self.path)?;
        tables::write(&tx, run, &facts).at(&self.path)?;
        if let Some(first) = facts.first_at {
            // Its first event may be unreadable; the run is still there.
            tx.execute(
                "INSERT OR IGNORE INTO runs (id, started) VALUES (?1, ?2)",
                (&run.0, first.as_microsecond()),
            )
            .at(&self.path)?;
        }
        tx.commit().at(&self.path)?;
        Ok(notes)
    }

    /// Merges everything into the one database file, so that it can be copied alone. Waits for readers.
    pub fn merge(&mut self) -> Result<(), StoreError> {
        let busy: bool = self
            .conn
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
            .at(&self.path)?;
        if busy {
            return Err(StoreError::Locked {
                path: self.path.clone(),
            });
        }
        Ok(())
    }

    pub(super) fn parts(&self) -> (&Connection, &Path) {
        (&self.conn, &self.path)
    }

    fn begin(&self) -> Result<Transaction<'_>, StoreError> {
        Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate).at(&self.path)
    }
}
