//! The tables, as the list of changes that led to them.

use super::error::{At, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Marks a file as a store of runs: "scen".
pub(super) const APPLICATION: i32 = 0x7363_656e;

/// One change of the tables. It brings a store from the version before it (its place in the list) to its own.
pub(super) struct Migration {
    pub sql: &'static str,
}

/// All changes, oldest first. A published one is never edited: stores that had it would not get the edit.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        sql: "
-- Times are microseconds since 1970, durations microseconds.

-- The truth: what happened, one JSON event a line, one row a commit (or several, if it was big).
CREATE TABLE events (
    run TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    lines TEXT NOT NULL,
    UNIQUE (run, first_seq)
) STRICT;

-- All below is folded from it, but for leases, doomed and runs.bytes.
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    started INTEGER NOT NULL,
    ended INTEGER,
    exit INTEGER,
    micros INTEGER,
    planned INTEGER NOT NULL DEFAULT 0,
    program TEXT NOT NULL DEFAULT '',
    args TEXT NOT NULL DEFAULT '[]',
    profile TEXT NOT NULL DEFAULT '',
    host TEXT NOT NULL DEFAULT '',
    -- Size of its events and artifacts, measured once it has ended.
    bytes INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE phases (
    run TEXT NOT NULL,
    scenario TEXT NOT NULL,
    round INTEGER NOT NULL,
    try INTEGER NOT NULL,
    phase TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (run, scenario, round, try, phase)
) STRICT, WITHOUT ROWID;

-- By scenario first: before a run, the history of each of its scenarios is asked for.
CREATE TABLE outcomes (
    scenario TEXT NOT NULL,
    run TEXT NOT NULL,
    outcome TEXT NOT NULL,
    flaky INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    vacuous INTEGER NOT NULL,
    micros INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (scenario, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX outcomes_of_run ON outcomes (run, outcome, flaky, quarantined, vacuous);

-- Who is writing a run now, or was when it died.
CREATE TABLE leases (
    run TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    host TEXT NOT NULL,
    place TEXT NOT NULL,
    pid INTEGER NOT NULL,
    began INTEGER NOT NULL,
    heartbeat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Runs that are no longer listed but whose events and files are not yet all gone.
CREATE TABLE doomed (run TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
",
    },
    Migration {
        sql: "
-- Messages from outside. Not folded: they wait here until the run takes them.
CREATE TABLE signals (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    -- NULL is for all.
    scenario TEXT,
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX signals_of_run ON signals (run, number);
",
    },
    Migration {
        sql: "
-- The lines of a long row, packed by zstd; then `lines` is empty.
ALTER TABLE events ADD COLUMN packed BLOB;
-- Nobody ever asked for it; what is known of phases is folded from the events.
DROP TABLE phases;
",
    },
];

/// What the header of a file says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    application: i32,
    version: u32,
}

/// What has to be done before a file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    /// An empty file: no store yet.
    Tables,
    /// A store of this earlier version.
    Migration(u32),
}

/// The header of the file behind `conn`.
pub(super) fn header(conn: &Connection) -> rusqlite::Result<Header> {
    Ok(Header {
        application: conn.query_row("PRAGMA application_id", [], |row| row.get(0))?,
        version: conn.query_row("PRAGMA user_version", [], |row| row.get(0))?,
    })
}

impl Header {
    /// What the file at `path` needs before a program that knows `known` versions can use it.
    pub(super) fn need(self, known: usize, path: &Path) -> Result<Need, StoreError> {
        let known = known as u32;
        match (self.application, self.version) {
            (0, 0) => Ok(Need::Tables),
            (APPLICATION, found) if found == known => Ok(Need::Nothing),
            (APPLICATION, found) if found < known => Ok(Need::Migration(found)),
            (APPLICATION, found) => Err(StoreError::Newer {
                path: path.to_owned(),
                found,
                known,
            }),
            _ => Err(StoreError::NotAStore {
                path: path.to_owned(),
            }),
        }
    }
}

/// Brings the file at `path` to the newest of `migrations`, whole or not at all. Another process may be doing the same.
pub(super) fn migrate(
    conn: &mut Connection,
    migrations: &[Migration],
    path: &Path,
) -> Result<(), StoreError> {
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .at(path)?;
    let from = match header(&tx).at(path)?.need(migrations.len(), path)? {
        Need::Nothing => return Ok(()),
        Need::Migration(from) => from,
        Need::Tables => {
            let foreign: i64 = tx
                .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
                .at(path)?;
            if foreign > 0 {
                return Err(StoreError::NotAStore {
                    path: path.to_owned(),
                });
            }
            tx.pragma_update(None, "application_id", APPLICATION)
                .at(path)?;
            0
        }
    };
    for migration in &migrations[from as usize..] {
        tx.execute_batch(migration.sql).at(path)?;
    }
    tx.pragma_update(None, "user_version", migrations.len() as i64)
        .at(path)?;
    tx.commit().at(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "store.db";

    /// The changes there are, and one more.
    fn and(sql: &'static str) -> Vec<Migration> {
        let known = MIGRATIONS
            .iter()
            .map(|migration| Migration { sql: migration.sql });
        known.chain([Migration { sql }]).collect()
    }

    #[test]
    fn a_later_change_is_applied_once_to_what_is_there() {
        let path = Path::new(PATH);
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, MIGRATIONS, path).unwrap();
        conn.execute("INSERT INTO runs (id, started) VALUES ('r', 1)", [])
            .unwrap();
        let later = and("ALTER TABLE runs ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'");
        migrate(&mut conn, &later, path).unwrap();
        migrate(&mut conn, &later, path).unwrap();
        let colour: String = conn
            .query_row("SELECT colour FROM runs WHERE id = 'r'", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(colour, "blue");
        assert_eq!(header(&conn).unwrap().version, later.len() as u32);
    }

    #[test]
    fn a_change_that_fails_leaves_the_store_as_it_was() {
        let path = Path::new(PATH);
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, MIGRATIONS, path).unwrap();
        let broken = and("CREATE TABLE half (a); CREATE TABLE events (a);");
        migrate(&mut conn, &broken, path).unwrap_err();
        assert_eq!(header(&conn).unwrap().version, MIGRATIONS.len() as u32);
        conn.execute("INSERT INTO half VALUES (1)", []).unwrap_err();
    }

    #[test]
    fn someone_elses_database_is_left_alone() {
        let path = Path::new(PATH);
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE theirs (a)").unwrap();
        let refused = migrate(&mut conn, MIGRATIONS, path).unwrap_err();
        assert_eq!(refused, StoreError::NotAStore { path: PATH.into() });
    }
}
