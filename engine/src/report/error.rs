//! Why a reporter cannot be set up, or stopped working.

use std::io;
use std::path::PathBuf;

/// Why reporters cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("there is no reporter called `{name}`\n  hint: {hint}")]
    Unknown { name: String, hint: String },
    #[error(
        "`{spec}` names a reporter but no file\n  hint: write {name}=FILE, or {name} alone for stdout"
    )]
    NoFile { spec: String, name: String },
    #[error(
        "reporters `{first}` and `{second}` would both write to stdout\n  hint: give one a file: --reporter {second}=FILE"
    )]
    BothOnStdout { first: String, second: String },
    #[error("reporters `{first}` and `{second}` would both write to {}", path.display())]
    SameFile {
        first: String,
        second: String,
        path: PathBuf,
    },
    #[error("reporter `{name}` {}", cannot_write(path, source))]
    CannotWrite {
        name: String,
        path: PathBuf,
        source: io::Error,
    },
}

impl ReportError {
    /// Whether the command line is wrong; otherwise the machine is.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::CannotWrite { .. })
    }
}

/// `cannot write junit.xml: no space left on device`.
pub fn cannot_write(path: &std::path::Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}

/// A reporter that stopped working; the others went on. Turns the exit code to fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub reporter: &'static str,
    pub reason: String,
}
