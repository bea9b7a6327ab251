//! Opening the database file: to write (made if missing), to change, to read. Knows the header, not what is in the tables.

use super::error::{At, PATIENCE, StoreError};
use super::home::Home;
use super::schema::{self, MIGRATIONS, Need};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::Path;

/// Size up to which a WAL is left as it is by short runs and readers: merging it takes two syncs, and opening it again only
/// a look at each of its pages.
pub(super) const SMALL: u64 = 1024 * 1024;

/// A connection that may write, to a store that is made if there is none.
pub(super) fn for_writing(home: &Home) -> Result<Connection, StoreError> {
    if !home.database().exists() {
        create(home)?;
    }
    for_changing(home)
}

/// A connection that may write, to a store that is there.
pub(super) fn for_changing(home: &Home) -> Result<Connection, StoreError> {
    let path = home.database();
    let mut conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    match need(&conn, &path)? {
        Need::Nothing => {}
        Need::Tables => {
            conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;")
                .at(&path)?;
            schema::migrate(&mut conn, MIGRATIONS, &path)?;
        }
        Need::Migration(_) => schema::migrate(&mut conn, MIGRATIONS, &path)?,
    }
    Ok(conn)
}

/// A connection that only reads, to a store that is there. An older store is brought up to date first.
pub(super) fn for_reading(home: &Home) -> Result<Connection, StoreError> {
    let path = home.database();
    // A database in WAL mode is read through two more files beside it, even by readers. Opened to write, the last one
    // to leave merges and removes them: reading the much a killed run may have left also tidies it up.
    let mut conn = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut header = schema::header(&conn);
    if header.as_ref().is_err_and(is_denied) && home.wal_bytes() == 0 {
        // Nobody can write here, so nobody does: the file may be taken as it stands.
        conn = connect_immutable(&path)?;
        header = schema::header(&conn);
    }
    match refusing(&conn, header.at(&path)?.need(MIGRATIONS.len(), &path))? {
        Need::Nothing => {}
        Need::Tables => {
            return Err(StoreError::NoRuns {
                path: home.dir().to_owned(),
            });
        }
        Need::Migration(found) => {
            schema::migrate(&mut conn, MIGRATIONS, &path).map_err(|error| match error {
                StoreError::ReadOnly { path, .. } => StoreError::Older {
                    path,
                    found,
                    known: MIGRATIONS.len() as u32,
                },
                other => other,
            })?;
        }
    }
    if (1..SMALL).contains(&home.wal_bytes()) {
        leave_wal(&conn).at(&path)?;
    }
    conn.pragma_update(None, "query_only", true).at(&path)?;
    Ok(conn)
}

fn need(conn: &Connection, path: &Path) -> Result<Need, StoreError> {
    let header = schema::header(conn).at(path)?;
    refusing(conn, header.need(MIGRATIONS.len(), path))
}

/// A store that is refused is left exactly as it is, also by the closing of the connection.
fn refusing(conn: &Connection, need: Result<Need, StoreError>) -> Result<Need, StoreError> {
    if need.is_err() {
        // If even this fails, closing merges what its own program had committed: tidy, and still true.
        let _ = leave_wal(conn);
    }
    need
}

/// Makes closing this connection leave the WAL as it is.
pub(super) fn leave_wal(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

fn is_denied(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    // A connection here belongs to one thread at a time.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|error| {
        if path.exists() {
            StoreError::sql(path, &error)
        } else {
            StoreError::Missing {
                path: path.to_owned(),
            }
        }
    })?;
    conn.busy_timeout(PATIENCE).at(path)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

fn connect_immutable(path: &Path) -> Result<Connection, StoreError> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    connect(
        Path::new(&uri),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
    )
    .map_err(|_| StoreError::Unreachable {
        path: path.to_owned(),
        detail: "it cannot be read".into(),
    })
}

/// Makes an empty store. It is made aside, synced once, and then put in place in one move, so that nobody ever sees half of
/// it and no step of it needs a sync of its own.
fn create(home: &Home) -> Result<(), StoreError> {
    home.create()?;
    let path = home.database();
    let random = RandomState::new().build_hasher().finish();
    let aside = home.dir().join(format!("store.db.new-{random:016x}"));
    let made = build(&aside, &path).and_then(|()| match place(&aside, &path) {
        // Another process was faster, with the same result.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.at(&path),
    });
    // It is either linked to its place by now, or of no use.
    let _ = fs::remove_file(&aside);
    made
}

/// Makes an empty store in the file `aside`; bad news is about `path`, where it is to be.
fn build(aside: &Path, path: &Path) -> Result<(), StoreError> {
    // Says more about what is wrong with the place than SQLite does.
    let file = File::create_new(aside).at(path)?;
    let mut conn = connect(aside, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Nobody else knows of the file yet, so nothing needs a lock, a journal or a sync.
    conn.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;
         PRAGMA auto_vacuum = INCREMENTAL;",
    )
    .at(path)?;
    schema::migrate(&mut conn, MIGRATIONS, path)?;
    conn.execute_batch("PRAGMA journal_mode = WAL;").at(path)?;
    conn.close().map_err(|(_, error)| error).at(path)?;
    // Later commits are synced in the WAL only, so what they build on has to be on the disk before.
    file.sync_all().at(path)
}

fn place(aside: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(aside, path) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) && !path.exists() =>
        {
            // Some file systems know no links. What is left is a moment in which two processes could both move theirs.
            fs::rename(aside, path)
        }
        other => other,
    }
}
