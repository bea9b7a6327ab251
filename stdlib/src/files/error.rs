//! What can go wrong with a scenario's own files.

use crate::host::failure::{Code, Failure, Kind};
use crate::host::json::JsonError;
use std::io;
use std::path::PathBuf;

/// Each way it can.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("a path is missing")]
    NoPath,
    #[error("`{path}` leads out of the scenario's own directory")]
    Outside {
        path: String,
        allowed: Vec<PathBuf>,
        why: String,
    },
    #[error("`{path}` is a directory")]
    Directory { path: String },
    #[error("`{path}` is no regular file")]
    Special { path: String },
    #[error("there is no file `{path}`")]
    NoFile {
        path: String,
        looked_in: Vec<PathBuf>,
        near: Option<String>,
    },
    #[error("{what} cannot be written to a file")]
    Content { what: String },
    #[error(transparent)]
    NotJson(#[from] JsonError),
    #[error("`{path}` is not text: byte {at} is not UTF-8")]
    NotText { path: String, at: usize },
    #[error("`{path}` has {bytes} bytes; a script can read up to {most}")]
    TooLarge { path: String, bytes: u64, most: u64 },
    #[error("`{pattern}` is no pattern: {why}")]
    Pattern { pattern: String, why: String },
    #[error("option `prefix` of `temp_dir` must be a plain name")]
    Prefix { got: String },
    #[error("cannot {what} `{}`: {error}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        error: io::Error,
    },
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let message = error.to_string();
        let usage = || Failure::usage(message.clone());
        match error {
            FileError::NoPath => usage().hint("write_file(\"config/app.json\", …)"),
            FileError::Outside { allowed, why, .. } => usage()
                .detail("because", why)
                .detail("allowed", format!("below {}", in_a_row(&allowed)))
                .hint(
                    "use a relative path without `..`, or one that work_dir() or temp_dir() gave",
                ),
            FileError::NoFile {
                looked_in, near, ..
            } => {
                let failure = Failure::new(Kind::Usage, Code::Script, message.clone())
                    .detail("looked in", in_a_row(&looked_in));
                match near {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint("ask file_exists(path) first if it may be missing"),
                }
            }
            FileError::Content { .. } | FileError::NotJson(_) => {
                usage().hint("write text, bytes, or a map or list, which is written as JSON")
            }
            FileError::NotText { .. } => usage().hint("read it with read_bytes(path)"),
            FileError::Pattern { .. } => {
                usage().hint("write it like \"logs/*.log\" or \"**/*.png\"")
            }
            FileError::Prefix { got } => usage().detail("got", got),
            FileError::Directory { .. }
            | FileError::Special { .. }
            | FileError::TooLarge { .. } => usage(),
            FileError::Io { .. } => Failure::fault(message),
        }
    }
}

fn in_a_row(places: &[PathBuf]) -> String {
    let places: Vec<String> = places
        .iter()
        .map(|place| place.display().to_string())
        .collect();
    places.join(", ")
}
