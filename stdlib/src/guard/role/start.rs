//! Starting the process of a keeper, and why it cannot be.

use super::super::error::GuardError;
use super::super::spawn::Program;
use super::super::wire::Order;
use super::{RUN_ID, sys};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, PipeWriter};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where the streams of the process go.
pub struct Streams {
    pub stdin: Stdio,
    pub stdout: PipeWriter,
    pub stderr: PipeWriter,
}

/// Executes the main process.
pub fn main_process(order: &Order, run: &str, streams: Streams) -> Result<Child, GuardError> {
    let mut command = command(&order.program, order, run)?;
    command
        .stdin(streams.stdin)
        .stdout(streams.stdout)
        .stderr(streams.stderr)
        // A group of its own in the session of the keeper: no terminal can reach it.
        .process_group(0);
    sys::set_apart(&mut command);
    command
        .spawn()
        .map_err(|error| explain(&order.program, order, &error))
}

/// Executes the stop command, beside the main process.
pub fn stop_command(order: &Order, run: &str, streams: Streams) -> Option<Child> {
    let program = order.stop.command.as_ref()?;
    let mut command = command(program, order, run).ok()?;
    command
        .stdin(streams.stdin)
        .stdout(streams.stdout)
        .stderr(streams.stderr)
        .process_group(0);
    sys::set_apart(&mut command);
    command.spawn().ok()
}

fn command(program: &Program, order: &Order, run: &str) -> Result<Command, GuardError> {
    let argv = program.argv();
    let Some((first, rest)) = argv.split_first().filter(|(first, _)| !first.is_empty()) else {
        return Err(GuardError::NoCommand);
    };
    let mut command = Command::new(first);
    command
        .args(rest)
        .env_clear()
        .envs(&order.env)
        .env(RUN_ID, run)
        .current_dir(&order.cwd);
    if let Some(user) = order.user {
        command.uid(user.id).gid(user.group);
    }
    Ok(command)
}

/// The kernel only gives a number: what it means depends on what is there.
fn explain(program: &Program, order: &Order, error: &io::Error) -> GuardError {
    if !order.cwd.is_dir() {
        return GuardError::NoDirectory {
            path: order.cwd.clone(),
        };
    }
    let name = program.argv().into_iter().next().unwrap_or_default();
    let found = find(&name, &order.env, &order.cwd);
    match (error.kind(), found) {
        (ErrorKind::NotFound, Some(path)) => GuardError::NotExecutable {
            program: name,
            cause: match interpreter(&path) {
                Some(interpreter) => format!("its interpreter `{interpreter}` is not there"),
                None => "its interpreter or loader is not there".into(),
            },
        },
        (ErrorKind::NotFound, None) => GuardError::NoProgram {
            program: name,
            path: order.env.get("PATH").cloned().unwrap_or_default(),
        },
        (ErrorKind::PermissionDenied, _) => GuardError::NotExecutable {
            program: name,
            cause: "permission denied".into(),
        },
        (ErrorKind::ExecutableFileBusy, _) => GuardError::NotExecutable {
            program: name,
            cause: "it is being written".into(),
        },
        _ if error.raw_os_error() == Some(nix::libc::ENOEXEC) => GuardError::NotExecutable {
            program: name,
            cause: "it is neither a program of this machine nor a script with `#!`".into(),
        },
        _ => GuardError::Spawn {
            what: program.show(),
            cause: error.to_string(),
        },
    }
}

fn find(name: &str, env: &BTreeMap<String, String>, cwd: &Path) -> Option<std::path::PathBuf> {
    let is_program = |path: &std::path::PathBuf| {
        path.metadata()
            .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
    };
    if name.contains('/') {
        return Some(cwd.join(name)).filter(|path| path.exists());
    }
    std::env::split_paths(env.get("PATH")?)
        .map(|folder| folder.join(name))
        .find(is_program)
}

fn interpreter(path: &Path) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    let line = bytes
        .strip_prefix(b"#!")?
        .split(|byte| *byte == b'\n')
        .next()?;
    let line = String::from_utf8_lossy(line);
    line.split_whitespace().next().map(str::to_owned)
}
