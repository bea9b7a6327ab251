//! What to start, and how it is to be ended. Plain data: it travels from the host to the keeper.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

/// What to execute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Program {
    /// The program and its arguments; no shell reads them.
    List(Vec<String>),
    /// A line for `/bin/sh -c`.
    Shell(String),
}

impl Program {
    /// The arguments as the kernel gets them.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Self::List(argv) => argv.clone(),
            Self::Shell(line) => vec!["/bin/sh".into(), "-c".into(), line.clone()],
        }
    }

    /// How it is shown: a list with quotes where a shell would need them.
    pub fn show(&self) -> String {
        match self {
            Self::List(argv) => {
                let words: Vec<String> = argv.iter().map(|word| quote(word)).collect();
                words.join(" ")
            }
            Self::Shell(line) => line.clone(),
        }
    }
}

fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// What the process reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stdin {
    /// Nothing: the end at once.
    #[default]
    Null,
    Bytes(Vec<u8>),
}

/// How much of each output stream is kept on disk. What is beyond is cut out of the middle, and the cut is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes kept from the beginning.
    pub head: u64,
    /// Bytes kept from the end.
    pub tail: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let eight_mib = 8 << 20;
        Self {
            head: eight_mib,
            tail: eight_mib,
        }
    }
}

/// How a process is ended: its own command if it has one, then the signal, then, after the grace, KILL to whatever is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopPlan {
    /// A command of its own, such as `redis-cli shutdown`; runs with the same environment and directory.
    pub command: Option<Program>,
    /// Name of the signal, such as `TERM` or `SIGINT`.
    pub signal: String,
    /// How long the command, and then the signal, may take.
    pub grace: Duration,
    /// The signal goes to the main process alone, and to its descendants only once it is gone.
    pub main_only: bool,
}

impl Default for StopPlan {
    fn default() -> Self {
        Self {
            command: None,
            signal: "TERM".into(),
            grace: Duration::from_secs(5),
            main_only: false,
        }
    }
}

/// One process to start.
#[derive(Debug)]
pub struct Spawn {
    /// Whose it is, such as the scenario; for messages and the ledger.
    pub owner: String,
    /// What it is called, such as `api`.
    pub name: String,
    pub program: Program,
    /// The whole environment. The guard adds `SCENARIO_RUN_ID`.
    pub env: BTreeMap<String, String>,
    pub cwd: PathBuf,
    pub stdin: Stdin,
    /// Where standard output is kept, byte for byte; the folder must exist. Times stand beside it, in `<stdout>.times`.
    pub stdout: PathBuf,
    /// Where standard error is kept.
    pub stderr: PathBuf,
    pub limits: Limits,
    pub stop: StopPlan,
    /// Descriptors the process inherits as 3, 4, …
    pub pass_fds: Vec<OwnedFd>,
    /// Whom it runs as, instead of as the host does.
    pub user: Option<User>,
}

/// A user and its group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: u32,
    pub group: u32,
}

impl Spawn {
    /// A process with an empty environment, nothing to read, and defaults for the rest. Its output goes to `<name>.out` and
    /// `<name>.err` in `logs`.
    pub fn new(
        owner: impl Into<String>,
        name: impl Into<String>,
        program: Program,
        cwd: impl Into<PathBuf>,
        logs: impl Into<PathBuf>,
    ) -> Self {
        let name = name.into();
        let logs = logs.into();
        Self {
            owner: owner.into(),
            program,
            env: BTreeMap::new(),
            cwd: cwd.into(),
            stdin: Stdin::Null,
            stdout: logs.join(format!("{name}.out")),
            stderr: logs.join(format!("{name}.err")),
            name,
            limits: Limits::default(),
            stop: StopPlan::default(),
            pass_fds: Vec::new(),
            user: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_shown_as_a_shell_would_need_it() {
        let argv = ["echo", "a b", "", "it's", "x=1"].map(str::to_owned);
        assert_eq!(
            Program::List(argv.to_vec()).show(),
            r"echo 'a b' '' 'it'\''s' x=1"
        );
        assert_eq!(Program::Shell("a | b".into()).show(), "a | b");
    }
}
