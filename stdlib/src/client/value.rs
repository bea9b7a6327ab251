//! A value on its way between a script and a server: JSON, and bytes besides.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Number;

/// What a server keeps, in the types a script has.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// Only on its way to a server; scripts get texts.
    Time(Timestamp),
    List(Vec<Value>),
    /// In the order of the server.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Bytes as text where they are text.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes(error.into_bytes()),
        }
    }

    /// A whole number that may be too large for a script, which then gets its digits.
    pub fn from_unsigned(number: u64) -> Self {
        match i64::try_from(number) {
            Ok(number) => Self::Int(number),
            Err(_) => Self::Text(number.to_string()),
        }
    }

    /// The same for JSON; whole numbers beyond 64 bits become floats, as everywhere.
    pub fn from_json(value: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Self::Int(number),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Self::Text(text),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from_json).collect()),
            Json::Object(map) => Self::Map(
                map.into_iter()
                    .map(|(key, value)| (key, Self::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// As JSON: bytes in base64, and a number that JSON does not have as text.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => match Number::from_f64(*number) {
                Some(number) => Json::Number(number),
                None => Json::String(number.to_string()),
            },
            Self::Text(text) => Json::String(text.clone()),
            Self::Bytes(bytes) => Json::String(STANDARD.encode(bytes)),
            Self::Time(time) => Json::String(time.to_string()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.to_json()))
                    .collect(),
            ),
        }
    }

    /// As JSON for the account of a run: what is long is cut.
    pub fn account(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        const LONGEST: usize = 500;
        const MOST: usize = 50;
        match self {
            Self::Text(text) => Json::String(crate::host::json::cut(text, LONGEST)),
            Self::Bytes(bytes) => Json::String(format!("({} bytes)", bytes.len())),
            Self::List(items) => {
                let mut kept: Vec<Json> = items.iter().take(MOST).map(Self::account).collect();
                if items.len() > MOST {
                    kept.push(Json::String(format!("… ({} more)", items.len() - MOST)));
                }
                Json::Array(kept)
            }
            Self::Map(entries) => Json::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.account()))
                    .collect(),
            ),
            plain => plain.to_json(),
        }
    }

    /// What it is, with its article.
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::Null => "()",
            Self::Bool(_) => "a bool",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "a string",
            Self::Bytes(_) => "bytes",
            Self::Time(_) => "a time",
            Self::List(_) => "an array",
            Self::Map(_) => "a map",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_survives_a_round_trip() {
        let value = json!({"a": [1, 2.5, null, true, "x"], "b": {"c": -1}});
        assert_eq!(Value::from_json(value.clone()).to_json(), value);
    }

    #[test]
    fn what_is_long_is_cut_in_the_account() {
        let list = Value::List(vec![Value::Int(1); 52]);
        assert_eq!(list.account()[50], json!("… (2 more)"));
        assert_eq!(Value::Bytes(vec![0; 3]).account(), json!("(3 bytes)"));
    }

    #[test]
    fn bytes_that_are_text_are_text() {
        assert_eq!(
            Value::from_bytes(b"abc".to_vec()),
            Value::Text("abc".into())
        );
        assert_eq!(Value::from_bytes(vec![255]), Value::Bytes(vec![255]));
    }
}
