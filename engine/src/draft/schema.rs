//! What a schema of an OpenAPI description says: a value it describes, and the pattern that all such values match.

use super::openapi::Api;
use serde_json::{Map, Value, json};

impl<'a> Api<'a> {
    /// A value that a schema describes.
    pub fn example(&self, schema: &'a Value, depth: u8) -> Value {
        let schema = self.resolve(schema);
        let Some(depth) = depth.checked_sub(1) else {
            return Value::Null;
        };
        for given in [&schema["example"], &schema["default"], &schema["const"]] {
            if !given.is_null() {
                return given.clone();
            }
        }
        for list in ["examples", "enum"] {
            if let Some(first) = schema[list].as_array().and_then(|all| all.first()) {
                return first.clone();
            }
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(first) = schema[choice].as_array().and_then(|all| all.first()) {
                return self.example(first, depth);
            }
        }
        if let Some(all) = schema["allOf"].as_array() {
            let mut merged = Map::new();
            for part in all {
                if let Value::Object(map) = self.example(part, depth) {
                    merged.extend(map);
                }
            }
            return Value::Object(merged);
        }
        match kind(schema) {
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "number" => schema.get("minimum").cloned().unwrap_or(json!(1.5)),
            "boolean" => json!(true),
            "array" => json!([self.example(&schema["items"], depth)]),
            "object" => {
                let required: Vec<&str> = schema["required"]
                    .as_array()
                    .map(|names| names.iter().filter_map(Value::as_str).collect())
                    .unwrap_or_default();
                let properties = schema["properties"].as_object().into_iter().flatten();
                let wanted = properties.filter(|(name, property)| {
                    let read_only = self.resolve(property)["readOnly"] == json!(true);
                    (required.is_empty() || required.contains(&name.as_str())) && !read_only
                });
                wanted
                    .map(|(name, property)| (name.clone(), self.example(property, depth)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            _ => json!(text_example(schema)),
        }
    }

    /// The pattern that whatever a schema describes matches.
    pub fn shape(&self, schema: &'a Value, depth: u8) -> Value {
        let schema = self.resolve(schema);
        let Some(depth) = depth.checked_sub(1) else {
            return json!("#ignore");
        };
        if let Some(all) = schema["allOf"].as_array() {
            let mut merged = Map::new();
            for part in all {
                if let Value::Object(map) = self.shape(part, depth) {
                    merged.extend(map);
                }
            }
            return Value::Object(merged);
        }
        let nullable = schema["nullable"] == json!(true)
            || schema["type"]
                .as_array()
                .is_some_and(|all| all.contains(&json!("null")));
        if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() {
            return json!("#ignore");
        }
        let marker = match (kind(schema), schema["format"].as_str()) {
            ("string", Some("uuid")) => "#uuid",
            ("string", Some("date-time")) => "#time",
            ("string", _) => "#string",
            ("integer", _) => "#integer",
            ("number", _) => "#number",
            ("boolean", _) => "#bool",
            ("array", _) => match self.shape(&schema["items"], depth) {
                Value::String(marker) if !marker.starts_with("##") && marker != "#ignore" => {
                    return json!(format!("#[] {marker}"));
                }
                _ => "#array",
            },
            ("object", _) => {
                let Some(properties) = schema["properties"].as_object() else {
                    return json!("#object");
                };
                if nullable {
                    return json!("##object");
                }
                let required = schema["required"].as_array();
                let keys = properties.iter().map(|(name, property)| {
                    let shape = self.shape(property, depth);
                    let must = required.is_some_and(|names| names.contains(&json!(name)));
                    (name.clone(), if must { shape } else { optional(shape) })
                });
                return keys.collect::<Map<_, _>>().into();
            }
            _ => return json!("#ignore"),
        };
        match nullable {
            true => json!(format!("#{marker}")),
            false => json!(marker),
        }
    }
}

/// A pattern that may also be missing.
fn optional(shape: Value) -> Value {
    match shape {
        Value::String(marker) if marker.starts_with("#[") => json!("##array"),
        Value::String(marker) if marker.starts_with("##") || marker == "#ignore" => json!(marker),
        Value::String(marker) => json!(format!("#{marker}")),
        _ => json!("##object"),
    }
}

/// The type a schema names, or the one its keys give away.
fn kind(schema: &Value) -> &str {
    let named = match &schema["type"] {
        Value::Array(all) => all
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        named => named.as_str(),
    };
    named.unwrap_or_else(|| match schema {
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "",
    })
}

fn text_example(schema: &Value) -> &'static str {
    match schema["format"].as_str() {
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("date") => "2026-01-31",
        Some("date-time") => "2026-01-31T12:00:00Z",
        Some("email") => "ada@example.com",
        Some("uri") => "https://example.com/",
        Some("password") => "",
        _ => "text",
    }
}
