//! YAML files, as far as they hold what JSON can.

use serde::Deserialize as _;
use serde_json::{Map, Number, Value};
use serde_norway::{Deserializer, Value as Yaml};

use super::read::Source;
use crate::data::error::DataError;

/// Parses one YAML document. Keys are strings; anchors and merge keys are resolved.
pub fn parse_yaml(source: &Source) -> Result<Value, DataError> {
    let mut documents = Deserializer::from_str(&source.text);
    let Some(document) = documents.next() else {
        return Ok(Value::Null);
    };
    let mut yaml = Yaml::deserialize(document).map_err(|error| syntax(source, &error))?;
    if documents.next().is_some() {
        let reason = "it has several documents (`---`), and one is expected".to_string();
        return Err(DataError::Whole {
            file: source.file.clone(),
            reason,
        });
    }
    yaml.apply_merge().map_err(|error| syntax(source, &error))?;
    convert(source, yaml, "$")
}

fn syntax(source: &Source, error: &serde_norway::Error) -> DataError {
    let whole = error.to_string();
    match error.location() {
        Some(place) => {
            let reason = whole.split(" at line ").next().unwrap_or(&whole);
            DataError::Syntax {
                file: source.file.clone(),
                line: place.line(),
                column: place.column(),
                reason: format!("not YAML: {reason}"),
            }
        }
        None => DataError::Whole {
            file: source.file.clone(),
            reason: format!("not YAML: {whole}"),
        },
    }
}

fn convert(source: &Source, yaml: Yaml, path: &str) -> Result<Value, DataError> {
    let not_json = |what: String| DataError::NotJson {
        file: source.file.clone(),
        path: path.to_string(),
        what,
    };
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::String(text) => Value::String(text),
        Yaml::Number(number) => {
            let integer = number
                .as_i64()
                .map(Number::from)
                .or_else(|| number.as_u64().map(Number::from));
            let json = integer.or_else(|| number.as_f64().and_then(Number::from_f64));
            Value::Number(json.ok_or_else(|| not_json(number.to_string()))?)
        }
        Yaml::Sequence(items) => {
            let convert = |(at, item)| convert(source, item, &format!("{path}[{at}]"));
            Value::Array(
                items
                    .into_iter()
                    .enumerate()
                    .map(convert)
                    .collect::<Result<_, _>>()?,
            )
        }
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, item) in entries {
                let key = match key {
                    Yaml::String(key) => key,
                    Yaml::Number(number) => number.to_string(),
                    Yaml::Bool(value) => value.to_string(),
                    Yaml::Null => return Err(not_json("a map with an empty key".to_string())),
                    _ => return Err(not_json("a map with a key that is no text".to_string())),
                };
                let item = convert(source, item, &format!("{path}.{key}"))?;
                map.insert(key, item);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => return Err(not_json(format!("tagged {}", tagged.tag))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(text: &str) -> Result<Value, DataError> {
        parse_yaml(&Source {
            file: "a.yaml".to_string(),
            text: text.to_string(),
        })
    }

    fn told(text: &str) -> String {
        parse(text).expect_err("broken").to_string()
    }

    #[test]
    fn plain_yaml_becomes_json() {
        let text = "base: &b {a: 1}\nuse:\n  <<: *b\n  list: [yes, 1.5, ~, '007']\n8080: open\n";
        assert_eq!(
            parse(text),
            Ok(
                json!({"base": {"a": 1}, "use": {"a": 1, "list": ["yes", 1.5, null, "007"]}, "8080": "open"})
            )
        );
        assert_eq!(parse(""), Ok(Value::Null));
    }

    #[test]
    fn an_error_says_file_line_and_column() {
        let seen = told("a: 1\nb: [1, 2\nc: 3\n");
        assert!(
            seen.starts_with("a.yaml:3:") && seen.contains("not YAML: "),
            "{seen}"
        );
        let seen = told("a: 1\na: 2\n");
        assert!(seen.contains("duplicate"), "{seen}");
    }

    #[test]
    fn what_json_cannot_hold_is_told_by_path() {
        assert_eq!(
            told("list:\n  - .nan\n"),
            "a.yaml: $.list[0] is .nan, which JSON cannot hold"
        );
        assert_eq!(
            told("a: !secret x\n"),
            "a.yaml: $.a is tagged !secret, which JSON cannot hold"
        );
    }

    #[test]
    fn several_documents_are_not_one() {
        assert_eq!(
            told("a: 1\n---\nb: 2\n"),
            "a.yaml: it has several documents (`---`), and one is expected"
        );
    }

    #[test]
    fn a_bomb_of_aliases_is_an_error() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_string();
        for level in 1..10 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(told(&text).contains("repetition limit"), "{}", told(&text));
    }
}
