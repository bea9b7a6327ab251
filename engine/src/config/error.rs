//! The ways a configuration can be wrong, each with its place and its next move.

use super::layers::Origin;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::location::Location;

/// What is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {file}: {why}")]
    Unreadable { file: String, why: String },
    #[error("{file} is not UTF-8 text")]
    NotText { file: String },
    #[error("{file} is not valid TOML: {message}")]
    Syntax {
        file: String,
        message: String,
        at: Location,
    },
    #[error("{owner} has no key `{key}`")]
    UnknownKey {
        key: String,
        owner: String,
        hint: Option<String>,
        at: Location,
    },
    #[error("`{key}` must be {expected}")]
    WrongType {
        key: String,
        expected: String,
        got: String,
        at: Location,
    },
    #[error("{}{why}", named(key, from))]
    BadValue {
        key: String,
        why: String,
        hint: Option<String>,
        from: Origin,
        at: Option<Location>,
    },
    #[error("there is no profile `{name}` (chosen by {from})")]
    UnknownProfile {
        name: String,
        from: Origin,
        hint: Option<String>,
        at: Option<Location>,
    },
    #[error("profiles extend each other in a circle: {}", chain.join(" -> "))]
    ProfileCycle { chain: Vec<String>, at: Location },
    #[error(
        "{file} chooses the profile `{chosen}`, but is only read because the profile is `{profile}`"
    )]
    ProfileTooLate {
        file: String,
        chosen: String,
        profile: String,
        at: Location,
    },
    #[error("line {} of {file} is no NAME=value", at.line)]
    EnvLine { file: String, at: Location },
    #[error("`{name}` has different values in {first} and {second}")]
    EnvConflict {
        name: String,
        first: Origin,
        second: Origin,
    },
    #[error("there is no reporter `{name}`")]
    UnknownReporter {
        name: String,
        from: Origin,
        hint: Option<String>,
        at: Option<Location>,
    },
    #[error("reporters `{first}` and `{second}` both write to {place}")]
    ReporterClash {
        first: String,
        second: String,
        place: String,
    },
}

/// A value from a file is shown with its line; any other needs to be told where it comes from.
fn named(key: &str, from: &Origin) -> String {
    match from {
        Origin::File { .. } => format!("`{key}`: "),
        Origin::Flag(flag) => format!("{flag}: "),
        Origin::Setting { name, .. } => format!("`{key}` from {name}: "),
        from => format!("`{key}` ({from}): "),
    }
}

impl ConfigError {
    fn place(&self) -> Option<&Location> {
        match self {
            Self::Syntax { at, .. }
            | Self::UnknownKey { at, .. }
            | Self::WrongType { at, .. }
            | Self::ProfileCycle { at, .. }
            | Self::ProfileTooLate { at, .. }
            | Self::EnvLine { at, .. } => Some(at),
            Self::BadValue { at, .. }
            | Self::UnknownProfile { at, .. }
            | Self::UnknownReporter { at, .. } => at.as_ref(),
            Self::Unreadable { .. }
            | Self::NotText { .. }
            | Self::EnvConflict { .. }
            | Self::ReporterClash { .. } => None,
        }
    }

    fn next_move(&self) -> Option<String> {
        match self {
            Self::UnknownKey { hint, .. }
            | Self::BadValue { hint, .. }
            | Self::UnknownProfile { hint, .. }
            | Self::UnknownReporter { hint, .. } => hint.clone(),
            Self::ProfileTooLate { .. } => {
                Some("choose the profile with --profile, SCENARIO_PROFILE or the top .env".into())
            }
            Self::EnvLine { .. } => Some("a value with spaces needs quotes: NAME=\"a b\"".into()),
            Self::EnvConflict { name, .. } => Some(format!(
                "a run has one environment: choose with --env {name}=…, or run the folders one by one"
            )),
            Self::ReporterClash { first, .. } => {
                Some(format!("give one of them a file: --reporter {first}=FILE"))
            }
            _ => None,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let mut failure = match &error {
            ConfigError::Unreadable { .. } => Self::fault(error.to_string()),
            _ => Self::usage(error.to_string()),
        };
        if let ConfigError::WrongType { got, .. } = &error {
            failure.label = format!("is {got}");
        }
        failure.location = error.place().cloned();
        failure.hint = error.next_move();
        failure
    }
}
