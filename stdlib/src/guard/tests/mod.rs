//! Real processes under a real guard: this test program in its hidden role.

mod detaching;
mod ending;
mod logs;
mod starting;

use super::{Guard, GuardError, Process, Program, Spawn, role};
use crate::host::fake::runtime;
use crate::machine;
use std::path::Path;
use std::time::{Duration, Instant};

/// Not a test: what the guard under test executes.
#[test]
#[ignore = "the role of the guard, started by other tests"]
fn role() {
    if std::env::args().any(|arg| arg == role::ARGUMENT) {
        role::enter_in_test();
    }
}

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A guard, and a directory for what its processes write.
struct House {
    guard: Guard,
    folder: tempfile::TempDir,
    run: String,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let run = format!("t{}-{}", std::process::id(), fastrand());
        let guard = Guard::start(&run, None).expect("a guard");
        Self { guard, folder, run }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn order(&self, program: Program) -> Spawn {
        let mut spawn = Spawn::new(
            "test",
            "it",
            program,
            self.folder.path(),
            self.folder.path(),
        );
        spawn.env.insert(
            "PATH".into(),
            std::env::var("PATH").expect("there are programs"),
        );
        spawn
    }

    fn shell(&self, line: &str) -> Process {
        self.start(self.order(Program::Shell(line.into())))
            .expect("it starts")
    }

    fn start(&self, spawn: Spawn) -> Result<Process, GuardError> {
        wait(self.guard.spawn(spawn))
    }

    /// Processes that carry the mark of this guard, by command line; guard and keepers are left out.
    fn alive(&self) -> Vec<String> {
        marked(&self.run)
            .into_iter()
            .filter(|(_, command)| !command.starts_with("scenario "))
            .map(|(_, command)| command)
            .collect()
    }
}

/// Two guards of one process must not share a mark.
fn fastrand() -> u32 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Living processes with this run id in their environment.
fn marked(run: &str) -> Vec<(i32, String)> {
    use role::tree;
    tree::all()
        .filter(|pid| tree::has_variable(*pid, role::RUN_ID, run))
        .filter(|pid| machine::look(*pid).is_some_and(|seen| !seen.is_zombie))
        .map(|pid| (pid, tree::command(pid)))
        .collect()
}

#[track_caller]
fn wait<T>(future: impl Future<Output = T>) -> T {
    runtime()
        .block_on(async { tokio::time::timeout(PATIENCE, future).await })
        .expect("it comes to an end")
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn texts(lines: Vec<super::Line>) -> Vec<String> {
    lines.into_iter().map(|line| line.text).collect()
}

fn exists(path: &Path) -> bool {
    path.exists()
}
