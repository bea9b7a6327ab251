//! The ways a data file can disappoint. Each names the file, and the place in it where there is one.

use thiserror::Error;

/// A data file that cannot be used. `file` is the path as it should be printed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DataError {
    #[error("no such file: {file}")]
    NotFound {
        file: String,
        nearest: Option<String>,
    },
    #[error("{file} is a folder, not a file")]
    Folder { file: String },
    #[error("cannot read {file}: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("{file} has more than {limit} bytes")]
    TooLarge { file: String, limit: u64 },
    #[error("{file}:{line}: not UTF-8 text, at byte {byte}")]
    NotText {
        file: String,
        line: usize,
        byte: usize,
    },
    #[error("{file} is UTF-16 text, not UTF-8")]
    Utf16 { file: String },
    #[error("{file}:{line}:{column}: {reason}")]
    Syntax {
        file: String,
        line: usize,
        column: usize,
        reason: String,
    },
    #[error("{file}: {reason}")]
    Whole { file: String, reason: String },
    #[error("{file}:{line}: row {row} has {seen} fields, the header has {wanted}")]
    Ragged {
        file: String,
        line: u64,
        row: usize,
        seen: usize,
        wanted: usize,
    },
    #[error("{file}: the header is missing")]
    NoHeader { file: String },
    #[error("{file}:{line}: column {column} has no name")]
    UnnamedColumn {
        file: String,
        line: u64,
        column: usize,
    },
    #[error("{file}:{line}: two columns are called `{name}`")]
    SameColumn {
        file: String,
        line: u64,
        name: String,
    },
    #[error("{file}: {path} is {what}, which JSON cannot hold")]
    NotJson {
        file: String,
        path: String,
        what: String,
    },
    #[error("the delimiter is one ASCII character, not `{0}`")]
    Delimiter(String),
}

impl DataError {
    /// The next move, where there is one to suggest.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound {
                nearest: Some(name),
                ..
            } => Some(format!("did you mean `{name}`?")),
            Self::NotFound { nearest: None, .. } => {
                Some("the path is relative to the folder of the script".to_string())
            }
            Self::Utf16 { .. } | Self::NotText { .. } => Some("save it as UTF-8".to_string()),
            Self::Ragged { seen: 1, .. } => {
                Some("is the delimiter another one? e.g. `#{ delimiter: \";\" }`".to_string())
            }
            Self::Ragged { .. } => {
                Some("put a field that contains the delimiter in double quotes".to_string())
            }
            _ => None,
        }
    }
}
