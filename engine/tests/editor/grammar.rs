//! The files of the VS Code extension: valid, and in step with what a script can say.

use regex::Regex;
use scenario::complete::book;
use scenario_stdlib::catalog::Form;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../docs/editors/vscode")
        .join(name)
}

fn json(name: &str) -> Value {
    let text = std::fs::read_to_string(file(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The words a pattern lists: `\b(a|b)\b`.
fn words(pattern: &str) -> BTreeSet<String> {
    let list = pattern.split_once('(').unwrap().1;
    let list = list.rsplit_once("\\b(").map_or(list, |(_, list)| list);
    let list = list.split(')').next().unwrap();
    list.split('|').map(str::to_owned).collect()
}

/// With `UPDATE_REFERENCE=1` the lists are written instead of compared.
#[test]
fn the_grammar_lists_what_there_is() {
    let path = "syntaxes/rhai.tmLanguage.json";
    let mut grammar = json(path);
    let functions: BTreeSet<String> = book()
        .entries
        .iter()
        .filter(|(_, entry)| entry.form == Form::Function)
        .map(|(_, entry)| entry.name.clone())
        .collect();
    let globals: BTreeSet<String> = book()
        .globals
        .iter()
        .map(|global| global.name.to_owned())
        .collect();
    let of_functions = "/repository/calls/patterns/0/match";
    let of_globals = "/repository/names/patterns/0/match";
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        let list = |words: &BTreeSet<String>| {
            words
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("|")
        };
        *grammar.pointer_mut(of_functions).unwrap() =
            format!("\\b({})\\s*(?=\\()", list(&functions)).into();
        *grammar.pointer_mut(of_globals).unwrap() =
            format!("(?<!\\.)\\b({})\\b", list(&globals)).into();
        let text = serde_json::to_string_pretty(&grammar).unwrap();
        std::fs::write(file(path), text + "\n").unwrap();
        return;
    }
    let listed = |pointer| words(grammar.pointer(pointer).unwrap().as_str().unwrap());
    let hint = "UPDATE_REFERENCE=1 cargo nextest run -p scenario grammar";
    assert_eq!(listed(of_functions), functions, "{hint}");
    assert_eq!(listed(of_globals), globals, "{hint}");
}

fn patterns(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("match" | "begin" | "end", Value::String(pattern)) => {
                        found.push(pattern.clone());
                    }
                    _ => patterns(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| patterns(item, found)),
        _ => {}
    }
}

fn includes(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("include", Value::String(name)) => found.push(name.clone()),
                    _ => includes(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| includes(item, found)),
        _ => {}
    }
}

#[test]
fn the_patterns_of_the_grammar_compile_and_its_parts_are_there() {
    let grammar = json("syntaxes/rhai.tmLanguage.json");
    let mut all = Vec::new();
    patterns(&grammar, &mut all);
    assert!(all.len() > 15);
    // What our engine does not know and the editor's does.
    let beyond =
        Regex::new(r"\(\?[=!]([^()\\]|\\.|\[[^\]]*\])*\)|\(\?<!([^()\\]|\\.)*\)|\\1").unwrap();
    for pattern in all {
        let plain = beyond.replace_all(&pattern, "");
        Regex::new(&plain).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    }
    let mut parts = Vec::new();
    includes(&grammar, &mut parts);
    for part in parts {
        let name = part.trim_start_matches('#');
        assert!(
            grammar["repository"][name].is_object(),
            "{part} is not there"
        );
    }
}

#[test]
fn the_extension_names_files_that_are_there() {
    let package = json("package.json");
    let contributes = &package["contributes"];
    for path in [
        &package["main"],
        &contributes["languages"][0]["configuration"],
        &contributes["grammars"][0]["path"],
        &contributes["snippets"][0]["path"],
    ] {
        assert!(file(path.as_str().unwrap()).is_file(), "{path}");
    }
    json("language-configuration.json");
}

#[test]
fn snippets_are_scripts() {
    let snippets = json("snippets/scenario.json");
    let place = Regex::new(r"\$\{\d+:([^}]*)\}|\$\d+|\$\{\d+\}").unwrap();
    let project = crate::common::Project::new().file("rows.csv", "name\nAda\n");
    let mut files = Vec::new();
    for (index, (name, snippet)) in snippets.as_object().unwrap().iter().enumerate() {
        let lines = snippet["body"].as_array().unwrap().iter();
        let text: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
        let text = place
            .replace_all(&text.join("\n"), "$1")
            .replace("\\$", "$");
        let inside =
            ["step", "http.get", "http.post", "wait_until", "phase"].contains(&name.as_str());
        let whole = match (inside, name.as_str()) {
            (true, "phase") | (false, _) => text,
            (true, _) => format!("scenario(\"a\", || {{ {text} }});"),
        };
        let file = format!("s{index}.rhai");
        project.write(&file, whole);
        files.push(file);
    }
    let mut args = vec!["check"];
    args.extend(files.iter().map(String::as_str));
    project.run(&args).passes();
}
