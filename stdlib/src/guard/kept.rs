//! Processes that live on without their host, because they were told to, and how another host finds them again.

use super::error::GuardError;
use super::process::Process;
use super::spawn::Limits;
use serde::{Deserialize, Serialize};
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// How the notes of such processes end.
pub const EXTENSION: &str = "kept";

/// A process that lives on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The run that started it.
    pub run: String,
    pub owner: String,
    pub name: String,
    pub pid: i32,
    pub stdout: PathBuf,
    pub stderr: PathBuf,
    pub limits: Limits,
    /// Where its keeper listens.
    pub socket: PathBuf,
}

/// What becomes of an adopted process when its new host goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It ends, as if this host had started it.
    Own,
    /// It lives on.
    Use,
}

/// The processes that live on, by their notes in the folder of the ledgers. Notes that nobody stands behind are removed.
pub fn kept(folder: &Path) -> Vec<Kept> {
    let notes = fs::read_dir(folder).into_iter().flatten().flatten();
    let notes = notes.map(|entry| entry.path()).filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == EXTENSION)
    });
    let mut found: Vec<Kept> = notes
        .filter_map(|path| {
            let kept: Kept = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
            // A keeper that was killed could not take its note away.
            if !lives_in(kept.pid, &kept.run) && UnixStream::connect(&kept.socket).is_err() {
                let _ = fs::remove_file(&kept.socket);
                let _ = fs::remove_file(path);
                return None;
            }
            Some(kept)
        })
        .collect();
    found.sort_by(|a, b| (&a.run, &a.name).cmp(&(&b.run, &b.name)));
    found
}

/// Whether the process of this number lives, and was started by the run of that id.
pub fn lives_in(pid: i32, run: &str) -> bool {
    super::role::tree::has_variable(pid, super::role::RUN_ID, run)
}

impl Kept {
    /// Takes it over. Refused while another host has it.
    pub async fn adopt(&self, hold: Hold) -> Result<Process, GuardError> {
        let stream = UnixStream::connect(&self.socket).map_err(|_| GuardError::Gone)?;
        Process::adopt(stream, self, hold).await
    }
}
