//! What kind of JSON value something is, in the words of a script author.

use std::fmt;

use serde_json::Value;

/// The kinds that messages and `to_be_of_type` speak of. JSON numbers come in two kinds on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Null,
    Bool,
    Integer,
    Float,
    String,
    Array,
    Map,
}

impl Kind {
    /// The names `to_be_of_type` accepts; `number` is either of the two.
    pub const NAMES: [&'static str; 8] = [
        "string", "integer", "float", "number", "bool", "array", "map", "()",
    ];

    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Number(n) if n.is_f64() => Self::Float,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Map,
        }
    }

    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Float)
    }

    /// Whether values of these kinds can sensibly be compared for equality or order.
    pub fn is_comparable_with(self, other: Self) -> bool {
        self == other || (self.is_number() && other.is_number())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "()",
            Self::Bool => "a bool",
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Map => "a map",
        })
    }
}
