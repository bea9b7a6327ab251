//! A project whose temporary and runtime directories are its own, so that whatever is left can be found.

use super::{Project, Ran, Running};
use rustix::process::{Pid, Signal, kill_process};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Long enough for any machine: only a hang is ever told apart by it.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct House {
    pub project: Project,
}

impl House {
    pub fn new(script: &str) -> Self {
        let project = Project::script(script);
        let folder = |name: &str| {
            let path = project.path(name);
            std::fs::create_dir_all(&path).expect("a directory");
            path.to_str().expect("text").to_owned()
        };
        let (temporary, runtime) = (folder("tmp"), folder("runtime"));
        let project = project
            .env("TMPDIR", &temporary)
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("SCENARIO", env!("CARGO_BIN_EXE_scenario"));
        Self { project }
    }

    /// Starts `a.rhai`; gives back the run's id as soon as there is one.
    pub fn start(&self) -> (Running, String) {
        let running = self.project.start(&["run", "--json", "a.rhai"]);
        running.until("\"run_started\"");
        let text = running.stdout();
        let line = text.lines().next().expect("a line");
        let event: serde_json::Value = serde_json::from_str(line).expect("an event");
        let run = event["run"].as_str().expect("an id").to_owned();
        (running, run)
    }

    pub fn run(&self) -> Ran {
        self.project.run(&["run", "a.rhai"])
    }

    /// What stands in the temporary directory.
    pub fn directories(&self) -> Vec<PathBuf> {
        list(self.project.path("tmp"))
    }

    /// The ledgers of guards that have not ended in order.
    pub fn ledgers(&self) -> Vec<PathBuf> {
        let mut all = list(self.project.path("runtime/scenario"));
        // Beside them are the ports that are given out, a file each.
        all.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "ledger")
        });
        all
    }
}

fn list(folder: PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

/// A living process of a run.
#[derive(Clone, Debug)]
pub struct Alive {
    pub pid: i32,
    pub name: String,
    pub command: String,
}

impl Alive {
    pub fn is_ours(&self) -> bool {
        self.name == "scenario-guard" || self.name == "scenario-keeper"
    }

    pub fn kill(&self) {
        if let Some(pid) = Pid::from_raw(self.pid) {
            // It may have ended meanwhile.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// The processes that carry the mark of a run, guard and keepers too.
pub fn alive(run: &str) -> Vec<Alive> {
    let mark = format!("SCENARIO_RUN_ID={run}");
    let entries = std::fs::read_dir("/proc").expect("there is /proc");
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_marked = |pid: &i32| {
        let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environ
            .split(|byte| *byte == 0)
            .any(|entry| entry == mark.as_bytes())
    };
    pids.filter(is_marked)
        .map(|pid| {
            let read = |file: &str| {
                let text = std::fs::read_to_string(format!("/proc/{pid}/{file}"));
                text.unwrap_or_default()
                    .replace('\0', " ")
                    .trim()
                    .to_owned()
            };
            Alive {
                pid,
                name: read("comm"),
                command: read("cmdline"),
            }
        })
        .collect()
}

/// Waits until nothing of the run is left; says how long that took, or what is left.
pub fn gone(run: &str) -> Result<Duration, Vec<Alive>> {
    let began = Instant::now();
    loop {
        let left = alive(run);
        if left.is_empty() {
            return Ok(began.elapsed());
        }
        if began.elapsed() > PATIENCE {
            return Err(left);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
