//! Maps of names and texts: environment and published values.

use super::{of, wrong};
use crate::host::failure::Failure;
use crate::service::spec::EnvLayer;
use rhai::{Dynamic, ImmutableString, Map};

/// A map of variables; numbers and booleans are written as they look, `()` removes.
pub fn environment(service: &str, key: &str, value: &Dynamic) -> Result<EnvLayer, Failure> {
    let map = value.read_lock::<Map>().ok_or_else(|| {
        wrong(
            of(service, key),
            "a map such as #{ NAME: \"value\" }",
            value,
        )
    })?;
    let mut layer = EnvLayer::new();
    for (name, value) in map.iter() {
        let refuse = |expected| wrong(format!("{} in {}", name, of(service, key)), expected, value);
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(refuse("called by a name without `=`"));
        }
        let value = value.flatten_clone();
        let text = match value.is_unit() {
            true => None,
            false => Some(
                word(&value)
                    .ok_or_else(|| refuse("a text, a number or a bool, or () to remove it"))?,
            ),
        };
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(refuse("a text without a zero byte"));
        }
        layer.insert(name.to_string(), text);
    }
    Ok(layer)
}

/// A plain value as text.
pub fn word(value: &Dynamic) -> Option<String> {
    let value = value.flatten_clone();
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Some(text.to_string());
    }
    let is_plain = value.is_int() || value.is_float() || value.is_bool() || value.is_char();
    is_plain.then(|| value.to_string())
}
