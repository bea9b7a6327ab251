//! Where the files of a store stand. Paths in the store itself are relative to the project, so the directory can be
//! moved and copied as a whole.

use super::error::{At, StoreError};
use crate::model::RunId;
use std::fs;
use std::path::{Path, PathBuf};

/// The directory of a store, usually `.scenario`. Nothing needs to exist in it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    dir: PathBuf,
}

impl Home {
    /// The store in `dir`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The directory itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file all runs are recorded in.
    pub fn database(&self) -> PathBuf {
        self.dir.join("store.db")
    }

    /// What was committed but is not yet merged into the database file.
    pub(super) fn wal(&self) -> PathBuf {
        self.dir.join("store.db-wal")
    }

    /// How much waits there, in bytes; 0 if there is no such file.
    pub(super) fn wal_bytes(&self) -> u64 {
        fs::metadata(self.wal()).map_or(0, |meta| meta.len())
    }

    /// The folder of a run's artifacts; it may not exist. Fails for an id that would lead elsewhere, because the id may
    /// come from a store somebody else made.
    pub fn run_dir(&self, run: &RunId) -> Result<PathBuf, StoreError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if run.0.is_empty() || !run.0.chars().all(is_plain) {
            return Err(StoreError::UnsafeRunId { id: run.0.clone() });
        }
        Ok(self.dir.join("runs").join(&run.0))
    }

    /// Makes the folder of a run's artifacts, if it is not there, and names it.
    pub fn create_run_dir(&self, run: &RunId) -> Result<PathBuf, StoreError> {
        let dir = self.run_dir(run)?;
        self.create()?;
        fs::create_dir_all(&dir).at(&dir)?;
        Ok(dir)
    }

    /// Makes the directory. A new one tells git to leave it alone: records of runs are nobody's source.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        if self.dir.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(&self.dir).at(&self.dir)?;
        let ignore = self.dir.join(".gitignore");
        fs::write(&ignore, "*\n").at(&ignore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_cannot_lead_out_of_the_store() {
        let home = Home::new(".scenario");
        for id in ["", "..", "../../etc", "a/b", "/etc", "a\0b", "a.b"] {
            let refused = home.run_dir(&RunId(id.into())).unwrap_err();
            assert_eq!(refused, StoreError::UnsafeRunId { id: id.into() });
        }
        let dir = home.run_dir(&RunId("20261121-101500-k3f9".into())).unwrap();
        assert_eq!(dir, Path::new(".scenario/runs/20261121-101500-k3f9"));
    }
}
