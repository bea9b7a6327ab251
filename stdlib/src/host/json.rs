//! Between script values and JSON, without silent changes. Strict: what is not JSON is refused by name.

use super::wording::kind;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use std::fmt;

/// Why a script value is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("{path} is {what}, which is not JSON")]
    NotJson { path: String, what: String },
    #[error("{path} is {what}, and JSON has no such number")]
    NotANumber { path: String, what: String },
    #[error("{path} is nested too deeply")]
    TooDeep { path: String },
}

const DEEPEST: usize = 128;

/// A script value as JSON; `name` is how the value is called in messages, such as `state.port`.
pub fn to_json(value: &Dynamic, name: &str) -> Result<Value, JsonError> {
    convert(value, &mut vec![name.to_owned()])
}

fn convert(value: &Dynamic, path: &mut Vec<String>) -> Result<Value, JsonError> {
    if path.len() > DEEPEST {
        return Err(JsonError::TooDeep {
            path: path[0].clone(),
        });
    }
    if value.is_shared() {
        return convert(&value.flatten_clone(), path);
    }
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(b) = value.as_bool() {
        return Ok(Value::Bool(b));
    }
    if let Ok(i) = value.as_int() {
        return Ok(Value::from(i));
    }
    if let Ok(f) = value.as_float() {
        return Number::from_f64(f)
            .map(Value::Number)
            .ok_or_else(|| JsonError::NotANumber {
                path: path.concat(),
                what: f.to_string(),
            });
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(Value::String(text.to_string()));
    }
    if let Ok(c) = value.as_char() {
        return Ok(Value::String(c.to_string()));
    }
    if let Some(items) = value.read_lock::<Array>() {
        let mut out = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            path.push(format!("[{index}]"));
            out.push(convert(item, path)?);
            path.pop();
        }
        return Ok(Value::Array(out));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let mut out = serde_json::Map::with_capacity(map.len());
        for (key, item) in map.iter() {
            path.push(format!(".{key}"));
            out.insert(key.to_string(), convert(item, path)?);
            path.pop();
        }
        return Ok(Value::Object(out));
    }
    if let Some(text) = text_of(value) {
        return Ok(Value::String(text));
    }
    Err(JsonError::NotJson {
        path: path.concat(),
        what: type_in_words(value),
    })
}

/// The text that JSON has for a host value, such as a point in time.
fn text_of(value: &Dynamic) -> Option<String> {
    crate::TEXTS.iter().find_map(|text| text(value))
}

/// JSON as a script value. Whole numbers beyond 64 bits become floats, as JSON allows.
pub fn from_json(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(b) => (*b).into(),
        Value::Number(n) => match n.as_i64() {
            Some(i) => i.into(),
            None => n.as_f64().unwrap_or(f64::NAN).into(),
        },
        Value::String(s) => s.as_str().into(),
        Value::Array(items) => items.iter().map(from_json).collect::<Array>().into(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.as_str().into(), from_json(item)))
            .collect::<Map>()
            .into(),
    }
}

/// A script value that is read from JSON text, by the rules of [`from_json`] but without the detour.
#[derive(Clone, Debug)]
pub struct Parsed(pub Dynamic);

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Parser).map(Self)
    }
}

struct Parser;

impl<'de> Visitor<'de> for Parser {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::UNIT)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Dynamic, E> {
        Ok(truth.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Dynamic, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Dynamic, E> {
        Ok(match i64::try_from(number) {
            Ok(number) => number.into(),
            Err(_) => (number as f64).into(),
        })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Dynamic, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Dynamic, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Dynamic, A::Error> {
        let mut list = Array::new();
        while let Some(Parsed(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Dynamic, A::Error> {
        let mut map = Map::new();
        while let Some((key, Parsed(value))) = entries.next_entry::<String, _>()? {
            map.insert(key.into(), value);
        }
        Ok(map.into())
    }
}

/// The type of a value as a script author calls it, with its article: `an array`, `a closure`.
pub fn type_in_words(value: &Dynamic) -> String {
    let value = if value.is_shared() {
        &value.flatten_clone()
    } else {
        value
    };
    match value.is::<Blob>() {
        true => "bytes".into(),
        false => kind(value.type_name()),
    }
}

/// A value as a person would write it in a script, cut to `limit` characters.
pub fn show(value: &Dynamic, limit: usize) -> String {
    let value = if value.is_shared() {
        &value.flatten_clone()
    } else {
        value
    };
    let text = if value.is_unit() {
        "()".to_owned()
    } else if value.is_fnptr() {
        "a closure".to_owned()
    } else if let Some(text) = text_of(value) {
        text
    } else {
        match to_json(value, "value") {
            Ok(json) => json.to_string(),
            Err(_) => value.to_string(),
        }
    };
    cut(&text, limit)
}

/// `text` cut to `limit` characters, saying how much is gone.
pub fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => {
            let left = text[end..].chars().count();
            format!("{}… ({left} more characters)", &text[..end])
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
        assert_eq!(to_json(&from_json(&value), "v").unwrap(), value);
    }

    #[test]
    fn text_is_read_like_the_value_it_stands_for() {
        let text = r#"{"a": [1, -1, 2.5, 1e3, null, true, "x\n"], "b": {"a": 1, "a": 2}, "c": 18446744073709551615}"#;
        let Parsed(read) = serde_json::from_str(text).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", from_json(&value)));
        let b = read.read_lock::<Map>().unwrap()["b"].clone();
        assert_eq!(to_json(&b, "b").unwrap(), json!({"a": 2}));
    }

    #[test]
    fn what_is_not_json_is_named_by_path() {
        let mut map = Map::new();
        map.insert(
            "list".into(),
            vec![Dynamic::from(rhai::FnPtr::new("f").unwrap())].into(),
        );
        let error = to_json(&map.into(), "state.x").unwrap_err();
        assert_eq!(
            error.to_string(),
            "state.x.list[0] is a closure, which is not JSON"
        );
        let error = to_json(&f64::NAN.into(), "v").unwrap_err();
        assert_eq!(error.to_string(), "v is NaN, and JSON has no such number");
    }

    #[test]
    fn long_values_are_cut_and_say_so() {
        assert_eq!(show(&"abcdef".into(), 3), "\"ab… (5 more characters)");
    }
}
