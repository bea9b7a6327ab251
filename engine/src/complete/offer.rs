//! Completions: what may stand at a place.

use super::Context;
use super::around::map_around;
use super::choices::{exported, introduction, members, option_keys, words};
use super::infer::Infer;
use super::text::{Inside, Script};
use std::collections::BTreeSet;
use std::ops::Range;

/// Something that may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    pub label: String,
    pub kind: Kind,
    /// One line: a signature or a type.
    pub detail: String,
    /// Markdown.
    pub docs: String,
    /// What replaces the word that was begun. A call with arguments ends with its opening bracket.
    pub insert: String,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A key of an option map.
    Option,
    Variable,
    Property,
    Method,
    Function,
    Module,
    Keyword,
}

/// All that may stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// The bytes that a completion replaces: the word that was begun.
    pub range: Range<usize>,
    /// The likeliest first.
    pub items: Vec<Completion>,
}

/// What may stand at `offset` (in bytes) of a text.
pub fn complete(context: &Context<'_>, text: &str, offset: usize) -> Offers {
    let script = Script::new(text);
    let cursor = script.cursor(offset);
    let typed = &text[cursor.typed.clone()];
    let infer = Infer {
        context,
        script: &script,
    };
    let mut items = match cursor.inside {
        Inside::Comment => Vec::new(),
        Inside::Text(at) => return paths(&script, at, offset),
        Inside::Code => match script.before(cursor.at) {
            Some(token) if token.is(".") || token.is("?.") => members(&infer, cursor.at - 1),
            Some(token) if token.is("::") => exported(&infer, cursor.at - 2),
            Some(token) if ["let", "const", "fn", "as", "for"].contains(&token.text) => Vec::new(),
            _ => match map_around(&script, cursor.at) {
                Some(map) => option_keys(&infer, &map),
                None => words(&infer, cursor.at),
            },
        },
    };
    let begun = typed.to_lowercase();
    items.retain(|item| item.label.to_lowercase().starts_with(&begun));
    // One line for several of the same name and kind.
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert((item.kind, item.label.clone())));
    Offers {
        range: cursor.typed,
        items,
    }
}

/// The path of an import.
fn paths(script: &Script<'_>, at: usize, offset: usize) -> Offers {
    let Some(token) = script.get(at) else {
        return Offers::default();
    };
    let is_import = at > 0 && script.word(at - 1) == "import";
    let from = token.start + 1;
    if !is_import || !token.text.starts_with('"') || from > offset {
        return Offers::default();
    }
    let typed = script.text.get(from..offset).unwrap_or_default();
    let modules = scenario_stdlib::MODULES.iter();
    let items = modules
        .map(|(name, text)| {
            let path = format!("std/{name}");
            Completion {
                label: path.clone(),
                kind: Kind::Module,
                detail: format!("import \"{path}\" as {name}"),
                docs: introduction(text),
                insert: path,
            }
        })
        .filter(|item| item.label.starts_with(typed))
        .collect();
    Offers {
        range: from..offset,
        items,
    }
}
