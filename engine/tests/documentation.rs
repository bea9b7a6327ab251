//! Every example in the documentation runs, and the reference pages are those of the doc comments.

mod common;

use common::Project;
use scenario::config::{KEYS, OPEN_TABLES};
use scenario_stdlib::catalog::{self, Example};
use scenario_stdlib::{PRIMITIVES, Primitive};
use std::path::{Path, PathBuf};

fn primitives() -> impl Iterator<Item = &'static Primitive> {
    PRIMITIVES
        .iter()
        .chain([&scenario::source::declare::PRIMITIVE])
}

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src")
}

fn markdown_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            markdown_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            out.push(path);
        }
    }
}

/// A name for the file of an example that tells where it stands.
fn name_of(place: &str, line: usize) -> String {
    let place: String = place
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    format!("{place}_{line}.rhai")
}

fn run_all(examples: Vec<(String, Example)>) {
    assert!(!examples.is_empty());
    let mut project = Project::new().env("ADA_PASSWORD", "lovelace");
    let mut to_run = Vec::new();
    let mut to_check = Vec::new();
    let mut to_fail = Vec::new();
    for (place, example) in examples {
        let file = name_of(&place, example.line);
        project = project.file(&file, &example.text);
        if example.words.iter().any(|word| word == "no_run") {
            to_check.push(file);
        } else if example.words.iter().any(|word| word == "fails") {
            to_fail.push(file);
        } else {
            to_run.push(file);
        }
    }
    if !to_run.is_empty() {
        let mut args = vec!["run", "--color", "never", "--strict"];
        args.extend(to_run.iter().map(String::as_str));
        project.run(&args).passes();
    }
    if !to_check.is_empty() {
        let mut args = vec!["check"];
        args.extend(to_check.iter().map(String::as_str));
        project.run(&args).passes();
    }
    for file in to_fail {
        let ran = project.run(&["run", &file]);
        assert!(
            ran.code == 1 || ran.code == 2,
            "{file} should fail:\n{}",
            ran.stdout
        );
    }
}

#[test]
fn every_example_of_the_primitives_runs() {
    let mut all = Vec::new();
    for primitive in primitives() {
        for example in catalog::examples(primitive.guide) {
            all.push((format!("{}.md", primitive.name), example));
        }
        for entry in catalog::entries(primitive) {
            for example in catalog::examples(&entry.docs) {
                all.push((entry.signature.clone(), example));
            }
        }
    }
    run_all(all);
}

#[test]
fn every_example_of_the_book_runs() {
    let mut files = Vec::new();
    markdown_files(&book(), &mut files);
    let reference = book().join("reference");
    let mut all = Vec::new();
    files.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"));
    for file in files.iter().filter(|file| !file.starts_with(&reference)) {
        let text = std::fs::read_to_string(file).unwrap();
        let place = file
            .strip_prefix(book())
            .unwrap_or(Path::new("README.md"))
            .to_string_lossy()
            .into_owned();
        all.extend(
            catalog::examples(&text)
                .into_iter()
                .map(|example| (place.clone(), example)),
        );
    }
    run_all(all);
}

/// Every setting of scenario.toml, as a page of the book.
fn settings_page() -> String {
    let mut page = String::from(
        "# Settings\n\nEvery key of `scenario.toml`, with the variable that overrides it. A key with a point stands in a table: \
         `http.timeout` is\n`timeout` in `[http]`. [Configuration](../guide/configuration.md) says which value wins.\n\n\
         | key | accepts | default | variable | meaning |\n|---|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = match key.default {
            None | Some("") => String::new(),
            Some(default) => format!("`{default}`"),
        };
        let variable = key
            .variable
            .map(|name| format!("`{name}`"))
            .unwrap_or_default();
        page.push_str(&format!(
            "| `{}` | {} | {default} | {variable} | {} |\n",
            key.name,
            key.kind.expected(),
            key.help
        ));
    }
    page.push_str("\nTables whose keys are your own:\n\n| table | meaning |\n|---|---|\n");
    for (name, help) in OPEN_TABLES {
        page.push_str(&format!("| `[{name}]` | {help} |\n"));
    }
    page.push_str(
        "\n`reporters` is a list of names, or of tables such as `{ name = \"junit\", path = \"reports/junit.xml\" }`. \
         `[profile.NAME]` may hold all\nof the above, and `extends`.\n",
    );
    page
}

/// With `UPDATE_REFERENCE=1` the pages are written instead of compared.
#[test]
fn the_reference_is_that_of_the_doc_comments() {
    let update = std::env::var_os("UPDATE_REFERENCE").is_some();
    let folder = book().join("reference");
    let mut drifted = Vec::new();
    let of_primitives = primitives().map(|primitive| (primitive.name, catalog::page(primitive)));
    for (name, page) in of_primitives.chain([("settings", settings_page())]) {
        let path = folder.join(format!("{name}.md"));
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, page).unwrap();
        } else if std::fs::read_to_string(&path).unwrap_or_default() != page {
            drifted.push(name);
        }
    }
    assert!(
        drifted.is_empty(),
        "the reference of {} drifted: UPDATE_REFERENCE=1 cargo nextest run -p scenario reference",
        drifted.join(", ")
    );
}

#[test]
fn every_page_of_the_book_is_in_its_table_of_contents() {
    let summary = std::fs::read_to_string(book().join("SUMMARY.md")).unwrap();
    let mut files = Vec::new();
    markdown_files(&book(), &mut files);
    for file in files {
        let page = file.strip_prefix(book()).unwrap().to_string_lossy();
        let is_named = summary.contains(&format!("]({page})"));
        assert!(is_named || page == "SUMMARY.md", "{page} is missing");
    }
    for link in summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        assert!(book().join(link).is_file(), "{link} is not there");
    }
}
