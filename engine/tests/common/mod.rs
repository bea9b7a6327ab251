//! A builder for runs of the real program: `Project::script("…").run(&["run", "a.rhai"]).exits(1)`. What a run wrote
//! is compared as a whole, with what differs from run to run (ids, times, ports, seeds) replaced by its name.
#![allow(dead_code, unused_imports, reason = "each test binary uses its part")]

pub mod house;
mod pty;
mod redact;
mod repository;
mod server;

pub use pty::Terminal;
pub use redact::redact;
pub use repository::{repository, run};
pub use rustix::process::Signal;
pub use server::{Closed, Tls};

use rustix::process::{Pid, kill_process};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Long enough for any machine: only a hang is ever told apart by it.
const PATIENCE: Duration = Duration::from_secs(200);

/// Where the runs of a project note what they started.
const RUNTIME: &str = ".runtime";

/// A project in a private directory.
pub struct Project {
    folder: tempfile::TempDir,
    env: Vec<(String, String)>,
}

/// What a run of the program left behind.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// An empty project whose base URL is the demo system built into the program.
    pub fn new() -> Self {
        Self::bare().file("scenario.toml", "base_url = \"demo:\"\n")
    }

    /// An empty directory.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(folder.path().join(RUNTIME)).expect("a directory");
        Self {
            folder,
            env: Vec::new(),
        }
    }

    /// A single script `a.rhai`.
    pub fn script(text: &str) -> Self {
        Self::new().file("a.rhai", text)
    }

    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(name, text);
        self
    }

    /// Like `file`, between two runs.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("written");
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The command, ready to be run or spawned, with an environment of its own.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scenario"));
        command.args(args);
        self.prepare(&mut command);
        command
    }

    fn prepare(&self, command: &mut Command) {
        let env = self.env.iter();
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            // What killed runs of other tests left is no business of this one.
            .env("XDG_RUNTIME_DIR", self.folder.path().join(RUNTIME))
            .envs(env.map(|(name, value)| (name.as_str(), value.as_str())));
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.start(args).end()
    }

    /// Starts the program and lets it run.
    pub fn start(&self, args: &[&str]) -> Running {
        self.spawn(self.command(args))
    }

    /// Starts another command in the project, with the same environment.
    pub fn spawn(&self, mut command: Command) -> Running {
        self.prepare(&mut command);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        Running {
            stdout: Pipe::read(child.stdout.take().expect("piped")),
            stderr: Pipe::read(child.stderr.take().expect("piped")),
            child,
            folder: self.folder.path().to_path_buf(),
        }
    }
}

/// A run of the program that goes on; it is killed when the test ends first.
pub struct Running {
    child: Child,
    stdout: Pipe,
    stderr: Pipe,
    folder: PathBuf,
}

/// What came out of a pipe so far.
struct Pipe(Arc<Mutex<(Vec<u8>, bool)>>);

impl Pipe {
    fn read(mut pipe: impl Read + Send + 'static) -> Self {
        let shared = Arc::new(Mutex::new((Vec::new(), false)));
        let ours = shared.clone();
        std::thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut some) {
                ours.lock().expect("unpoisoned").0.extend(&some[..count]);
            }
            ours.lock().expect("unpoisoned").1 = true;
        });
        Self(shared)
    }

    fn so_far(&self) -> Vec<u8> {
        self.0.lock().expect("unpoisoned").0.clone()
    }

    fn is_closed(&self) -> bool {
        self.0.lock().expect("unpoisoned").1
    }
}

impl Running {
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("signalled");
    }

    /// Waits until the process stands still, as after Ctrl-Z.
    #[track_caller]
    pub fn until_stopped(&self) {
        let stat = format!("/proc/{}/stat", self.child.id());
        self.wait("it never stopped", || {
            std::fs::read_to_string(&stat).is_ok_and(|stat| stat.contains(") T "))
        });
    }

    /// What was written to standard output so far.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout.so_far()).into_owned()
    }

    /// What standard output and error said so far.
    pub fn said(&self) -> String {
        let out = [self.stdout.so_far(), self.stderr.so_far()].concat();
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Waits until standard output or error said `text`.
    #[track_caller]
    pub fn until(&self, text: &str) {
        let said = |pipe: &Pipe| String::from_utf8_lossy(&pipe.so_far()).contains(text);
        self.wait(&format!("nothing said {text:?}"), || {
            said(&self.stdout) || said(&self.stderr)
        });
    }

    /// Waits until standard output has so many lines; says whether it came to that.
    #[track_caller]
    pub fn until_lines(&self, count: usize) -> bool {
        let lines = || {
            self.stdout
                .so_far()
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
        };
        self.wait("it never said enough", || {
            lines() >= count || self.stdout.is_closed()
        });
        lines() >= count
    }

    /// Waits for the end of the process and of what it writes.
    #[track_caller]
    pub fn end(mut self) -> Ran {
        self.wait("it never ended", || {
            self.stdout.is_closed() && self.stderr.is_closed()
        });
        let status = self.child.wait().expect("it ended");
        let output = Output {
            status,
            stdout: self.stdout.so_far(),
            stderr: self.stderr.so_far(),
        };
        Ran::of(output, &self.folder)
    }

    /// Waits until something has come.
    #[track_caller]
    pub fn wait(&self, otherwise: &str, mut come: impl FnMut() -> bool) {
        let began = Instant::now();
        while !come() {
            assert!(
                began.elapsed() < PATIENCE,
                "{otherwise}\nstdout:\n{}\nstderr:\n{}",
                String::from_utf8_lossy(&self.stdout.so_far()),
                String::from_utf8_lossy(&self.stderr.so_far())
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ran {
    pub fn of(output: Output, folder: &Path) -> Self {
        let text = |bytes: Vec<u8>| {
            String::from_utf8_lossy(&bytes).replace(&*folder.to_string_lossy(), "[project]")
        };
        Self {
            // A process that was ended by a signal has no code.
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Everything that was written and the exit code, redacted.
    pub fn whole(&self) -> String {
        let mut out = format!("exit {}\n", self.code);
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.trim().is_empty() {
                out.push_str(&format!("--- {name}\n{}", redact(text)));
            }
        }
        out
    }

    /// Like `whole`, without the first lines and the last, which are the same in every run.
    pub fn story(&self) -> String {
        let whole = self.whole();
        let shown = whole.lines().filter(|line| {
            let head = line.starts_with("scenario 0.") || line.contains(", profile default, ");
            let next = line.starts_with("look closer: ") || line.starts_with("run again: ");
            !head && !next && *line != "--- stdout"
        });
        let mut out: Vec<&str> = Vec::new();
        for line in shown {
            if !line.trim().is_empty() || out.last().is_some_and(|last| !last.trim().is_empty()) {
                out.push(line);
            }
        }
        out.join("\n")
    }

    /// The warnings among what was told, which come when they come, and all of standard error.
    pub fn complaints(&self) -> String {
        let stdout = redact(&self.stdout);
        let warnings = stdout.lines().filter(|line| line.starts_with("warning: "));
        let stderr = redact(&self.stderr);
        warnings
            .chain(stderr.lines())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The events of a run with `--json`.
    #[track_caller]
    pub fn events(&self) -> Vec<serde_json::Value> {
        let lines = self.stdout.lines();
        lines
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// Asserts the exit code, showing everything when it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    #[track_caller]
    pub fn passes(self) -> Self {
        self.exits(0)
    }

    /// Asserts that standard output or error holds `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "nothing says {text:?}\nstdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    #[track_caller]
    pub fn says_nothing_of(self, text: &str) -> Self {
        assert!(
            !self.stdout.contains(text) && !self.stderr.contains(text),
            "something says {text:?}\nstdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// How often standard output says `text`.
    pub fn times(&self, text: &str) -> usize {
        self.stdout.matches(text).count()
    }
}
