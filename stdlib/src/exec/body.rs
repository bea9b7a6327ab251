//! Runs one command to its end, and what it left to its end too.

use super::command::Command;
use super::error::{ExecError, Said};
use crate::guard::{Exit, Guard, GuardError, Leftover, Process, Spawn, StopPlan, Stream};
use crate::host::duration;
use crate::host::json;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// How long what is left may take to end by itself.
const GRACE: Duration = Duration::from_secs(1);

/// Lines of output below a failure.
const LINES_SHOWN: usize = 30;

/// Characters of each stream in the account of a step.
const KEPT: usize = 2000;

/// A command that ended, and what it said.
#[derive(Debug)]
pub struct Ran {
    pub command: String,
    pub exit: Exit,
    pub stdout: String,
    pub stderr: String,
    pub leftovers: Vec<Leftover>,
}

/// Runs `command` for `owner`.
pub async fn run(guard: &Guard, owner: &str, command: Command) -> Result<Ran, ExecError> {
    let shown = json::cut(&command.program.show(), 200);
    let files = Files::new(guard)?;
    let mut spawn = Spawn::new(owner, "exec", command.program, command.cwd, "");
    spawn.env = command.env;
    spawn.stdin = command.stdin;
    spawn.stdout = files.stdout.clone();
    spawn.stderr = files.stderr.clone();
    spawn.stop = StopPlan {
        grace: GRACE,
        ..StopPlan::default()
    };
    let process = guard.spawn(spawn).await?;
    let exit = match command.timeout {
        None => process.exited().await,
        Some(limit) => match tokio::time::timeout(limit, process.exited()).await {
            Ok(exit) => exit,
            Err(_) => {
                process.stop().await;
                let said = Said {
                    stdout: last(&read(&process, Stream::Stdout, &shown)?),
                    stderr: last(&read(&process, Stream::Stderr, &shown)?),
                };
                return Err(ExecError::TimedOut {
                    command: shown,
                    limit: duration::show(limit),
                    said,
                });
            }
        },
    };
    // What it left may hold its pipes, and is not waited for but ended.
    let ended = process.stop().await;
    Ok(Ran {
        exit,
        stdout: read(&process, Stream::Stdout, &shown)?,
        stderr: read(&process, Stream::Stderr, &shown)?,
        command: shown,
        leftovers: ended.leftovers,
    })
}

fn read(process: &Process, stream: Stream, command: &str) -> Result<String, ExecError> {
    let bytes = process
        .log()
        .bytes(stream)
        .map_err(|error| ExecError::Unreadable {
            command: command.to_owned(),
            error,
        })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The last lines, without the empty space behind them.
fn last(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n")
}

impl Ran {
    /// The failure it is when the exit code is not accepted.
    pub fn failed(&self) -> ExecError {
        ExecError::Failed {
            command: self.command.clone(),
            how: self.exit.to_string(),
            code: self.exit.code(),
            said: Said {
                stdout: last(&self.stdout),
                stderr: last(&self.stderr),
            },
        }
    }

    /// What the account of a step keeps.
    pub fn account(&self) -> Value {
        let left: Vec<String> = self.leftovers.iter().map(ToString::to_string).collect();
        let mut account = json!({
            "code": self.exit.code(),
            "how": self.exit.how.to_string(),
            "micros": self.exit.after.as_micros() as u64,
            "stdout": end_of(&self.stdout),
            "stderr": end_of(&self.stderr),
        });
        if !left.is_empty() {
            account["left"] = left.into();
        }
        account
    }
}

fn end_of(text: &str) -> String {
    let count = text.chars().count();
    match count.checked_sub(KEPT) {
        None | Some(0) => text.to_owned(),
        Some(more) => {
            let rest: String = text.chars().skip(more).collect();
            format!("({more} more characters) …{rest}")
        }
    }
}

/// Where the output is kept while the command runs.
struct Files {
    stdout: PathBuf,
    stderr: PathBuf,
    folder: tempfile::TempDir,
}

impl Files {
    fn new(guard: &Guard) -> Result<Self, GuardError> {
        let scratch = guard.scratch()?;
        let folder = tempfile::Builder::new()
            .prefix("exec-")
            .tempdir_in(scratch)
            .map_err(|error| GuardError::NoLog {
                path: scratch.to_owned(),
                cause: error.to_string(),
            })?;
        Ok(Self {
            stdout: folder.path().join("out"),
            stderr: folder.path().join("err"),
            folder,
        })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // The keeper of a command that was abandoned may still write there.
        let _ = std::fs::remove_dir_all(self.folder.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_shown() {
        let many: String = (0..100).map(|n| format!("line {n}\n")).collect();
        let shown = last(&many);
        assert_eq!(shown.lines().count(), LINES_SHOWN);
        assert!(shown.ends_with("line 99"));
        assert_eq!(last("\n \n"), "");
    }

    #[test]
    fn a_step_keeps_the_end_of_long_output() {
        let kept = end_of(&"é".repeat(KEPT + 5));
        assert!(kept.starts_with("(5 more characters) …é"), "{kept}");
        assert_eq!(end_of("short"), "short");
    }
}
