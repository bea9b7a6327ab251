//! Why what was typed finds nothing, and what to do about it.

use scenario_stdlib::host::failure::Failure;

/// Why what was typed finds nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    #[error("there is no file or folder `{path}`")]
    Missing { path: String, hint: Option<String> },
    #[error("`{path}` is not a script: scripts end in .rhai")]
    NotAScript { path: String },
    #[error("`{typed}`: lines count from 1")]
    LineZero { typed: String },
    #[error("`{pattern}` is not a pattern: {why}")]
    Pattern { pattern: String, why: String },
    #[error("cannot read {path}: {why}")]
    Unreadable { path: String, why: String },
    #[error("no script matches `{pattern}`")]
    NoMatch { pattern: String },
    #[error("there is no script in `{path}`")]
    EmptyFolder { path: String },
    #[error("there are no scripts: nothing matches {}", patterns.join(", "))]
    NoScripts { patterns: Vec<String> },
}

impl DiscoverError {
    /// Whether nothing was wrong but nothing was selected either, which has an exit code of its own.
    pub fn is_nothing_selected(&self) -> bool {
        matches!(
            self,
            Self::NoMatch { .. } | Self::EmptyFolder { .. } | Self::NoScripts { .. }
        )
    }
}

impl From<DiscoverError> for Failure {
    fn from(error: DiscoverError) -> Self {
        let mut failure = match &error {
            DiscoverError::Unreadable { .. } => Self::fault(error.to_string()),
            _ => Self::usage(error.to_string()),
        };
        failure.hint = match error {
            DiscoverError::Missing { hint, .. } => hint,
            DiscoverError::NoMatch { .. } => {
                Some("`*` stays within a folder, `**/` goes through all below".into())
            }
            DiscoverError::NoScripts { .. } => {
                Some("name some, or make a first one with `scenario init`".into())
            }
            _ => None,
        };
        failure
    }
}
