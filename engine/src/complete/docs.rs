//! Documentation of a name as Markdown: what `:help` and a hover show.

use scenario_stdlib::catalog::{Book, Entry, Form, OptionKey};

/// The documentation of `http`, `http.get`, `Response.json`, `wait_until` or `.json`; `None` if there is nothing of that
/// name.
pub fn doc_of(book: &Book, name: &str) -> Option<String> {
    let name = name.trim().trim_end_matches("()");
    let entries: Vec<&Entry> = match name.rsplit_once('.') {
        Some((receiver, member)) => {
            let kind = book
                .global(receiver)
                .map_or(receiver, |global| &global.kind);
            let mut members: Vec<&Entry> = book.member(kind, member).collect();
            if members.is_empty() && receiver.is_empty() {
                members = named(book, member);
            }
            members
        }
        None => {
            if book.global(name).is_some()
                && let Some(guide) = guide(book, name)
            {
                return Some(guide);
            }
            let functions: Vec<&Entry> = book.functions(name).collect();
            if functions.is_empty()
                && let Some(guide) = guide(book, name)
            {
                return Some(guide);
            }
            if functions.is_empty() {
                named(book, name)
            } else {
                functions
            }
        }
    };
    (!entries.is_empty()).then(|| of_entries(book, &entries))
}

fn guide(book: &Book, name: &str) -> Option<String> {
    let primitive = book.global(name).map_or(name, |global| global.primitive);
    book.guide(primitive)
        .map(|guide| guide.trim_end().to_owned())
}

/// Methods and properties of this name, of whatever type.
fn named<'a>(book: &'a Book, name: &str) -> Vec<&'a Entry> {
    let all = book.all();
    all.filter(|entry| entry.form != Form::Function && entry.name == name)
        .collect()
}

/// The signatures, what is said of each, and the options they take.
pub(super) fn of_entries(book: &Book, entries: &[&Entry]) -> String {
    let mut out = String::from("```rhai\n");
    for entry in entries {
        out.push_str(&entry.signature);
        out.push('\n');
    }
    out.push_str("```\n");
    let mut told: Vec<&str> = Vec::new();
    let mut options: &[OptionKey] = &[];
    for entry in entries {
        if !told.contains(&entry.docs.as_str()) && !entry.docs.is_empty() {
            out.push('\n');
            out.push_str(&entry.docs);
            out.push('\n');
            told.push(&entry.docs);
        }
        let keys = book.options(entry);
        if keys.len() > options.len() {
            options = keys;
        }
    }
    let explained = options.iter().filter(|key| !key.docs.is_empty());
    for (index, key) in explained.enumerate() {
        out.push_str(if index == 0 { "\n" } else { "" });
        out.push_str(&format!(
            "- `{}`: {}\n",
            key.name,
            key.docs.replace("\n\n", ". ")
        ));
    }
    out.trim_end().to_owned()
}
