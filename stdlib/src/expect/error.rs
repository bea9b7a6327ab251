//! The ways a matcher can be used wrongly. They say that the script is wrong, never the product under test.

use thiserror::Error;

use super::body::Kind;

/// A claim that cannot be judged as written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpectError {
    /// Both sides have a type, and the types can never be equal.
    #[error(
        "cannot compare {received_kind} with {expected_kind}: received {received}, expected {expected}"
    )]
    DifferentTypes {
        received: String,
        received_kind: Kind,
        expected: String,
        expected_kind: Kind,
    },
    /// `1` and `1.0` under a negated equality: different JSON numbers, the same amount.
    #[error(
        "{received} and {expected} are the same amount but different JSON numbers, so `not` would always hold"
    )]
    SameAmount { received: String, expected: String },
    /// Ordering asked of something without an order.
    #[error("{kind} has no order: {value}")]
    NoOrder { kind: Kind, value: String },
    /// An argument of the matcher has the wrong type.
    #[error("`{matcher}` takes {wanted}, not {seen}")]
    Argument {
        matcher: &'static str,
        wanted: &'static str,
        seen: String,
    },
    /// More trees on both sides than can be compared each with each in a sensible time.
    #[error("{wanted} patterns and {received} elements are too many to compare in any order")]
    TooMany { wanted: usize, received: usize },
    /// A bare number as a truth value.
    #[error("a number is neither true nor false: {0}")]
    NumberAsTruth(String),
    /// A regular expression that does not parse.
    #[error("the regular expression `{pattern}` is wrong: {reason}")]
    Regex { pattern: String, reason: String },
    /// A marker such as `#strnig`.
    #[error("unknown marker `{marker}` at {path}")]
    UnknownMarker {
        marker: String,
        path: String,
        nearest: Option<&'static str>,
    },
    /// A marker whose argument cannot be read, such as `#[three]`.
    #[error("marker `{marker}` at {path} is wrong: {reason}")]
    BadMarker {
        marker: String,
        path: String,
        reason: String,
    },
    /// A type name that `to_be_of_type` does not know.
    #[error("unknown type `{name}`")]
    UnknownType {
        name: String,
        nearest: Option<&'static str>,
    },
    /// A JSON Schema that is itself wrong, or refers to something that is not in it.
    #[error("the JSON Schema is wrong at {path}: {reason}")]
    Schema { path: String, reason: String },
}

impl ExpectError {
    /// The next move, where there is one to suggest.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::DifferentTypes { .. } => {
                Some("convert one side first, e.g. `parse_int(x)` or `x.to_string()`".to_string())
            }
            Self::SameAmount { .. } => {
                Some("write both as integers or both as floats, or use `not_to_be_close_to`".to_string())
            }
            Self::NumberAsTruth(_) => Some("compare it, e.g. `expect(n).to_be_greater_than(0)`".to_string()),
            Self::Regex { .. } => {
                Some("look-around and back-references do not exist here; use `to_contain` for plain text".to_string())
            }
            Self::UnknownMarker { marker, nearest, .. } => Some(match nearest {
                Some(name) => format!("did you mean `{name}`? To match the text itself write `#literal {marker}`"),
                None => format!("to match the text itself write `#literal {marker}`"),
            }),
            Self::UnknownType { nearest: Some(name), .. } => Some(format!("did you mean `{name}`?")),
            Self::UnknownType { nearest: None, .. } => Some(format!("the types are {}", Kind::NAMES.join(", "))),
            Self::Schema { reason, .. } if reason.contains("not present in a registry") => {
                Some("put what it refers to under `$defs` in the same schema".to_string())
            }
            Self::TooMany { .. } => Some("sort both sides and use `to_equal` or `to_match`".to_string()),
            Self::NoOrder { .. } | Self::Argument { .. } | Self::BadMarker { .. } | Self::Schema { .. } => None,
        }
    }
}
