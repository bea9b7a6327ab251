//! JSON in colours, in one line where it fits and in several where it does not.

use super::show::Look;
use crate::report::{clean, fit};
use serde_json::Value;

/// In as few lines as fit the terminal.
pub fn json(value: &Value, look: &Look) -> String {
    let mut out = String::new();
    write(value, 0, look, &mut out);
    out
}

/// In one line, however long.
pub fn compact(value: &Value, look: &Look) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| compact(item, look)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".into(),
        Value::Object(map) => {
            let items: Vec<String> = map
                .iter()
                .map(|(name, item)| format!("{}: {}", key(name, look), compact(item, look)))
                .collect();
            format!("{{ {} }}", items.join(", "))
        }
        Value::String(text) => look.palette.good(quoted(text)),
        Value::Number(number) => look.palette.warn(number),
        Value::Bool(_) | Value::Null => look.palette.fault(value),
    }
}

fn key(name: &str, look: &Look) -> String {
    look.palette.note(quoted(name))
}

fn quoted(text: &str) -> String {
    clean::json(Value::from(text).to_string())
}

fn write(value: &Value, indent: usize, look: &Look, out: &mut String) {
    const STEP: usize = 2;
    let short = compact(value, look);
    let room = look.columns.saturating_sub(indent);
    let is_leaf = match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => true,
    };
    if is_leaf || fit::width(&short) <= room {
        out.push_str(&short);
        return;
    }
    let inner = " ".repeat(indent + STEP);
    let outer = " ".repeat(indent);
    match value {
        Value::Array(items) => {
            out.push_str("[\n");
            for (index, item) in items.iter().enumerate() {
                out.push_str(&inner);
                write(item, indent + STEP, look, out);
                out.push_str(if index + 1 < items.len() { ",\n" } else { "\n" });
            }
            out.push_str(&format!("{outer}]"));
        }
        Value::Object(map) => {
            out.push_str("{\n");
            for (index, (name, item)) in map.iter().enumerate() {
                out.push_str(&format!("{inner}{}: ", key(name, look)));
                write(item, indent + STEP, look, out);
                out.push_str(if index + 1 < map.len() { ",\n" } else { "\n" });
            }
            out.push_str(&format!("{outer}}}"));
        }
        _ => out.push_str(&short),
    }
}
