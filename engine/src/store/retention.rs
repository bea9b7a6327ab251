//! Which runs are kept, and how the others go: out of the list at once, their bulk in small pieces, so that no other
//! process waits long for the store, and an end in the middle loses nothing but time.

use super::error::{At, StoreError};
use super::home::Home;
use super::{lease, tables};
use crate::model::RunId;
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How much is kept. The newest run always is, and so is every run that is parked or being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub runs: usize,
    /// Of events and artifacts together.
    pub bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            runs: 50,
            bytes: 2 * 1024 * 1024 * 1024,
        }
    }
}

/// What pruning did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub runs: Vec<RunId>,
    /// Folders that could not be removed, and why; they are tried again next time.
    pub left: Vec<(PathBuf, String)>,
}

/// Runs removed at one time. After a change of the settings there may be more; they go over the next runs.
const AT_ONCE: usize = 20;

/// Rows of events removed in one transaction, each up to a quarter of a megabyte.
const ROWS: usize = 64;

/// Free pages that stay in the file for the next runs.
const SPARE_PAGES: i64 = 1024;

/// Free pages given back to the file system at one time.
const PAGES_AT_ONCE: i64 = 16 * 1024;

/// A run, as far as the decision needs it.
#[derive(Clone, Debug)]
struct Candidate {
    run: RunId,
    bytes: u64,
    is_protected: bool,
}

/// The runs to remove, oldest first; `candidates` come newest first.
fn victims(candidates: &[Candidate], retention: Retention) -> Vec<RunId> {
    let mut bytes: u64 = 0;
    let mut victims = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        bytes = bytes.saturating_add(candidate.bytes);
        let is_beyond = index >= retention.runs || bytes > retention.bytes;
        if index > 0 && is_beyond && !candidate.is_protected {
            bytes -= candidate.bytes;
            victims.push(candidate.run.clone());
        }
    }
    victims.reverse();
    victims
}

/// Forgets the size of a run that is about to grow.
pub(super) fn unmeasure(tx: &Connection, run: &RunId) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE runs SET bytes = NULL WHERE id = ?1 AND bytes IS NOT NULL")?
        .execute([&run.0])?;
    Ok(())
}

/// Removes what is beyond `retention`, but never `spared`.
pub(super) fn prune(
    conn: &mut Connection,
    home: &Home,
    retention: Retention,
    spared: Option<&RunId>,
) -> Result<Pruned, StoreError> {
    let path = home.database();
    let mut pruned = Pruned::default();
    for run in doomed(conn).at(&path)? {
        remove(conn, home, &path, &run, &mut pruned)?;
    }
    measure(conn, home, &path)?;
    let candidates = candidates(conn, spared).at(&path)?;
    let victims = victims(&candidates, retention);
    for run in victims.into_iter().take(AT_ONCE) {
        match doom(conn, home, &path, &run)? {
            Doom::Spared => continue,
            Doom::Gone => {}
            Doom::Begun => remove(conn, home, &path, &run, &mut pruned)?,
        }
        pruned.runs.push(run);
    }
    if !pruned.runs.is_empty() {
        give_back(conn).at(&path)?;
    }
    Ok(pruned)
}

fn candidates(conn: &Connection, spared: Option<&RunId>) -> rusqlite::Result<Vec<Candidate>> {
    let now = Timestamp::now();
    let mut select = conn.prepare_cached(
        "SELECT id, coalesce(bytes, 0),
                EXISTS (SELECT 1 FROM outcomes WHERE run = id AND outcome = 'parked')
         FROM runs ORDER BY id DESC",
    )?;
    let rows = select.query_map([], |row| {
        Ok(Candidate {
            run: RunId(row.get(0)?),
            bytes: row.get::<_, i64>(1)? as u64,
            is_protected: row.get(2)?,
        })
    })?;
    let mut candidates = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    for candidate in &mut candidates {
        candidate.is_protected |= spared == Some(&candidate.run)
            || lease::holder(conn, &candidate.run)?.is_some_and(|holder| holder.is_live(now));
    }
    Ok(candidates)
}

/// Measures the runs that are not being written and have no size yet: as a rule the one that just ended.
fn measure(conn: &Connection, home: &Home, path: &Path) -> Result<(), StoreError> {
    let now = Timestamp::now();
    let unmeasured = conn
        .prepare_cached("SELECT id FROM runs WHERE bytes IS NULL")
        .and_then(|mut select| {
            let rows = select.query_map([], |row| Ok(RunId(row.get(0)?)))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })
        .at(path)?;
    for run in unmeasured {
        let holder = lease::holder(conn, &run).at(path)?;
        if holder.is_some_and(|holder| holder.is_live(now)) {
            continue;
        }
        let events: i64 = conn
            .prepare_cached(
                "SELECT coalesce(sum(octet_length(lines) + coalesce(octet_length(packed), 0)), 0)
                 FROM events WHERE run = ?1",
            )
            .and_then(|mut select| select.query_row([&run.0], |row| row.get(0)))
            .at(path)?;
        let artifacts = home.run_dir(&run).map_or(0, |dir| size_of(&dir));
        conn.prepare_cached("UPDATE runs SET bytes = ?2 WHERE id = ?1")
            .and_then(|mut update| {
                update.execute((&run.0, events.saturating_add_unsigned(artifacts)))
            })
            .at(path)?;
    }
    Ok(())
}

/// Size of the files below `dir`. What cannot be looked at counts nothing; links are not followed.
fn size_of(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size_of(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .fold(0, u64::saturating_add)
}

fn doomed(conn: &Connection) -> rusqlite::Result<Vec<RunId>> {
    let mut select = conn.prepare_cached("SELECT run FROM doomed")?;
    let rows = select.query_map([], |row| Ok(RunId(row.get(0)?)))?;
    rows.collect()
}

/// How far the removal of a run got in its first transaction.
enum Doom {
    /// Somebody has begun to write it since it was chosen.
    Spared,
    /// It is out of the list; its bulk is left.
    Begun,
    /// It was small: nothing is left.
    Gone,
}

/// Takes a run out of the list.
fn doom(conn: &mut Connection, home: &Home, path: &Path, run: &RunId) -> Result<Doom, StoreError> {
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .at(path)?;
    let holder = lease::holder(&tx, run).at(path)?;
    if holder.is_some_and(|holder| holder.is_live(Timestamp::now())) {
        return Ok(Doom::Spared);
    }
    let has_more_events = tables::forget_facts(&tx, run)
        .and_then(|()| tx.execute("DELETE FROM leases WHERE run = ?1", [&run.0]))
        .and_then(|_| tx.execute("DELETE FROM signals WHERE run = ?1", [&run.0]))
        .and_then(|_| delete_events(&tx, run))
        .at(path)?;
    let doom = if has_more_events || home.run_dir(run).is_ok_and(|dir| dir.exists()) {
        tx.execute("INSERT OR IGNORE INTO doomed (run) VALUES (?1)", [&run.0])
            .at(path)?;
        Doom::Begun
    } else {
        Doom::Gone
    };
    tx.commit().at(path)?;
    Ok(doom)
}

/// Deletes some events of a run; `true` if there may be more.
fn delete_events(conn: &Connection, run: &RunId) -> rusqlite::Result<bool> {
    let mut delete = conn.prepare_cached(
        "DELETE FROM events WHERE rowid IN (SELECT rowid FROM events WHERE run = ?1 LIMIT ?2)",
    )?;
    Ok(delete.execute((&run.0, ROWS as i64))? == ROWS)
}

fn remove(
    conn: &Connection,
    home: &Home,
    path: &Path,
    run: &RunId,
    pruned: &mut Pruned,
) -> Result<(), StoreError> {
    while delete_events(conn, run).at(path)? {}
    // A folder outside the store was never made for the run, so there is nothing to remove.
    if let Ok(dir) = home.run_dir(run) {
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                pruned.left.push((dir, error.to_string()));
                return Ok(());
            }
            _ => {}
        }
    }
    conn.execute("DELETE FROM doomed WHERE run = ?1", [&run.0])
        .at(path)?;
    Ok(())
}

/// Returns free pages to the file system, but for some that the next runs will fill.
fn give_back(conn: &Connection) -> rusqlite::Result<()> {
    let free: i64 = conn.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    let surplus = (free - SPARE_PAGES).min(PAGES_AT_ONCE);
    if surplus > 0 {
        let mut vacuum = conn.prepare(&format!("PRAGMA incremental_vacuum({surplus})"))?;
        // It frees one page a step.
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(sizes: &[u64]) -> Vec<Candidate> {
        let candidate = |(index, bytes): (usize, &u64)| Candidate {
            run: RunId(format!("r{index}")),
            bytes: *bytes,
            is_protected: false,
        };
        sizes.iter().enumerate().map(candidate).collect()
    }

    fn gone(candidates: &[Candidate], runs: usize, bytes: u64) -> Vec<String> {
        let victims = victims(candidates, Retention { runs, bytes });
        victims.into_iter().map(|run| run.0).collect()
    }

    #[test]
    fn the_oldest_beyond_the_number_go_first() {
        assert_eq!(gone(&candidates(&[1; 4]), 2, 100), ["r3", "r2"]);
        assert!(gone(&candidates(&[1; 4]), 4, 100).is_empty());
    }

    #[test]
    fn a_big_run_goes_and_smaller_older_ones_that_fit_stay() {
        assert_eq!(gone(&candidates(&[10, 80, 30, 10]), 50, 100), ["r2"]);
    }

    #[test]
    fn the_newest_stays_however_big() {
        assert_eq!(gone(&candidates(&[500, 1]), 50, 100), ["r1"]);
        assert!(gone(&candidates(&[500]), 0, 0).is_empty());
    }

    #[test]
    fn a_protected_run_stays_and_takes_its_place() {
        let mut candidates = candidates(&[1; 4]);
        candidates[3].is_protected = true;
        assert_eq!(gone(&candidates, 1, 100), ["r2", "r1"]);
    }
}
