//! What a guard has started, on disk: for the one case that host, guard and keepers are all killed at once. The next run
//! [reaps](reap::reap) what is left. The file is locked as long as the guard or any of its keepers lives.

mod place;
pub mod reap;

pub use place::Place;

use crate::machine::{self, Seen};
use nix::fcntl::{FcntlArg, fcntl};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How the names of ledgers end.
const EXTENSION: &str = "ledger";

/// One line.
#[derive(Debug, Serialize, Deserialize)]
enum Entry {
    /// The first.
    Head {
        run: String,
        /// Boot and namespace that the process numbers belong to.
        place: String,
        host: i32,
        guard: i32,
        /// When the guard began; nothing of the run is older.
        began: u64,
    },
    Process {
        pid: i32,
        began: u64,
        command: String,
    },
    Directory(Place),
    Keep(PathBuf),
    Cgroup(PathBuf),
}

/// The ledger of one guard, while it is written.
pub struct Ledger {
    path: PathBuf,
    file: File,
}

impl Ledger {
    /// Begins one for the calling guard.
    pub fn create(folder: &Path, run: &str, host: i32) -> io::Result<Self> {
        let me = std::process::id() as i32;
        let path = folder.join(format!("{run}-{me}.{EXTENSION}"));
        let new = folder.join(format!(".{run}-{me}.new"));
        let mut options = File::options();
        let file = options.create(true).truncate(true).write(true).open(&new)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let mut ledger = Self {
            path: path.clone(),
            file,
        };
        ledger.write(&Entry::Head {
            run: run.to_owned(),
            place: machine::here(),
            host,
            guard: me,
            began: machine::look(me).map_or(0, |seen| seen.began),
        });
        // It appears under its name only when it is locked, so that nobody takes it for left behind.
        fs::rename(new, path)?;
        Ok(ledger)
    }

    /// The same ledger for a keeper.
    pub fn another(&self) -> Option<Self> {
        Some(Self {
            path: self.path.clone(),
            file: self.file.try_clone().ok()?,
        })
    }

    /// Moves its descriptor up to `above` or higher.
    pub fn rise(&mut self, above: i32) -> nix::Result<()> {
        let fd = fcntl(&self.file, FcntlArg::F_DUPFD_CLOEXEC(above))?;
        self.file = crate::guard::role::received(fd).into();
        Ok(())
    }

    pub fn process(&mut self, seen: &Seen, command: &str) {
        self.write(&Entry::Process {
            pid: seen.pid,
            began: seen.began,
            command: crate::host::json::cut(command, 200),
        });
    }

    pub fn directory(&mut self, place: &Place) {
        self.write(&Entry::Directory(place.clone()));
    }

    pub fn keep(&mut self, path: &Path) {
        self.write(&Entry::Keep(path.to_owned()));
    }

    pub fn cgroup(&mut self, path: &Path) {
        self.write(&Entry::Cgroup(path.to_owned()));
    }

    /// Nothing is left.
    pub fn close(self) {
        let _ = fs::remove_file(&self.path);
    }

    /// A line in one write, since keepers write to the same file. Without a ledger the run goes on: it is the last of
    /// several nets.
    fn write(&mut self, entry: &Entry) {
        if let Ok(mut line) = serde_json::to_vec(entry) {
            line.push(b'\n');
            let _ = self.file.write_all(&line);
        }
    }
}
