//! What can go wrong with the store, each with its place and the next move.

use super::lease::Holder;
use crate::model::RunId;
use rusqlite::ErrorCode;
use scenario_stdlib::host::duration;
use scenario_stdlib::host::failure::{Failure, Kind};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a process waits for another one that is writing.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Why the store could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("there is no store of runs at {}", path.display())]
    Missing { path: PathBuf },
    #[error(
        "the store {} is of version {found}, but this program knows versions up to {known}",
        path.display()
    )]
    Newer {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    #[error(
        "the store {} is of version {found}; it has to be brought to version {known} first, but cannot be written",
        path.display()
    )]
    Older {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    #[error("{} is not a store of runs", path.display())]
    NotAStore { path: PathBuf },
    #[error("the store {} is damaged: {detail}", path.display())]
    Damaged { path: PathBuf, detail: String },
    #[error("there is no space left for the store {}", path.display())]
    Full { path: PathBuf },
    #[error("the store {} cannot be written: {detail}", path.display())]
    ReadOnly { path: PathBuf, detail: String },
    #[error("the store {} cannot be opened: {detail}", path.display())]
    Unreachable { path: PathBuf, detail: String },
    #[error(
        "the store {} was locked by another process for more than {}",
        path.display(),
        duration::show(PATIENCE)
    )]
    Locked { path: PathBuf },
    #[error("input or output failed for {}: {detail}", path.display())]
    Io { path: PathBuf, detail: String },
    #[error("the store {} refused a statement: {detail}", path.display())]
    Statement { path: PathBuf, detail: String },
    #[error("the run {run} is held by {by}")]
    Held { run: RunId, by: Box<Holder> },
    #[error("the run {run} was taken over by another process while this one was writing it")]
    TakenOver { run: RunId },
    #[error("another process has already written these events of the run {run}")]
    Conflict { run: RunId },
    #[error(
        "the run {run} was recorded as version {found} of the events, but this program knows versions up to {known}"
    )]
    NewerRun { run: RunId, found: u32, known: u32 },
    #[error("no run is called `{text}`")]
    UnknownRun { text: String, hint: String },
    #[error("`{text}` is the beginning of several runs: {}", candidates.join(", "))]
    AmbiguousRun {
        text: String,
        candidates: Vec<String>,
    },
    #[error("there are no runs yet in {}", path.display())]
    NoRuns { path: PathBuf },
    #[error("`{id}` cannot be the name of a run's folder")]
    UnsafeRunId { id: String },
    #[error("event {seq} cannot be written as JSON: {detail}")]
    NotJson { seq: u64, detail: String },
    #[error("the thread that writes the store could not go on: {detail}")]
    WriterDied { detail: String },
}

impl StoreError {
    /// The next move.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { .. } | Self::NoRuns { .. } => {
                "it is made by the first `scenario run`".into()
            }
            Self::Newer { .. } | Self::NewerRun { .. } => {
                "update `scenario`, or use another store directory".into()
            }
            Self::Older { path, .. } => format!(
                "copy {} to a place that can be written and open it there",
                parent(path).display()
            ),
            Self::NotAStore { path } => format!("move {} away", path.display()),
            Self::Damaged { path, .. } => format!(
                "see `sqlite3 {} .recover`, or move the file away to begin anew",
                path.display()
            ),
            Self::Full { .. } => "free some space on that disk, or lower the retention".into(),
            Self::ReadOnly { path, .. } | Self::Unreachable { path, .. } => {
                format!(
                    "check the rights and the owner of {}",
                    parent(path).display()
                )
            }
            Self::Locked { .. } => "look for a process that stands still while writing it".into(),
            Self::Io { .. } => "check the disk; the system's log may say more".into(),
            Self::Held { .. } => "wait until it ends, or stop that process".into(),
            Self::TakenOver { .. } | Self::Conflict { .. } => {
                "only one process may continue a run".into()
            }
            Self::UnknownRun { hint, .. } => hint.clone(),
            Self::AmbiguousRun { .. } => "give more of its id".into(),
            Self::UnsafeRunId { .. } => "ids consist of letters, digits, `-` and `_`".into(),
            Self::Statement { .. } | Self::NotJson { .. } | Self::WriterDied { .. } => {
                return None;
            }
        })
    }

    /// Whether the command line is wrong rather than the machine.
    fn kind(&self) -> Kind {
        match self {
            Self::UnknownRun { .. }
            | Self::AmbiguousRun { .. }
            | Self::NoRuns { .. }
            | Self::Missing { .. }
            | Self::Held { .. }
            | Self::Newer { .. }
            | Self::NewerRun { .. }
            | Self::UnsafeRunId { .. } => Kind::Usage,
            _ => Kind::Fault,
        }
    }

    /// An error of SQLite about the database at `path`.
    pub(super) fn sql(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let detail = error.to_string();
        let Some(code) = error.sqlite_error_code() else {
            return Self::Statement { path, detail };
        };
        match code {
            ErrorCode::DiskFull => Self::Full { path },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly { path, detail },
            ErrorCode::CannotOpen => Self::Unreachable { path, detail },
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed => Self::Locked { path },
            ErrorCode::NotADatabase => Self::NotAStore { path },
            ErrorCode::DatabaseCorrupt => Self::Damaged { path, detail },
            ErrorCode::SystemIoFailure => Self::Io { path, detail },
            _ => Self::Statement { path, detail },
        }
    }

    /// An error of the file system about `path`.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        let detail = error.to_string();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path, detail }
            }
            _ => Self::Io { path, detail },
        }
    }
}

/// The directory to look at when `path` cannot be used.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let failure = match error.kind() {
            Kind::Usage => Failure::usage(error.to_string()),
            _ => Failure::fault(error.to_string()),
        };
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Adds the path of the database to what SQLite says.
pub(super) trait At<T> {
    /// Turns an error into one of the store at `path`.
    fn at(self, path: &Path) -> Result<T, StoreError>;
}

impl<T> At<T> for rusqlite::Result<T> {
    fn at(self, path: &Path) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::sql(path, &error))
    }
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::io(path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_news_names_the_file_and_the_next_move() {
        let error = StoreError::Newer {
            path: ".scenario/store.db".into(),
            found: 7,
            known: 1,
        };
        assert_eq!(
            Failure::from(&error).render(),
            "the store .scenario/store.db is of version 7, but this program knows versions up to 1\n  \
             hint: update `scenario`, or use another store directory"
        );
    }

    #[test]
    fn a_wrong_run_is_a_usage_error_and_a_full_disk_a_fault() {
        let wrong = StoreError::UnknownRun {
            text: "x".into(),
            hint: String::new(),
        };
        assert_eq!(Failure::from(&wrong).kind, Kind::Usage);
        let full = StoreError::Full { path: "s".into() };
        assert_eq!(Failure::from(&full).kind, Kind::Fault);
    }

    #[test]
    fn sqlite_speaks_in_our_words() {
        let failure = |code| {
            let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            StoreError::sql(Path::new("s"), &error)
        };
        assert_eq!(failure(13), StoreError::Full { path: "s".into() });
        assert_eq!(failure(5), StoreError::Locked { path: "s".into() });
        assert_eq!(failure(26), StoreError::NotAStore { path: "s".into() });
        assert!(matches!(failure(8), StoreError::ReadOnly { .. }));
        assert!(matches!(failure(11), StoreError::Damaged { .. }));
        assert!(matches!(failure(10), StoreError::Io { .. }));
    }
}
