//! Commits batches of one run and decides what each commit may cost. Owned by the writer's thread.

use super::batch::Batch;
use super::error::{At, StoreError};
use super::home::Home;
use super::lease::{HEARTBEAT, Lease};
use super::open;
use super::process::Process;
use super::retention::{self, Pruned, Retention};
use super::tables;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Size of the WAL at which it is merged into the database while the run goes on.
const LARGE: u64 = 64 * 1024 * 1024;

/// Size up to which the WAL may be left to the next run.
const SMALL: u64 = 1024 * 1024;

/// A run that lasted this long does not feel the two syncs of merging.
const LONG: Duration = Duration::from_millis(200);

/// How far a commit reaches before it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Into the operating system, not even ordered: only for a WAL that has nothing in it yet.
    New,
    /// Into the operating system: survives the end of the process by any means.
    System,
    /// Onto the disk: survives the loss of power.
    Disk,
}

pub(super) struct Recorder {
    conn: Connection,
    home: Home,
    path: PathBuf,
    lease: Lease,
    me: Process,
    reach: Option<Reach>,
    holds: bool,
    heartbeat: Instant,
    began: Instant,
    /// Something was promised to be on the disk.
    promised: bool,
}

impl Recorder {
    pub fn open(home: &Home, lease: Lease) -> Result<Self, StoreError> {
        let path = home.database();
        let conn = open::for_writing(home)?;
        // Merging is decided here: by itself it would come in the middle of any commit.
        conn.pragma_update(None, "wal_autocheckpoint", 0)
            .at(&path)?;
        let now = Instant::now();
        Ok(Self {
            conn,
            home: home.clone(),
            path,
            lease,
            me: Process::current(),
            reach: None,
            holds: false,
            heartbeat: now,
            began: now,
            promised: false,
        })
    }

    /// When the lease has to be renewed.
    pub fn heartbeat_due(&self) -> Instant {
        self.heartbeat + HEARTBEAT
    }

    /// Commits a batch, which may be empty, in one transaction, and renews the lease when it is time. The last one gives
    /// the lease back.
    pub fn commit(&mut self, batch: &Batch, last: bool) -> Result<(), StoreError> {
        let reach = if batch.relied_on {
            self.promised = true;
            Reach::Disk
        } else {
            Reach::System
        };
        let due = Instant::now() >= self.heartbeat_due();
        let now = Timestamp::now();
        // SQLite syncs the header of a WAL before the first frame, lest after a loss of power an old header meet frames
        // of a new one. A WAL without any content has no old header: that sync is spared.
        if reach == Reach::System && self.reach.is_none() {
            self.set(Reach::New)?;
        } else {
            self.set(reach)?;
        }
        let mut tx = immediate(&self.conn, &self.path)?;
        // Asked only now, when nobody else can write to it any more.
        if self.reach == Some(Reach::New) && self.home.wal_bytes() > 0 {
            drop(tx);
            self.set(reach)?;
            tx = immediate(&self.conn, &self.path)?;
        }
        let (lease, path) = (&self.lease, &self.path);
        if !self.holds {
            lease.acquire(&tx, &self.me, now).at(path)??;
            retention::unmeasure(&tx, &lease.run).at(path)?;
        } else if due {
            lease.renew(&tx, now).at(path)??;
        } else {
            lease.check(&tx).at(path)??;
        }
        tables::append(&tx, &lease.run, batch).map_err(|error| {
            match error.sqlite_error_code() {
                Some(ErrorCode::ConstraintViolation) => StoreError::Conflict {
                    run: lease.run.clone(),
                },
                _ => StoreError::sql(path, &error),
            }
        })?;
        if last {
            lease.release(&tx).at(path)?;
        }
        tx.commit().at(path)?;
        if due || !self.holds {
            self.heartbeat = Instant::now();
        }
        self.holds = !last;
        if self.home.wal_bytes() > LARGE {
            self.set(Reach::System)?;
            self.merge("PASSIVE")?;
        }
        Ok(())
    }

    /// Ends the recording: retention, then everything into one file if nobody feels it. A short run of nothing but single
    /// phases leaves its few pages in the WAL instead, complete and consistent, and the next run or reader merges them.
    pub fn end(mut self, retention: Option<Retention>) -> Result<Pruned, StoreError> {
        self.set(Reach::System)?;
        let pruned = match retention {
            Some(retention) => {
                retention::prune(&mut self.conn, &self.home, retention, Some(&self.lease.run))?
            }
            None => Pruned::default(),
        };
        let keeps_wal =
            !self.promised && self.began.elapsed() < LONG && self.home.wal_bytes() < SMALL;
        if keeps_wal {
            self.conn
                .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
                .at(&self.path)?;
        } else {
            // Whoever still reads or writes will merge when it leaves; nothing is gained by waiting for it.
            self.conn.busy_timeout(Duration::ZERO).at(&self.path)?;
            self.merge("TRUNCATE")?;
        }
        self.conn
            .close()
            .map_err(|(_, error)| error)
            .at(&self.path)?;
        Ok(pruned)
    }

    fn set(&mut self, reach: Reach) -> Result<(), StoreError> {
        if self.reach == Some(reach) {
            return Ok(());
        }
        let level = match reach {
            Reach::New => "OFF",
            Reach::System => "NORMAL",
            Reach::Disk => "FULL",
        };
        self.conn
            .pragma_update(None, "synchronous", level)
            .at(&self.path)?;
        self.reach = Some(reach);
        Ok(())
    }

    fn merge(&self, how: &str) -> Result<(), StoreError> {
        self.conn
            .query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()))
            .at(&self.path)
    }
}

fn immediate<'c>(conn: &'c Connection, path: &Path) -> Result<Transaction<'c>, StoreError> {
    Transaction::new_unchecked(conn, TransactionBehavior::Immediate).at(path)
}
