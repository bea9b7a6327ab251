//! Ends what killed runs left behind. A process is touched only if it is marked as one of a run whose guard and keepers are
//! all gone, and began after that guard, in the same boot of the machine.

use super::{EXTENSION, Entry, Place};
use crate::guard::role::{RUN_ID, cgroup, tree};
use crate::machine::{self, Seen};
use nix::sys::signal::Signal;
use rustix::fs::{FlockOperation, flock};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long processes may take to end by themselves.
const GRACE: Duration = Duration::from_millis(500);

/// After so long of killing, what is left cannot be killed.
const HOPELESS: Duration = Duration::from_secs(5);

/// What one killed run had left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaped {
    pub run: String,
    /// Number and command line of each process that was ended.
    pub processes: Vec<(i32, String)>,
    /// Directories that were removed.
    pub directories: Vec<PathBuf>,
}

impl std::fmt::Display for Reaped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = |count: usize, one: &str, many: &str| {
            format!("{count} {}", if count == 1 { one } else { many })
        };
        let mut parts = Vec::new();
        if !self.processes.is_empty() {
            let named = self.processes.iter().take(5);
            let named: Vec<String> = named.map(|(pid, line)| format!("{pid} `{line}`")).collect();
            let more = if self.processes.len() > 5 {
                ", …"
            } else {
                ""
            };
            let count = plural(self.processes.len(), "process", "processes");
            parts.push(format!("ended {count} ({}{more})", named.join(", ")));
        }
        if !self.directories.is_empty() {
            let count = plural(self.directories.len(), "directory", "directories");
            parts.push(format!("removed {count}"));
        }
        write!(
            f,
            "run {} was killed and left something behind: {}",
            self.run,
            parts.join(", ")
        )
    }
}

/// Looks through the ledgers in `folder` and ends what nobody looks after any more.
pub fn reap(folder: &Path) -> Vec<Reaped> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let ledgers = entries.flatten().map(|entry| entry.path());
    ledgers
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == EXTENSION)
        })
        .filter_map(|path| reap_one(&path))
        .filter(|reaped| !reaped.processes.is_empty() || !reaped.directories.is_empty())
        .collect()
}

fn reap_one(path: &Path) -> Option<Reaped> {
    let mut file = File::open(path).ok()?;
    // Locked: guard or keepers live.
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let mut lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Entry>(line).ok());
    let reaped = match lines.next() {
        Some(Entry::Head {
            run, place, began, ..
        }) => {
            let mut reaped = Reaped {
                run,
                ..Reaped::default()
            };
            let mut places: Vec<Place> = Vec::new();
            let mut groups = Vec::new();
            for line in lines {
                match line {
                    Entry::Directory(place) => places.push(place),
                    Entry::Keep(path) => places.retain(|place| place.path != path),
                    Entry::Cgroup(path) => groups.push(path),
                    // The search for marked processes finds these too.
                    Entry::Process { .. } | Entry::Head { .. } => {}
                }
            }
            if !place.is_empty() && place == machine::here() {
                reaped.processes = end(&reaped.run, began);
                groups.iter().for_each(|group| cgroup::clear(group));
            }
            places.retain(Place::remove);
            reaped.directories = places.into_iter().map(|place| place.path).collect();
            Some(reaped)
        }
        _ => None,
    };
    let _ = fs::remove_file(path);
    reaped
}

/// Ends every process of the run; gives back which there were.
fn end(run: &str, began: u64) -> Vec<(i32, String)> {
    let spared = ancestors();
    let mut named: Vec<(i32, String)> = Vec::new();
    let since = Instant::now();
    let mut asked = HashSet::new();
    loop {
        let left = marked(run, began, &spared);
        let age = since.elapsed();
        if left.is_empty() || age > HOPELESS {
            return named;
        }
        for seen in left {
            if !named.iter().any(|(pid, _)| *pid == seen.pid) {
                named.push((seen.pid, tree::command(seen.pid)));
            }
            if age > GRACE {
                tree::send(&seen, Signal::SIGKILL);
            } else if asked.insert((seen.pid, seen.began)) {
                tree::send(&seen, Signal::SIGTERM);
                tree::send(&seen, Signal::SIGCONT);
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The living processes that carry the mark of the run.
fn marked(run: &str, began: u64, spared: &HashSet<i32>) -> Vec<Seen> {
    tree::all()
        .filter(|pid| !spared.contains(pid) && tree::has_variable(*pid, RUN_ID, run))
        .filter_map(machine::look)
        .filter(|seen| seen.began >= began && !seen.is_zombie)
        .collect()
}

/// This process and all above it: a run inside a killed run must not end itself.
fn ancestors() -> HashSet<i32> {
    let mut found = HashSet::new();
    let mut pid = std::process::id() as i32;
    while pid > 0 && found.insert(pid) {
        pid = machine::look(pid).map_or(0, |seen| seen.parent);
    }
    found
}
