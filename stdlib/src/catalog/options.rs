//! The keys of option maps, read from where they are documented: the doc comment of the function names them, a table in
//! the guide page says what each means. A test holds them against the keys that are really read.

use super::{Entry, Form};

/// A key of an option map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionKey {
    pub name: String,
    /// Markdown; empty if only its name is documented.
    pub docs: String,
}

/// A table of options in a guide page.
type Table = Vec<OptionKey>;

/// The keys that the option map of an entry takes; `entries` are those of the same primitive, `guide` is its page.
pub(super) fn keys(entry: &Entry, entries: &[Entry], guide: &str) -> Vec<OptionKey> {
    if !entry.params.iter().any(is_options) {
        return Vec::new();
    }
    let mut names = Vec::new();
    named(entry, entries, &mut names, 0);
    // `scenario(name, options, body)` takes what `scenario(name, options)` takes.
    let same = |other: &&Entry| (&other.name, &other.receiver) == (&entry.name, &entry.receiver);
    for other in entries.iter().filter(same) {
        if names.is_empty() && other.params.iter().any(is_options) {
            named(other, entries, &mut names, 0);
        }
    }
    let tables = tables(guide);
    let overlap = |table: &Table| {
        let told = table.iter().filter(|key| names.contains(&key.name));
        told.count()
    };
    let best = tables
        .iter()
        .max_by_key(|table| (overlap(table), usize::MAX - table.len()));
    if names.is_empty() {
        return tables.into_iter().next().unwrap_or_default();
    }
    names
        .into_iter()
        .map(|name| {
            let rows = best.into_iter().chain(&tables).flatten();
            let docs = rows.filter(|row| row.name == name).map(|row| &row.docs);
            OptionKey {
                docs: docs.clone().next().cloned().unwrap_or_default(),
                name,
            }
        })
        .collect()
}

pub(super) fn is_options(param: &super::Param) -> bool {
    param.kind == "map" && param.name == "options"
}

/// The keys a doc comment names: `words` in back-ticks, and those of another method it refers to.
fn named(entry: &Entry, entries: &[Entry], names: &mut Vec<String>, depth: u8) {
    let prose = without_brackets(&prose(&entry.docs));
    let mut rest = prose.as_str();
    while let Some((before, after)) = rest.split_once('`') {
        let Some((word, behind)) = after.split_once('`') else {
            return;
        };
        rest = behind;
        let before = before.trim_end();
        if before.ends_with("those of") || before.ends_with("options of") {
            let same = |other: &&Entry| {
                other.name == word
                    && other.receiver == entry.receiver
                    && other.params.iter().any(is_options)
            };
            if let Some(other) = entries.iter().find(same).filter(|_| depth < 3) {
                named(other, entries, names, depth + 1);
            }
        } else if is_key(word) && !entry.params.iter().any(|param| param.name == word) {
            let name = word.to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
}

fn is_key(word: &str) -> bool {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(is_name)
        && !["true", "false"].contains(&word)
}

/// Markdown without its code blocks.
fn prose(markdown: &str) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            out.push_str(line);
            out.push(' ');
        }
    }
    out
}

/// Without what stands in brackets: an aside about the word before it.
fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut is_code = false;
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '`' => is_code = !is_code,
            '(' if !is_code => depth += 1,
            ')' if !is_code => {
                depth = depth.saturating_sub(1);
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            out.push(c);
        }
    }
    out
}

/// The tables of a page whose first column is headed `option`.
fn tables(guide: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut open = false;
    for line in guide.lines() {
        let Some(row) = line.trim().strip_prefix('|') else {
            open = false;
            continue;
        };
        let cells = cells(row);
        let first = cells.first().map_or("", String::as_str);
        if first.starts_with("option") {
            tables.push(Table::new());
            open = true;
        } else if open && !first.starts_with("--") {
            let table = tables.last_mut().expect("one was opened");
            table.extend(row_keys(&cells));
        }
    }
    tables
}

/// The cells of a row; an escaped `\|` is none of its borders.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim_end().trim_end_matches('|').replace("\\|", "\0");
    row.split('|')
        .map(|cell| cell.trim().replace('\0', "|"))
        .collect()
}

fn row_keys(cells: &[String]) -> Vec<OptionKey> {
    let meaning = cells.get(1).map_or("", String::as_str);
    let default = cells.get(2).map_or("", String::as_str);
    let docs = match default {
        "" => meaning.to_owned(),
        default => format!("{meaning}\n\nDefault: {default}"),
    };
    let names = cells.first().map_or("", String::as_str).split('`');
    names
        .skip(1)
        .step_by(2)
        .filter(|name| is_key(name))
        .map(|name| OptionKey {
            name: name.to_owned(),
            docs: docs.clone(),
        })
        .collect()
}

/// Whether an entry is one that options can be given to.
pub(super) fn takes_options(entry: &Entry) -> bool {
    entry.form != Form::Property && entry.params.iter().any(is_options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::entries;

    fn of(primitive: &crate::Primitive, signature: &str) -> Vec<OptionKey> {
        let entries = entries(primitive);
        let entry = entries
            .iter()
            .find(|entry| entry.signature.starts_with(signature))
            .unwrap_or_else(|| panic!("no {signature}"));
        keys(entry, &entries, primitive.guide)
    }

    fn names(keys: &[OptionKey]) -> Vec<&str> {
        keys.iter().map(|key| key.name.as_str()).collect()
    }

    #[test]
    fn the_doc_comment_names_the_keys_and_the_guide_tells_what_they_mean() {
        let keys = of(&crate::http::PRIMITIVE, "Http.get(url: text, options: map)");
        assert_eq!(
            names(&keys),
            [
                "headers",
                "query",
                "auth",
                "timeout",
                "redirects",
                "retry",
                "max_body",
                "save_to"
            ]
        );
        assert!(keys[3].docs.starts_with("`\"5s\"` for the whole request"));
    }

    #[test]
    fn options_of_another_method_are_followed() {
        let keys = of(&crate::http::PRIMITIVE, "Http.put(url: text, options: map)");
        let names = names(&keys);
        assert!(names.contains(&"headers") && names.contains(&"json") && names.contains(&"file"));
        assert!(!names.contains(&"get"));
    }

    #[test]
    fn without_a_list_the_first_table_of_the_guide_counts() {
        let keys = of(&crate::wait::PRIMITIVE, "wait_until(options: map");
        assert!(names(&keys).contains(&"hold_for"), "{keys:?}");
        assert!(keys[0].docs.contains("Default: 30s"), "{keys:?}");
    }
}
