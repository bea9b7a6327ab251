//! A builder for runs of the real program: `Project::script("…").run(&["run", "a.rhai"]).exits(1)`. What a run wrote
//! is compared as a whole, with what differs from run to run (ids, times, ports, seeds) replaced by its name.
#![allow(dead_code, reason = "each test binary uses its part")]

mod redact;
mod server;

pub use redact::redact;
pub use server::{Closed, Tls};

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Long enough for any machine: only a hang is ever told apart by it.
const PATIENCE: Duration = Duration::from_secs(60);

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
        Self {
            folder: tempfile::tempdir().expect("a directory"),
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
        command
            .args(args)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .envs(
                self.env
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            );
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.start(args).end()
    }

    /// Starts the program and lets it run.
    pub fn start(&self, args: &[&str]) -> Running {
        let child = self
            .command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Running {
            child: Some(child),
            folder: self.folder.path().to_path_buf(),
        }
    }

    /// Waits until a running script has written the file `name`, which is how scripts and tests meet.
    #[track_caller]
    pub fn wait_for(&self, name: &str) {
        let began = Instant::now();
        while !self.path(name).exists() {
            assert!(began.elapsed() < PATIENCE, "{name} was never written");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A run of the program that goes on; it is killed when the test ends first.
pub struct Running {
    child: Option<Child>,
    folder: PathBuf,
}

impl Running {
    fn child(&mut self) -> &mut Child {
        self.child.as_mut().expect("it runs")
    }

    pub fn pid(&mut self) -> u32 {
        self.child().id()
    }

    pub fn signal(&mut self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.pid()).expect("a pid"));
        nix::sys::signal::kill(pid, signal).expect("signalled");
    }

    /// Reads standard output and error to their end and waits for the process.
    #[track_caller]
    pub fn end(mut self) -> Ran {
        let mut child = self.child.take().expect("it runs");
        let watched = std::sync::Arc::new(std::sync::Mutex::new(false));
        let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
        let ended = watched.clone();
        let (tell, hear) = std::sync::mpsc::channel::<()>();
        let watchdog = std::thread::spawn(move || {
            if hear.recv_timeout(PATIENCE).is_err() {
                *ended.lock().expect("unpoisoned") = true;
                let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
            }
        });
        let mut pipe = child.stderr.take().expect("piped");
        let errors = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            bytes
        });
        let mut stdout = Vec::new();
        let mut pipe = child.stdout.take().expect("piped");
        let _ = pipe.read_to_end(&mut stdout);
        let stderr = errors.join().expect("read");
        let status = child.wait().expect("it ended");
        let _ = tell.send(());
        let _ = watchdog.join();
        let ran = Ran::of(
            Output {
                status,
                stdout,
                stderr,
            },
            &self.folder,
        );
        assert!(
            !*watched.lock().expect("unpoisoned"),
            "it never ended\nstdout:\n{}\nstderr:\n{}",
            ran.stdout,
            ran.stderr
        );
        ran
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
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
            !head && !line.starts_with("look closer: ") && *line != "--- stdout"
        });
        let mut out: Vec<&str> = Vec::new();
        for line in shown {
            if !line.trim().is_empty() || out.last().is_some_and(|last| !last.trim().is_empty()) {
                out.push(line);
            }
        }
        out.join("\n")
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
