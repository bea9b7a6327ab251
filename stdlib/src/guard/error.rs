//! What can go wrong between the host and what it guards.

use crate::host::failure::Failure;
use crate::host::suggest;
use std::path::PathBuf;

/// Each way it can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub enum GuardError {
    #[error("the guard process cannot be started: {cause}")]
    Start { cause: String },
    #[error("the guard process is gone")]
    Gone,
    #[error("a command needs a program")]
    NoCommand,
    #[error("there is no program `{program}`")]
    NoProgram { program: String, path: String },
    #[error("`{program}` cannot be executed: {cause}")]
    NotExecutable { program: String, cause: String },
    #[error("the directory {} is not there", path.display())]
    NoDirectory { path: PathBuf },
    #[error("the log file {} cannot be written: {cause}", path.display())]
    NoLog { path: PathBuf, cause: String },
    #[error("`{name}` is no signal")]
    NoSignal { name: String },
    #[error("`{name}` cannot live on by itself: {cause}")]
    NotDetached { name: String, cause: String },
    #[error("`{name}` is in the hands of another run")]
    InUse { name: String },
    #[error("`{what}` cannot be started: {cause}")]
    Spawn { what: String, cause: String },
}

impl From<GuardError> for Failure {
    fn from(error: GuardError) -> Self {
        let message = error.to_string();
        match error {
            GuardError::NoCommand => Self::usage(message).hint("[\"program\", \"argument\", …]"),
            GuardError::NoProgram { program, path } => {
                let failure = Self::usage(message);
                if program.contains('/') {
                    return failure
                        .hint("build it first, or correct the path; it is relative to `cwd`");
                }
                let failure = failure.detail("searched in", path.clone());
                match nearest(&program, &path) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!(
                        "install the package that has `{program}`, or put its folder on PATH"
                    )),
                }
            }
            GuardError::NotExecutable { .. } => Self::usage(message)
                .hint("is it a program of this machine, and may it be executed (chmod +x)?"),
            GuardError::NoDirectory { .. } => Self::usage(message).hint("make it first"),
            GuardError::NoSignal { .. } => {
                Self::usage(message).hint("names are those of `kill -l`: TERM, INT, HUP, USR1, …")
            }
            GuardError::Start { .. }
            | GuardError::Gone
            | GuardError::NoLog { .. }
            | GuardError::NotDetached { .. }
            | GuardError::InUse { .. }
            | GuardError::Spawn { .. } => Self::fault(message),
        }
    }
}

/// The program on `path` whose name is nearest.
fn nearest(program: &str, path: &str) -> Option<String> {
    let names: Vec<String> = std::env::split_paths(path)
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    suggest::nearest(program, names.iter().map(String::as_str)).map(str::to_owned)
}
