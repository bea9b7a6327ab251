//! From a path to named lists of records.

use std::path::Path;

use super::error::SeedError;
use crate::data::body::{self, CsvOptions, Source};
use crate::host::suggest;
use serde_json::{Map, Value};

/// Records for one table or collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// What it fills: the name of the file without its ending and a number in front.
    pub name: String,
    /// As messages call it.
    pub file: String,
    pub records: Vec<Map<String, Value>>,
}

const ENDINGS: &[&str] = &["json", "yaml", "yml", "csv"];

/// Reads a file, or every file of records in a folder by name. A relative `path` starts at `folder`.
pub fn read(folder: &Path, path: &str) -> Result<Vec<Batch>, SeedError> {
    let full = folder.join(path);
    if full.is_file() {
        return named_lists(folder, path);
    }
    if !full.is_dir() {
        return Err(SeedError::NotFound {
            path: path.to_owned(),
            nearest: neighbour(&full),
        });
    }
    let mut names: Vec<String> = std::fs::read_dir(&full)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && ENDINGS.contains(&ending(name)))
        .collect();
    names.sort();
    let mut batches: Vec<Batch> = Vec::new();
    for name in names {
        let file = format!("{}/{name}", path.trim_end_matches('/'));
        let records = records(&file, parse(folder, &file)?)?;
        let batch = Batch {
            name: table(&name),
            file,
            records,
        };
        if let Some(other) = batches.iter().find(|other| other.name == batch.name) {
            return Err(SeedError::Twice {
                name: batch.name,
                first: other.file.clone(),
                second: batch.file,
            });
        }
        batches.push(batch);
    }
    match batches.is_empty() {
        true => Err(SeedError::NoFiles {
            folder: path.to_owned(),
        }),
        false => Ok(batches),
    }
}

/// One file: records for what it is named after, or a map of lists for several.
fn named_lists(folder: &Path, path: &str) -> Result<Vec<Batch>, SeedError> {
    let value = parse(folder, path)?;
    let is_lists = |map: &Map<String, Value>| {
        let is_records = |value: &Value| {
            value
                .as_array()
                .is_some_and(|items| items.iter().all(Value::is_object))
        };
        !map.is_empty() && map.values().all(is_records)
    };
    match value {
        Value::Object(map) if is_lists(&map) => map
            .into_iter()
            .map(|(name, list)| {
                let records = records(path, list)?;
                Ok(Batch {
                    name,
                    file: path.to_owned(),
                    records,
                })
            })
            .collect(),
        value => {
            let name = Path::new(path)
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or(path);
            Ok(vec![Batch {
                name: table(name),
                file: path.to_owned(),
                records: records(path, value)?,
            }])
        }
    }
}

fn parse(folder: &Path, path: &str) -> Result<Value, SeedError> {
    let ending = ending(path);
    if !ENDINGS.contains(&ending) {
        return Err(SeedError::Kind {
            file: path.to_owned(),
        });
    }
    let source: Source = body::read_text(folder, path, body::LIMIT)?;
    Ok(match ending {
        "json" => body::parse_json(&source)?,
        "csv" => without_blanks(body::parse_csv(&source, CsvOptions::default())?),
        _ => body::parse_yaml(&source)?,
    })
}

/// CSV has no other way to say that there is nothing.
fn without_blanks(mut rows: Value) -> Value {
    let fields = rows
        .as_array_mut()
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut);
    for field in fields.flat_map(|row| row.values_mut()) {
        if field.as_str() == Some("") {
            *field = Value::Null;
        }
    }
    rows
}

fn records(file: &str, value: Value) -> Result<Vec<Map<String, Value>>, SeedError> {
    let shape = |what: String| SeedError::Shape {
        file: file.to_owned(),
        what,
    };
    match value {
        Value::Object(record) => Ok(vec![record]),
        Value::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(at, item)| match item {
                Value::Object(record) => Ok(record),
                other => Err(shape(format!("[{at}] is {}", in_words(&other)))),
            })
            .collect(),
        other => Err(shape(format!("it is {}", in_words(&other)))),
    }
}

fn in_words(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// `01_users.json` fills `users`: the number says when.
fn table(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let rest = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix(['_', '-']) {
        Some(plain) if rest.len() < stem.len() && !plain.is_empty() => plain.to_owned(),
        _ => stem.to_owned(),
    }
}

fn neighbour(full: &Path) -> Option<String> {
    let wrong = full.file_name()?.to_str()?;
    let names: Vec<String> = std::fs::read_dir(full.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    suggest::nearest(wrong, names.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::failure::Failure;
    use crate::seed::missing;
    use serde_json::json;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        folder
    }

    fn told(files: &[(&str, &str)], path: &str) -> String {
        let folder = folder(files);
        Failure::from(read(folder.path(), path).expect_err("broken")).render()
    }

    #[test]
    fn p22_a_folder_becomes_lists_named_after_its_files() {
        let files = [
            ("seed/02_todos.yaml", "- title: wash\n  done: false\n"),
            (
                "seed/01-users.json",
                "[{\"name\": \"Ada\"}, {\"name\": \"Bob\"}]",
            ),
            ("seed/plans.csv", "id,note\n1,\n"),
            ("seed/one.json", "{\"id\": 1}"),
            ("seed/README.md", "not a file of records"),
        ];
        let folder = folder(&files);
        let batches = read(folder.path(), "seed/").expect("records");
        let names: Vec<_> = batches
            .iter()
            .map(|batch| (batch.name.as_str(), batch.records.len()))
            .collect();
        assert_eq!(
            names,
            [("users", 2), ("todos", 1), ("one", 1), ("plans", 1)]
        );
        assert_eq!(batches[3].records[0]["note"], json!(null));
        assert_eq!(batches[0].file, "seed/01-users.json");
    }

    #[test]
    fn one_file_may_fill_several() {
        let text = r#"{"users": [{"id": 1}], "todos": []}"#;
        let folder = folder(&[("all.json", text)]);
        let batches = read(folder.path(), "all.json").expect("records");
        assert_eq!(batches.len(), 2);
        assert!(
            batches
                .iter()
                .any(|batch| batch.name == "users" && batch.records.len() == 1)
        );
    }

    #[test]
    fn p22_what_is_wrong_is_told_by_file() {
        assert_eq!(
            told(&[("seed/users.json", "")], "seeds"),
            "no such file or folder: seeds\n  hint: did you mean `seed`?"
        );
        assert_eq!(
            told(&[("seed/users.json", "[1]")], "seed"),
            "seed/users.json: [0] is a number, and a record is a map\n  hint: write a list of maps, [{\"id\": 1}, …], or one map"
        );
        assert_eq!(
            told(&[("seed/users.json", "{")], "seed"),
            "seed/users.json:1:1: not JSON: EOF while parsing an object"
        );
        assert_eq!(
            told(&[("seed/notes.txt", "")], "seed"),
            "seed holds no file of records\n  hint: a file is named after what it fills: users.json, users.csv, users.yaml"
        );
        assert_eq!(
            told(
                &[("seed/users.json", "[]"), ("seed/1_users.csv", "id\n")],
                "seed"
            ),
            "seed/1_users.csv and seed/users.json are both for `users`\n  hint: put the records into one file"
        );
        assert_eq!(
            told(&[("users.txt", "")], "users.txt"),
            "users.txt is no file of records\n  hint: known are: .json, .csv, .yaml, .yml"
        );
    }

    #[test]
    fn p22_a_required_name_without_a_file_is_an_error() {
        let batches = [Batch {
            name: "users".into(),
            file: "users.json".into(),
            records: Vec::new(),
        }];
        let required = vec![("user".to_owned(), 3)];
        let error = missing(&required, &batches, "seed", |_| 0).expect("missing");
        assert_eq!(
            Failure::from(error).render(),
            "`user` requires 3, and seed has no file for it\n  hint: did you mean `users`?"
        );
        assert!(missing(&required, &batches, "seed", |_| 3).is_none());
    }
}
