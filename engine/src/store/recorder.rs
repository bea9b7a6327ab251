//! Commits batches of one run and decides what each commit may cost. Owned by the writer's thread.

use super::batch::Batch;
use super::error::{At, StoreError};
use super::home::Home;
use super::lease::{HEARTBEAT, Lease};
use super::open::{self, SMALL};
use super::packing::Packer;
use super::process::Process;
use super::reliance::Weight;
use super::retention::{self, Pruned, Retention};
use super::tables;
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes after which the WAL is merged into the database while the run goes on.
const LARGE: usize = 32 * 1024 * 1024;

/// What a commit adds to the WAL beside its events: the pages it touches.
const TOUCHED: usize = 8 * 4096;

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
    packer: Packer,
    reach: Option<Reach>,
    heartbeat: Instant,
    began: Instant,
    /// About how many bytes were written since the last merge.
    unmerged: usize,
    /// The run is to be resumed, perhaps elsewhere.
    travels: bool,
}

impl Recorder {
    /// Opens the store, making it if need be, and takes hold of the run.
    pub fn open(home: &Home, lease: Lease) -> Result<Self, StoreError> {
        let path = home.database();
        let conn = open::for_writing(home)?;
        // Merging is decided here: by itself it would come in the middle of any commit.
        conn.execute_batch(&format!(
            "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = {SMALL};"
        ))
        .at(&path)?;
        let now = Instant::now();
        let mut recorder = Self {
            conn,
            home: home.clone(),
            path,
            lease,
            packer: Packer::default(),
            reach: None,
            heartbeat: now,
            began: now,
            unmerged: 0,
            travels: false,
        };
        recorder.take_hold()?;
        Ok(recorder)
    }

    /// When the lease has to be renewed.
    pub fn heartbeat_due(&self) -> Instant {
        self.heartbeat + HEARTBEAT
    }

    /// Takes the lease. As this is the first commit, it also spares a sync: SQLite syncs the header of a WAL before the first
    /// frame, lest after a loss of power an old header meet frames of a new one. A WAL without any content has no old
    /// header, and nobody relies on a lease once the power is gone.
    fn take_hold(&mut self) -> Result<(), StoreError> {
        self.set(Reach::New)?;
        let mut tx = immediate(&self.conn, &self.path)?;
        // Asked only now, when nobody else can write to it any more.
        if self.home.wal_bytes() > 0 {
            drop(tx);
            self.set(Reach::System)?;
            tx = immediate(&self.conn, &self.path)?;
        }
        let (lease, path) = (&self.lease, &self.path);
        lease
            .acquire(&tx, &Process::current(), Timestamp::now())
            .at(path)??;
        retention::unmeasure(&tx, &lease.run).at(path)?;
        tx.commit().at(path)
    }

    /// Commits a batch, which may be empty, in one transaction, and renews the lease when it is time. The last one gives
    /// the lease back.
    pub fn commit(&mut self, batch: &Batch, last: bool) -> Result<(), StoreError> {
        self.set(match batch.weight {
            Weight::ReliedOn => Reach::Disk,
            Weight::Awaited | Weight::Light => Reach::System,
        })?;
        let due = Instant::now() >= self.heartbeat_due();
        let (lease, path) = (&self.lease, &self.path);
        let tx = immediate(&self.conn, path)?;
        if due {
            lease.renew(&tx, Timestamp::now()).at(path)??;
        } else {
            lease.check(&tx).at(path)??;
        }
        let appended = tables::append(&tx, &lease.run, batch, &mut self.packer);
        let written = appended.map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => StoreError::Conflict {
                run: lease.run.clone(),
            },
            _ => StoreError::sql(path, &error),
        })?;
        if last {
            lease.release(&tx).at(path)?;
        }
        tx.commit().at(path)?;
        if due {
            self.heartbeat = Instant::now();
        }
        self.travels |= batch.facts.is_parking();
        self.unmerged += written + TOUCHED;
        if self.unmerged > LARGE {
            self.unmerged = 0;
            self.set(Reach::System)?;
            // What is committed is safe in the WAL; if it cannot be merged now, then later.
            let _ = self.merge("PASSIVE");
        }
        Ok(())
    }

    /// Ends the recording: retention, then everything into one file. A short run leaves its few pages in the WAL instead,
    /// complete and consistent, because merging takes two syncs that somebody would feel; a longer run merges them.
    pub fn end(mut self, retention: Option<Retention>) -> Result<Pruned, StoreError> {
        self.set(Reach::System)?;
        let pruned = match retention {
            Some(retention) => {
                retention::prune(&mut self.conn, &self.home, retention, Some(&self.lease.run))?
            }
            None => Pruned::default(),
        };
        let keeps_wal =
            !self.travels && self.began.elapsed() < LONG && self.home.wal_bytes() < SMALL;
        if keeps_wal {
            open::leave_wal(&self.conn).at(&self.path)?;
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
