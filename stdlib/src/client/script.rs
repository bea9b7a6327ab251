//! Between script values and [`Value`].

use super::value::Value;
use crate::host::failure::Failure;
use crate::host::json;
use crate::time::Time;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};

/// A script value for a server; `name` is how it is called in messages, such as `parameter $1`.
pub fn from_script(value: &Dynamic, name: &str) -> Result<Value, Failure> {
    let value = value.flatten_clone();
    if let Some(bytes) = value.read_lock::<Blob>() {
        return Ok(Value::Bytes(bytes.clone()));
    }
    if let Some(time) = value.read_lock::<Time>() {
        return Ok(Value::Time(time.timestamp()));
    }
    if let Ok(number) = value.as_float() {
        return Ok(Value::Float(number));
    }
    if let Some(items) = value.read_lock::<Array>() {
        let items = items.iter().enumerate();
        let items = items.map(|(at, item)| from_script(item, &format!("{name}[{at}]")));
        return items.collect::<Result<_, _>>().map(Value::List);
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries = map.iter().map(|(key, item)| {
            from_script(item, &format!("{name}.{key}")).map(|item| (key.to_string(), item))
        });
        return entries.collect::<Result<_, _>>().map(Value::Map);
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(Value::Text(text.to_string()));
    }
    json::to_json(&value, name)
        .map(Value::from_json)
        .map_err(|_| {
            Failure::usage(format!(
                "{name} is {}, which no server keeps",
                json::type_in_words(&value)
            ))
            .hint("give plain data: texts, numbers, bytes, times, arrays, maps")
        })
}

/// Text or bytes as bytes; maps and lists as JSON.
pub fn content(value: &Dynamic, name: &str) -> Result<Vec<u8>, Failure> {
    Ok(match from_script(value, name)? {
        Value::Text(text) => text.into_bytes(),
        Value::Bytes(bytes) => bytes,
        Value::Time(time) => time.to_string().into_bytes(),
        other => other.to_json().to_string().into_bytes(),
    })
}

/// What a server gave, for a script.
pub fn to_script(value: Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(value) => value.into(),
        Value::Int(number) => number.into(),
        Value::Float(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Bytes(bytes) => Dynamic::from_blob(bytes),
        Value::Time(time) => time.to_string().into(),
        Value::List(items) => items.into_iter().map(to_script).collect::<Array>().into(),
        Value::Map(entries) => entries
            .into_iter()
            .map(|(key, value)| (key.into(), to_script(value)))
            .collect::<Map>()
            .into(),
    }
}
