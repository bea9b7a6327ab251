//! The shape of a JSON value, as a pattern for `to_match`: types, not values, so that the next answer matches as well.

use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// Deeper values and further keys are left to the reader.
const DEPTH: usize = 4;
const KEYS: usize = 12;

/// The pattern that a value matches, and others like it.
pub fn of_value(value: &Value) -> Value {
    at_depth(value, DEPTH)
}

fn at_depth(value: &Value, depth: usize) -> Value {
    match value {
        // The next answer may well have something there.
        Value::Null => json!("#ignore"),
        Value::Bool(_) => json!("#bool"),
        Value::Number(number) if number.is_f64() => json!("#number"),
        Value::Number(_) => json!("#integer"),
        Value::String(text) => json!(of_text(text)),
        Value::Array(items) => of_array(items, depth),
        Value::Object(_) if depth == 0 => json!("#object"),
        Value::Object(map) => {
            let keys = map.iter().take(KEYS);
            let keys = keys.map(|(key, value)| (key.clone(), at_depth(value, depth - 1)));
            Value::Object(keys.collect::<Map<_, _>>())
        }
    }
}

fn of_text(text: &str) -> &'static str {
    static UUID: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new("^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$").expect("a good one")
    });
    static TIME: LazyLock<regex::Regex> = LazyLock::new(|| {
        regex::Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
            .expect("a good one")
    });
    if UUID.is_match(text) {
        "#uuid"
    } else if TIME.is_match(text) {
        "#time"
    } else {
        "#string"
    }
}

fn of_array(items: &[Value], depth: usize) -> Value {
    let Some(first) = items.first() else {
        return json!("#array");
    };
    match (first, at_depth(first, depth.saturating_sub(1))) {
        (Value::Object(_) | Value::Array(_), _) if depth == 0 => json!("#array"),
        (Value::Object(_), shape) => json!([shape]),
        (_, Value::String(marker)) => {
            let alike = items
                .iter()
                .all(|item| at_depth(item, depth.saturating_sub(1)) == json!(marker));
            // One of each kind may be missing from the next answer.
            match alike && marker != "#ignore" {
                true => json!(format!("#[] {marker}")),
                false => json!("#array"),
            }
        }
        _ => json!("#array"),
    }
}
