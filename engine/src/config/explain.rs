//! What `config --explain` says: each value, where it came from and what it overrides. Secrets never leave here.

use super::environment::Variables;
use super::keys::{self, KEYS};
use super::layers::{Entry, Layers, Origin};
use super::secrets;
use super::value::{self, Shuffle, Value};
use scenario_stdlib::host::duration;
use serde_json::Value as Json;
use std::fmt;

/// A value as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Dotted, as in scenario.toml; variables stand under `env.`.
    pub name: String,
    /// Secrets are masked; empty when the setting is unset.
    pub value: String,
    pub origin: Origin,
    /// What would be in force without it, lowest first.
    pub overrides: Vec<Origin>,
}

impl Explained {
    /// The value in words: something stands there also where nothing was set.
    pub fn shown(&self) -> &str {
        match self.value.as_str() {
            "" => "(not set)",
            value => value,
        }
    }

    /// Where it came from and what it overrides: `--jobs, over .env:2, over .env:1`.
    pub fn came_from(&self) -> String {
        let lower = self.overrides.iter().rev();
        let lower = lower.filter(|origin| **origin != Origin::Default);
        lower.fold(self.origin.to_string(), |text, origin| {
            format!("{text}, over {origin}")
        })
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} = {}  [{}]",
            self.name,
            self.shown(),
            self.came_from()
        )
    }
}

/// All settings in the order of the table, then open tables, then the variables that someone wrote down for this
/// project: the rest of the environment is the machine's.
pub fn explain(
    settings: &Layers<Value>,
    variables: &Variables,
    secrets: &[String],
) -> Vec<Explained> {
    let mut rows = Vec::new();
    for key in KEYS {
        rows.push(match settings.entries.get(key.name) {
            Some(entry) => row(key.name, entry, show(key.name, &entry.set.value, secrets)),
            None => Explained {
                name: key.name.to_owned(),
                value: String::new(),
                origin: Origin::Default,
                overrides: Vec::new(),
            },
        });
    }
    for (name, entry) in &settings.entries {
        let is_open = name == keys::REPORTERS
            || keys::OPEN_TABLES.iter().any(|(table, _)| {
                *table != "env" && name.strip_prefix(table).is_some_and(|n| n.starts_with('.'))
            });
        if is_open {
            rows.push(row(name, entry, show(name, &entry.set.value, secrets)));
        }
    }
    for (name, entry) in &variables.entries {
        if entry.set.origin != Origin::Environment || !entry.overrides.is_empty() {
            let name = format!("env.{name}");
            let value = secrets::shown(&name, &entry.set.value, secrets);
            rows.push(row(&name, entry, value));
        }
    }
    rows
}

fn row<V>(name: &str, entry: &Entry<V>, value: String) -> Explained {
    Explained {
        name: name.to_owned(),
        value,
        origin: entry.set.origin.clone(),
        overrides: entry.overrides.clone(),
    }
}

fn show(name: &str, value: &Value, listed: &[String]) -> String {
    // Whoever knows the address of a chat can write there.
    if name == "notify.url" {
        return format!("[masked:{name}]");
    }
    let text = match value {
        Value::Text(text) => text.clone(),
        // Names of secrets are no secrets.
        Value::Texts(texts) => return texts.join(", "),
        Value::Duration(time) => duration::show(*time),
        Value::Count(number) => number.to_string(),
        Value::Scale(factor) => factor.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Size(bytes) => value::show_size(*bytes),
        Value::Jobs(None) => "natural".into(),
        Value::Jobs(Some(number)) => number.to_string(),
        Value::Shuffle(Shuffle::Off) => "false".into(),
        Value::Shuffle(Shuffle::On) => "true".into(),
        Value::Shuffle(Shuffle::Seed(seed)) => seed.to_string(),
        Value::Json(Json::String(text)) => text.clone(),
        Value::Json(json) => masked(json, listed).to_string(),
        Value::Reporters(reporters) => {
            let names = reporters.iter().map(|reporter| match &reporter.path {
                Some(path) => format!("{}={}", reporter.name, path.display()),
                None => reporter.name.clone(),
            });
            names.collect::<Vec<_>>().join(", ")
        }
        Value::Requirement(requirement) => return requirement.to_string(),
    };
    secrets::shown(name, &text, listed)
}

/// JSON whose keys are judged like names of variables.
fn masked(json: &Json, listed: &[String]) -> Json {
    match json {
        Json::Array(items) => items.iter().map(|item| masked(item, listed)).collect(),
        Json::Object(map) => {
            let entry = |(key, item): (&String, &Json)| {
                let hidden = secrets::shown(key, "hidden", listed) != "hidden";
                let item = match item {
                    Json::Null | Json::Bool(_) => item.clone(),
                    _ if hidden => Json::String(secrets::shown(key, "hidden", listed)),
                    item => masked(item, listed),
                };
                (key.clone(), item)
            };
            Json::Object(map.iter().map(entry).collect())
        }
        Json::String(text) => Json::String(secrets::shown("", text, listed)),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn p25_nested_secrets_are_masked_too() {
        let value = json!({"db": {"user": "ada", "password": "love", "ports": [1]}});
        assert_eq!(
            show("vars.shop", &Value::Json(value), &[]),
            r#"{"db":{"user":"ada","password":"[masked:password]","ports":[1]}}"#
        );
        assert_eq!(
            show("vars.token", &Value::Json(json!(42)), &[]),
            "[masked:token]"
        );
    }

    #[test]
    fn a_line_names_all_that_lies_below() {
        let file = |line| Origin::File {
            file: ".env".into(),
            line,
        };
        let explained = Explained {
            name: "jobs".into(),
            value: "4".into(),
            origin: Origin::Flag("--jobs"),
            overrides: vec![Origin::Default, file(1), file(2)],
        };
        assert_eq!(
            explained.to_string(),
            "jobs = 4  [--jobs, over .env:2, over .env:1]"
        );
    }
}
