//! What can be wrong with files of records.

use crate::data::error::DataError;
use crate::host::failure::{Code, Failure};

/// Each way it can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    #[error("{0}")]
    File(#[from] DataError),
    #[error("no such file or folder: {path}")]
    NotFound {
        path: String,
        nearest: Option<String>,
    },
    #[error("{folder} holds no file of records")]
    NoFiles { folder: String },
    #[error("{file} is no file of records")]
    Kind { file: String },
    #[error("{file}: {what}, and a record is a map")]
    Shape { file: String, what: String },
    #[error("{first} and {second} are both for `{name}`")]
    Twice {
        name: String,
        first: String,
        second: String,
    },
    #[error("`{name}` requires {wanted}, and {place} has no file for it")]
    NoFile {
        name: String,
        wanted: i64,
        place: String,
        hint: Option<String>,
    },
    #[error("{what} {name} has {has} {items}, requires {wanted}")]
    TooFew {
        /// `table`, `collection`.
        what: &'static str,
        name: String,
        has: i64,
        /// `rows`, `documents`.
        items: &'static str,
        wanted: i64,
    },
}

impl From<SeedError> for Failure {
    /// Seed files belong to the scripts; too few records may be the doing of the product.
    fn from(error: SeedError) -> Self {
        let message = error.to_string();
        let mut failure = match &error {
            SeedError::TooFew { .. } => Self::product(Code::Assertion, message),
            _ => Self::usage(message),
        };
        failure.hint = match error {
            SeedError::File(error) => error.hint(),
            SeedError::NotFound {
                nearest: Some(near),
                ..
            } => Some(format!("did you mean `{near}`?")),
            SeedError::NotFound { .. } => {
                Some("the path is relative to the folder of the script".into())
            }
            SeedError::NoFiles { .. } => Some(
                "a file is named after what it fills: users.json, users.csv, users.yaml".into(),
            ),
            SeedError::Kind { .. } => Some("known are: .json, .csv, .yaml, .yml".into()),
            SeedError::Shape { .. } => {
                Some("write a list of maps, [{\"id\": 1}, …], or one map".into())
            }
            SeedError::Twice { .. } => Some("put the records into one file".into()),
            SeedError::NoFile { hint, .. } => hint,
            SeedError::TooFew { .. } => None,
        };
        failure
    }
}
