//! What is there at the prompt, as completion needs it: made after each statement, so that a key asks nobody.

use super::session::Session;
use rhai::{Dynamic, Engine};
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::http;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// What is there.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Each with the type of its value, in the words of a script.
    pub locals: Vec<(String, String)>,
    pub shapes: HashMap<String, Shape>,
    /// The text in which functions and imports stand.
    pub definitions: String,
    /// The texts of the modules that are imported there, by their paths.
    pub modules: HashMap<String, String>,
    pub services: Vec<String>,
}

/// The keys of a map, and theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// In the words of a script.
    pub kind: String,
    pub keys: BTreeMap<String, Shape>,
    /// That of the first item, for a list.
    pub item: Option<Box<Shape>>,
}

/// Keys looked at in one map, and how deep: nobody completes further.
const KEYS: usize = 200;
const DEPTH: usize = 6;

impl Known {
    pub fn of(session: &Session) -> Self {
        let clock = Arc::new(Clock::start("a look", Duration::from_secs(1)));
        let (_, engine) = session.engine(&clock);
        let variables = session.variables();
        let shapes: HashMap<String, Shape> = variables
            .iter()
            .map(|(name, value)| (name.clone(), Shape::of(value, &engine, DEPTH)))
            .collect();
        let prompt = session.prompt();
        let paths = crate::source::check::imports(prompt.definitions());
        let modules = paths.into_iter().filter_map(|path| {
            let text = session.library().import(prompt.name(), &path)?.text;
            Some((path, text))
        });
        Self {
            locals: variables
                .iter()
                .map(|(name, _)| (name.clone(), shapes[name].kind.clone()))
                .collect(),
            shapes,
            definitions: prompt.definitions().to_owned(),
            modules: modules.collect(),
            services: super::services::names(session.attempt()),
        }
    }
}

impl Shape {
    fn of(value: &Dynamic, engine: &Engine, depth: usize) -> Self {
        let mut shape = Self {
            kind: word(value, engine),
            ..Self::default()
        };
        let Some(depth) = depth.checked_sub(1) else {
            return shape;
        };
        if let Some(map) = value.read_lock::<rhai::Map>() {
            let some = map.iter().take(KEYS);
            shape.keys = some
                .map(|(key, value)| (key.to_string(), Self::of(value, engine, depth)))
                .collect();
        } else if let Some(list) = value.read_lock::<rhai::Array>() {
            let first = list.first().map(|first| Self::of(first, engine, depth));
            shape.item = first.map(Box::new);
        } else if let Some(response) = http::response_of(value)
            && let Ok(json) = response.json::<serde_json::Value>()
        {
            let json = Self::of_json(&json, depth);
            shape.keys.insert("json".into(), json);
        }
        shape
    }

    fn of_json(json: &serde_json::Value, depth: usize) -> Self {
        use serde_json::Value;
        let mut shape = Self {
            kind: match json {
                Value::Null => "",
                Value::Bool(_) => "bool",
                Value::Number(number) if number.is_f64() => "number",
                Value::Number(_) => "integer",
                Value::String(_) => "text",
                Value::Array(_) => "list",
                Value::Object(_) => "map",
            }
            .to_owned(),
            ..Self::default()
        };
        let Some(depth) = depth.checked_sub(1) else {
            return shape;
        };
        match json {
            Value::Object(map) => {
                let some = map.iter().take(KEYS);
                shape.keys = some
                    .map(|(key, value)| (key.clone(), Self::of_json(value, depth)))
                    .collect();
            }
            Value::Array(items) => {
                let first = items.first().map(|first| Self::of_json(first, depth));
                shape.item = first.map(Box::new);
            }
            _ => {}
        }
        shape
    }
}

/// The type of a value in the words of a script.
pub fn word(value: &Dynamic, engine: &Engine) -> String {
    let name = value.type_name();
    let name = match value.is_shared() {
        true => value.flatten_clone().type_name(),
        false => name,
    };
    let word = match engine.map_type_name(name) {
        "string" => "text",
        "array" => "list",
        "i64" => "integer",
        "f64" => "number",
        "Fn" => "closure",
        "blob" => "bytes",
        "()" => "",
        other => other,
    };
    word.rsplit("::").next().unwrap_or(word).to_owned()
}
