//! The ways a time can be written or used wrongly.

use thiserror::Error;

use crate::host::duration::DurationError;

/// A time, zone, format or unit that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimeError {
    #[error("`{0}` is not a time")]
    NotATime(String),
    #[error("`{0}` has no time zone")]
    NoZone(String),
    #[error("`{0}` is no known time zone")]
    UnknownZone(String),
    #[error("`{text}` does not have the format `{format}`: {reason}")]
    DoesNotFit {
        text: String,
        format: String,
        reason: String,
    },
    #[error("the time format `{format}` is wrong: {reason}")]
    BadFormat { format: String, reason: String },
    #[error("{0} is no point in time: it is out of range")]
    OutOfRange(String),
    #[error("a time cannot be cut to `{unit}`")]
    UnknownUnit {
        unit: String,
        nearest: Option<&'static str>,
    },
    #[error(transparent)]
    Duration(#[from] DurationError),
}

impl TimeError {
    /// The next move, where there is one to suggest.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotATime(_) => Some("write it like \"2026-01-05T10:00:00Z\"".to_string()),
            Self::NoZone(text) => {
                Some(format!("end it with `Z` or an offset, or name the zone: `time(\"{text}\", \"UTC\")`"))
            }
            Self::UnknownZone(_) => Some(
                "use a name such as \"UTC\" or \"Europe/Paris\"; the names come from the machine's time zone files"
                    .to_string(),
            ),
            Self::UnknownUnit { nearest: Some(name), .. } => Some(format!("did you mean `{name}`?")),
            Self::UnknownUnit { nearest: None, .. } => Some(format!("the units are {}", super::body::UNITS.join(", "))),
            Self::Duration(_) => Some(DurationError::HINT.to_string()),
            Self::DoesNotFit { .. } | Self::BadFormat { .. } | Self::OutOfRange(_) => None,
        }
    }
}
