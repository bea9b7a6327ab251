//! What Tab offers at the prompt: what any script may say, what is there now, and commands.

use super::command::COMMANDS;
use super::known::{Known, Shape};
use crate::complete::{self, Context, book};
use crate::report::fit;
use crate::source::check::{Kind, Token, tokens};
use std::ops::Range;

/// One line that Tab offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub shown: String,
    pub insert: String,
}

/// What may stand at `at` of `line`, with the bytes it replaces. `columns` are those of the terminal.
pub fn offers(known: &Known, line: &str, at: usize, columns: usize) -> (Range<usize>, Vec<Item>) {
    if line.trim_start().starts_with(':') {
        return commands(known, line, at);
    }
    let module = |path: &str| {
        let text = known.modules.get(path).cloned();
        text.or_else(|| complete::embedded(path))
    };
    let context = Context {
        book: book(),
        locals: &known.locals,
        module: &module,
    };
    let text = format!("{}{line}", known.definitions);
    let from = known.definitions.len();
    let mut offers = complete::complete(&context, &text, from + at);
    let range = offers.range.start.saturating_sub(from)..offers.range.end.saturating_sub(from);
    let typed = line.get(range.clone()).unwrap_or_default().to_lowercase();
    offers
        .items
        .retain(|offer| !INNER.contains(&offer.label.as_str()));
    let shape = owner(known, line, range.start);
    if let Some(shape) = shape.as_ref().filter(|shape| !shape.kind.is_empty()) {
        // It is known what stands there now, however it came about.
        let kind = &shape.kind;
        offers.items.retain(|offer| {
            let mut members = book().members(kind);
            members.any(|entry| entry.name == offer.label && entry.signature == offer.detail)
        });
    }
    let keys = shape.map_or_else(Vec::new, |shape| shape.keys.into_iter().collect());
    let mut items: Vec<Item> = keys
        .into_iter()
        .filter(|(key, _)| key.to_lowercase().starts_with(&typed))
        .map(|(key, shape)| Item {
            shown: shown(&key, &shape.kind, "", columns),
            insert: key,
        })
        .collect();
    for offer in offers.items {
        if items.iter().any(|item| item.insert == offer.insert) {
            continue;
        }
        let detail = match offer.detail.split_once('.') {
            Some((_, own)) if own.starts_with(&offer.label) => own,
            _ => &offer.detail,
        };
        items.push(Item {
            shown: shown(&offer.label, detail, &offer.docs, columns),
            insert: offer.insert,
        });
    }
    (range, items)
}

/// `get(url: text) -> Response  Sends a GET.`, in one line of the terminal.
fn shown(label: &str, detail: &str, docs: &str, columns: usize) -> String {
    let what = match detail {
        "" => label.to_owned(),
        detail if detail.contains(label) => detail.to_owned(),
        detail => format!("{label}: {detail}"),
    };
    let prose = docs
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("```"));
    let prose = prose.unwrap_or_default();
    let first = prose.split_once(". ").map_or(prose, |(first, _)| first);
    let text = match first {
        "" => what,
        first => format!("{what}  {first}"),
    };
    fit::fit(&text, columns.saturating_sub(2).max(10))
}

/// What Rhai has for itself.
const INNER: &[&str] = &["set_tag", "tag", "take", "debug", "print"];

/// What stands before the point at the end of `line[..at]`, as it is now.
fn owner(known: &Known, line: &str, at: usize) -> Option<Shape> {
    let all = tokens(line.get(..at)?);
    let (dot, before) = all.split_last()?;
    (dot.is(".") || dot.is("?.")).then(|| shape_of(known, before))?
}

/// What a chain such as `res.json.items[0]` is now.
fn shape_of(known: &Known, chain: &[Token<'_>]) -> Option<Shape> {
    let (last, before) = chain.split_last()?;
    if last.is("]") {
        let open = (0..before.len()).rev().find(|at| before[*at].is("["))?;
        let list = shape_of(known, &before[..open])?;
        return list.item.map(|item| *item);
    }
    if last.kind != Kind::Word {
        return None;
    }
    match before.split_last() {
        Some((dot, before)) if dot.is(".") || dot.is("?.") => {
            let owner = shape_of(known, before)?;
            owner.keys.get(last.text).cloned()
        }
        Some((path, _)) if path.is("::") => None,
        _ => known.shapes.get(last.text).cloned(),
    }
}

fn commands(known: &Known, line: &str, at: usize) -> (Range<usize>, Vec<Item>) {
    let typed = line.get(..at).unwrap_or_default();
    let from = typed
        .rfind(char::is_whitespace)
        .map_or(0, |space| space + 1);
    let word = &typed[from..];
    let items = |words: Vec<(String, String)>| {
        let fitting = words
            .into_iter()
            .filter(|(insert, _)| insert.starts_with(word));
        fitting
            .map(|(insert, shown)| Item { insert, shown })
            .collect::<Vec<_>>()
    };
    if from == 0 || typed[..from].trim().is_empty() {
        let all = COMMANDS.iter().map(|row| {
            let name = format!(":{}", row.name);
            (name, format!(":{} {}  {}", row.name, row.takes, row.help))
        });
        return (from..at, items(all.collect()));
    }
    let command = typed.split_whitespace().next().unwrap_or_default();
    let plain = |words: &[String]| words.iter().map(|one| (one.clone(), one.clone())).collect();
    let words: Vec<(String, String)> = match command {
        ":logs" => plain(&known.services),
        ":help" | ":h" => {
            let book = book();
            let globals = book.globals.iter().map(|global| global.name.to_owned());
            let members = book.globals.iter().flat_map(|global| {
                let members = book.members(&global.kind);
                members.map(|entry| format!("{}.{}", global.name, entry.name))
            });
            let functions = book
                .entries
                .iter()
                .filter(|(_, entry)| entry.receiver.is_empty());
            let functions = functions.map(|(_, entry)| entry.name.clone());
            let mut all: Vec<String> = globals.chain(functions).collect();
            if word.contains('.') {
                all.extend(members);
            }
            all.sort();
            all.dedup();
            plain(&all)
        }
        ":load" | ":run" | ":save" => files(word),
        _ => Vec::new(),
    };
    (from..at, items(words))
}

/// Scripts and folders that begin with `typed`.
fn files(typed: &str) -> Vec<(String, String)> {
    let (folder, _) = typed
        .rsplit_once('/')
        .map_or(("", typed), |(to, rest)| (to, rest));
    let place = if folder.is_empty() { "." } else { folder };
    let Ok(entries) = std::fs::read_dir(place) else {
        return Vec::new();
    };
    let mut found: Vec<(String, String)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_folder = entry.file_type().ok()?.is_dir();
            if name.starts_with('.') || !(is_folder || name.ends_with(".rhai")) {
                return None;
            }
            let slash = if is_folder { "/" } else { "" };
            let path = match folder {
                "" => format!("{name}{slash}"),
                folder => format!("{folder}/{name}{slash}"),
            };
            Some((path, format!("{name}{slash}")))
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let shape = |kind: &str| Shape {
            kind: kind.into(),
            ..Shape::default()
        };
        let mut user = shape("map");
        user.keys.insert("name".into(), shape("text"));
        let mut json = shape("map");
        json.keys.insert(
            "users".into(),
            Shape {
                item: Some(Box::new(user)),
                ..shape("list")
            },
        );
        let mut res = shape("Response");
        res.keys.insert("json".into(), json);
        Known {
            locals: vec![("res".into(), "Response".into())],
            shapes: [("res".to_owned(), res)].into(),
            definitions: "fn total(a, b) { a + b }\n".into(),
            services: vec!["db".into()],
            ..Known::default()
        }
    }

    fn inserts(line: &str) -> Vec<String> {
        let (_, items) = offers(&known(), line, line.len(), 80);
        items.into_iter().map(|item| item.insert).collect()
    }

    #[test]
    fn what_is_there_now_is_offered_with_what_there_always_is() {
        assert_eq!(inserts("re")[0], "res");
        assert!(inserts("tot").contains(&"total(".to_owned()));
        let methods = inserts("res.");
        assert!(methods.contains(&"status".to_owned()) && methods.contains(&"json".to_owned()));
        assert!(inserts("http.get(\"/\", #{ ti").contains(&"timeout: ".to_owned()));
    }

    #[test]
    fn the_keys_of_an_answer_are_those_that_came() {
        assert_eq!(inserts("res.json.us")[0], "users");
        assert_eq!(inserts("let n = res.json.users[0].na")[0], "name");
    }

    #[test]
    fn commands_are_offered_with_their_words() {
        assert_eq!(inserts(":he"), [":help"]);
        assert_eq!(inserts(":logs d"), ["db"]);
        assert!(inserts(":help http.g").contains(&"http.get".to_owned()));
    }

    #[test]
    fn a_line_of_an_offer_fits_the_terminal() {
        let (_, items) = offers(&known(), "http.", 5, 40);
        assert!(items.len() > 5);
        assert!(
            items.iter().all(|item| fit::width(&item.shown) <= 40),
            "{items:?}"
        );
    }
}
