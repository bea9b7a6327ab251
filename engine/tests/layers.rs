//! Who may import whom, held as a table. A `use crate::…` outside of it fails here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module of the engine -> modules of the engine it may name.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("config", &["model"]),
    ("source", &["model"]),
    ("complete", &["source"]),
    ("lsp", &["complete", "model", "source"]),
    ("draft", &["source"]),
    ("plan", &["model"]),
    ("run", &["model", "source"]),
    ("store", &["model"]),
    ("report", &["model"]),
    ("repl", &["source", "complete", "report"]),
    (
        "cli",
        &[
            "complete", "config", "draft", "lsp", "source", "plan", "run", "store", "report",
            "repl", "model",
        ],
    ),
];

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// The modules named by `crate::name` in a source text, comments left out.
fn named(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| {
        line.match_indices("crate::")
            .map(|(at, word)| line[at + word.len()..].to_owned())
    })
    .map(|rest| {
        rest.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    })
    .filter(|name: &String| !name.is_empty())
    .collect()
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let module = inside
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        if module == "lib" || module == "main" {
            continue;
        }
        let allowed = table
            .get(module.as_str())
            .unwrap_or_else(|| panic!("`{module}` is missing in the table"));
        for name in named(&std::fs::read_to_string(&file).unwrap()) {
            if name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!(
                    "{}: `{module}` may not import `{name}`",
                    inside.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_script_can_say_knows_nothing_of_scheduling() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib/src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap().to_lowercase();
        for word in ["shard", "reporter", "dispatcher"] {
            assert!(
                !text.contains(word),
                "{} says `{word}`: a wall was crossed",
                file.display()
            );
        }
    }
}
