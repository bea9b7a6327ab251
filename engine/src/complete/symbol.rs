//! What a name at a place means: where it was declared, and what there is to say about it.

use super::Context;
use super::around::map_around;
use super::docs::{doc_of, of_entries};
use super::exports::{Export, exports};
use super::infer::{Infer, Type};
use super::offer;
use super::scope::{self, What};
use super::text::{Inside, Script};
use scenario_stdlib::catalog::{Entry, Form, OptionKey};
use std::ops::Range;

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symbol<'a> {
    /// A variable of the text, where its name is declared, with its type if known.
    Variable(Range<usize>, String),
    /// A function of the text, where its name stands, its signature and the comment above it.
    Function(Range<usize>, String, String),
    /// Something of the module behind this path.
    Exported(String, Export),
    /// A module, by its path.
    Module(String),
    /// A key of the state, with the places where it is assigned.
    State(Vec<Range<usize>>),
    /// A global of the primitives.
    Global(&'a str),
    /// Functions, methods or properties of the primitives or of Rhai.
    Entries(Vec<&'a Entry>),
    /// An option of a call.
    Option(OptionKey, String),
}

/// The bytes of the name at `offset` and what it means.
pub fn symbol_at<'a>(
    context: &Context<'a>,
    text: &str,
    offset: usize,
) -> Option<(Range<usize>, Symbol<'a>)> {
    let script = Script::new(text);
    let cursor = script.cursor(offset);
    if let Inside::Text(at) = cursor.inside {
        let path = script.quoted(at)?;
        let is_import = at > 0 && script.word(at - 1) == "import";
        return is_import.then(|| (script.tokens[at].span(), Symbol::Module(path.to_owned())));
    }
    if cursor.inside == Inside::Comment || cursor.word.is_empty() {
        return None;
    }
    let symbol = meaning(context, &script, cursor.at)?;
    Some((cursor.word, symbol))
}

fn meaning<'a>(context: &Context<'a>, script: &Script<'_>, at: usize) -> Option<Symbol<'a>> {
    let name = script.word(at);
    let book = context.book;
    let infer = Infer { context, script };
    let before = script.before(at);
    if before.is_some_and(|token| token.is(".") || token.is("?.")) {
        return member(&infer, at);
    }
    if before.is_some_and(|token| token.is("::")) {
        let alias = at.checked_sub(2)?;
        let found = scope::find(script, script.word(alias), alias)?;
        let What::Module(Some(path)) = found.what else {
            return None;
        };
        let text = (context.module)(&path)?;
        let export = exports(&text)
            .into_iter()
            .find(|export| export.name == name)?;
        return Some(Symbol::Exported(path, export));
    }
    if script.is(at + 1, ":")
        && let Some(map) = map_around(script, at)
    {
        let call = map.call?;
        let entries = offer::called(&infer, call.name);
        let mut keys = entries
            .iter()
            .flat_map(|entry| book.options(entry))
            .filter(|key| key.name == name);
        return Some(Symbol::Option(
            keys.next()?.clone(),
            script.word(call.name).to_owned(),
        ));
    }
    // What is being declared is visible only behind its declaration.
    let declared = scope::visible(script, script.tokens.len())
        .into_iter()
        .find(|binding| binding.name == at);
    let place = script.end(at).max(at + 1);
    let own = declared
        .or_else(|| scope::find(script, name, at))
        .or_else(|| {
            let inner = scope::visible(script, place).into_iter();
            inner.rev().find(|binding| binding.name == at)
        });
    if let Some(global) = book.global(name) {
        return Some(Symbol::Global(global.name));
    }
    if let Some(binding) = own {
        let span = script.get(binding.name)?.span();
        return Some(match binding.what {
            What::Function(function) => {
                let words = function.parameters.iter().map(|at| script.word(*at));
                let parameters: Vec<&str> = words.collect();
                Symbol::Function(
                    span,
                    format!("fn {name}({})", parameters.join(", ")),
                    script.comment_above(function.name),
                )
            }
            What::Module(Some(path)) => Symbol::Module(path),
            What::Value(value) => Symbol::Variable(span, infer.value(value, 8).word().to_owned()),
            _ => Symbol::Variable(span, infer.variable(name, at, 8).word().to_owned()),
        });
    }
    let functions: Vec<&Entry> = book.functions(name).collect();
    if !functions.is_empty() {
        return Some(Symbol::Entries(functions));
    }
    None
}

/// What stands behind a point.
fn member<'a>(infer: &Infer<'_, 'a>, at: usize) -> Option<Symbol<'a>> {
    let script = infer.script;
    let name = script.word(at);
    let book = infer.context.book;
    let kind = infer.receiver(at - 1);
    let mut entries: Vec<&Entry> = book.member(kind.word(), name).collect();
    if entries.is_empty() && kind.word() == "State" {
        let receiver = at.checked_sub(2).map_or("", |at| script.word(at));
        let places = offer::assignments(script, receiver);
        let places = places
            .into_iter()
            .filter(|place| script.word(*place) == name);
        let spans = places.filter_map(|place| Some(script.get(place)?.span()));
        return Some(Symbol::State(spans.collect()));
    }
    if entries.is_empty() && matches!(kind, Type::Unknown) {
        let all = book.all();
        entries = all
            .filter(|entry| entry.form != Form::Function && entry.name == name)
            .collect();
    }
    (!entries.is_empty()).then_some(Symbol::Entries(entries))
}

/// What there is to say about the name at `offset`, as Markdown, with its bytes.
pub fn hover(context: &Context<'_>, text: &str, offset: usize) -> Option<(Range<usize>, String)> {
    let (range, symbol) = symbol_at(context, text, offset)?;
    let code = |line: &str, docs: &str| {
        let text = format!("```rhai\n{line}\n```\n\n{docs}");
        text.trim_end().to_owned()
    };
    let name = text.get(range.clone()).unwrap_or_default();
    let told = match symbol {
        Symbol::Variable(_, kind) if kind.is_empty() => code(name, ""),
        Symbol::Variable(_, kind) => code(&format!("{name}: {kind}"), ""),
        Symbol::Function(_, signature, docs) => code(&signature, &docs),
        Symbol::Exported(_, export) => code(&export.signature(), &export.docs),
        Symbol::Module(path) => {
            let module = (context.module)(&path)?;
            let docs = offer::introduction(&module);
            code(&format!("import \"{path}\""), &docs)
        }
        Symbol::State(_) => code(&format!("state.{name}"), "What the scenario carries on."),
        Symbol::Global(name) => doc_of(context.book, name)?,
        Symbol::Entries(entries) => of_entries(context.book, &entries),
        Symbol::Option(key, owner) => {
            let docs = &key.docs;
            format!("option `{}` of `{owner}`\n\n{docs}", key.name)
        }
    };
    Some((range, told))
}
