//! Completions: what may stand at a place.

use super::Context;
use super::around::{self, map_around};
use super::exports::exports;
use super::infer::{Infer, Type};
use super::scope::{self, What};
use super::text::{Inside, Script};
use scenario_stdlib::catalog::{Entry, Form};
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

/// The comment a module begins with.
pub(super) fn introduction(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//"));
    let lines: Vec<&str> = lines
        .map(|line| line.trim_start_matches(['/', '!']).trim())
        .collect();
    lines.join("\n").trim().to_owned()
}

/// What may stand behind the `.` at `dot`.
fn members(infer: &Infer<'_, '_>, dot: usize) -> Vec<Completion> {
    let kind = infer.receiver(dot);
    let keys = match &kind {
        Type::Map(keys) => keys.clone(),
        Type::Is(word) if word == "State" => {
            let receiver = dot.checked_sub(1).map_or("", |at| infer.script.word(at));
            assigned(infer.script, receiver, dot + 1)
        }
        _ => Vec::new(),
    };
    let mut items: Vec<Completion> = keys
        .into_iter()
        .map(|key| Completion {
            insert: key.clone(),
            label: key,
            kind: Kind::Property,
            detail: String::new(),
            docs: String::new(),
        })
        .collect();
    let book = infer.context.book;
    match kind.word() {
        // Nothing is known of it: what it may be is data, mostly JSON.
        "" if !matches!(kind, Type::Module(_)) => {
            for word in ["map", "list", "text"] {
                items.extend(book.members(word).map(|entry| of_entry(entry, infer)));
            }
        }
        word => items.extend(book.members(word).map(|entry| of_entry(entry, infer))),
    }
    items
}

/// The keys that are assigned to a variable of this name anywhere in the text, as in `state.task = …`.
fn assigned(script: &Script<'_>, variable: &str, except: usize) -> Vec<String> {
    let places = assignments(script, variable).into_iter();
    let keys: BTreeSet<String> = places
        .filter(|at| *at != except)
        .map(|at| script.word(at).to_owned())
        .collect();
    keys.into_iter().collect()
}

/// Where keys of a variable of this name are assigned.
pub(super) fn assignments(script: &Script<'_>, variable: &str) -> Vec<usize> {
    let all = 0..script.tokens.len();
    all.filter(|at| {
        script.word(*at) == variable
            && script.is(at + 1, ".")
            && script.is_word(at + 2)
            && script.is(at + 3, "=")
    })
    .map(|at| at + 2)
    .collect()
}

/// What may stand behind `alias::`.
fn exported(infer: &Infer<'_, '_>, alias: usize) -> Vec<Completion> {
    let script = infer.script;
    let name = script.word(alias);
    if name == "global" {
        let all = scope::visible(script, script.tokens.len()).into_iter();
        let constants =
            all.filter(|binding| binding.name > 0 && script.word(binding.name - 1) == "const");
        return constants
            .map(|binding| plain(script.word(binding.name), Kind::Variable, ""))
            .collect();
    }
    let Some(What::Module(Some(path))) = scope::find(script, name, alias).map(|found| found.what)
    else {
        return Vec::new();
    };
    let text = (infer.context.module)(&path).unwrap_or_default();
    exports(&text)
        .into_iter()
        .map(|export| {
            let kind = match export.parameters {
                Some(_) => Kind::Function,
                None => Kind::Variable,
            };
            Completion {
                insert: inserted(&export.name, export.parameters.as_ref().map(Vec::len)),
                detail: export.signature(),
                label: export.name,
                kind,
                docs: export.docs,
            }
        })
        .collect()
}

/// The keys that the option map of a call may still get.
fn option_keys(infer: &Infer<'_, '_>, map: &around::MapAround) -> Vec<Completion> {
    let Some(call) = &map.call else {
        return Vec::new();
    };
    let mut items: Vec<Completion> = Vec::new();
    for entry in called(infer, call.name) {
        for key in infer.context.book.options(entry) {
            let is_new =
                !map.keys.contains(&key.name) && items.iter().all(|known| known.label != key.name);
            if is_new {
                items.push(Completion {
                    label: key.name.clone(),
                    kind: Kind::Option,
                    detail: format!("option of `{}`", entry.name),
                    docs: key.docs.clone(),
                    insert: format!("{}: ", key.name),
                });
            }
        }
    }
    items
}

/// What the name of a call means: several entries if it may be called in several ways.
pub(super) fn called<'b>(infer: &Infer<'_, 'b>, name: usize) -> Vec<&'b Entry> {
    let script = infer.script;
    let word = script.word(name);
    let book = infer.context.book;
    match script.before(name) {
        Some(dot) if dot.is(".") || dot.is("?.") => {
            let kind = infer.receiver(name - 1);
            match kind.word() {
                "" => Vec::new(),
                kind => {
                    let members = book.all().filter(|entry| {
                        entry.form == Form::Method && entry.receiver == kind && entry.name == word
                    });
                    members.collect()
                }
            }
        }
        Some(path) if path.is("::") => Vec::new(),
        _ => {
            let functions = book
                .all()
                .filter(|entry| entry.form == Form::Function && entry.name == word);
            functions.collect()
        }
    }
}

/// What a statement or an expression may begin with.
fn words(infer: &Infer<'_, '_>, at: usize) -> Vec<Completion> {
    let script = infer.script;
    let mut items = Vec::new();
    for binding in scope::visible(script, at).into_iter().rev() {
        let name = script.word(binding.name);
        items.push(match &binding.what {
            What::Function(function) => {
                let words = function.parameters.iter().map(|at| script.word(*at));
                let parameters: Vec<&str> = words.collect();
                Completion {
                    label: name.to_owned(),
                    kind: Kind::Function,
                    detail: format!("fn {name}({})", parameters.join(", ")),
                    docs: script.comment_above(binding.name),
                    insert: inserted(name, Some(parameters.len())),
                }
            }
            What::Module(path) => Completion {
                insert: format!("{name}::"),
                ..plain(name, Kind::Module, path.as_deref().unwrap_or_default())
            },
            _ => {
                let kind = infer.variable(name, at, 8);
                plain(name, Kind::Variable, kind.word())
            }
        });
    }
    let context = infer.context;
    for (name, kind) in context.locals {
        items.push(plain(name, Kind::Variable, kind));
    }
    for global in &context.book.globals {
        let first = context.book.guide(global.primitive).unwrap_or_default();
        items.push(Completion {
            docs: first_paragraph(first),
            ..plain(global.name, Kind::Variable, &global.kind)
        });
    }
    let functions = context.book.entries.iter().map(|(_, entry)| entry);
    let functions = functions.filter(|entry| entry.form == Form::Function);
    items.extend(functions.map(|entry| of_entry(entry, infer)));
    for word in ["assert", "verify"] {
        items.push(Completion {
            insert: format!("{word} "),
            ..plain(word, Kind::Keyword, "a claim")
        });
    }
    for word in around::KEYWORDS.iter().chain(&["true", "false"]) {
        items.push(plain(word, Kind::Keyword, ""));
    }
    items
}

/// The first paragraph of a page that is no heading.
pub(super) fn first_paragraph(markdown: &str) -> String {
    let mut paragraphs = markdown.split("\n\n").map(str::trim);
    let first = paragraphs.find(|text| !text.starts_with('#') && !text.is_empty());
    first.unwrap_or_default().to_owned()
}

fn plain(name: &str, kind: Kind, detail: &str) -> Completion {
    Completion {
        label: name.to_owned(),
        kind,
        detail: detail.to_owned(),
        docs: String::new(),
        insert: name.to_owned(),
    }
}

fn of_entry(entry: &Entry, infer: &Infer<'_, '_>) -> Completion {
    let kind = match entry.form {
        Form::Function => Kind::Function,
        Form::Method => Kind::Method,
        Form::Property => Kind::Property,
    };
    let most = || {
        let all = infer.context.book.all();
        let same = all.filter(|other| {
            (other.form, &other.name, &other.receiver) == (entry.form, &entry.name, &entry.receiver)
        });
        same.map(|entry| entry.params.len()).max()
    };
    Completion {
        label: entry.name.clone(),
        kind,
        detail: entry.signature.clone(),
        docs: entry.docs.clone(),
        insert: inserted(
            &entry.name,
            (entry.form != Form::Property).then(most).flatten(),
        ),
    }
}

/// A name as it is written: a call without arguments whole, one with arguments up to them.
fn inserted(name: &str, parameters: Option<usize>) -> String {
    match parameters {
        None => name.to_owned(),
        Some(0) => format!("{name}()"),
        Some(_) => format!("{name}("),
    }
}
