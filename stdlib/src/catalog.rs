//! What there is to say, with its documentation: the one source of reference pages, definitions, completion and
//! help. Everything comes from the doc comments and guide pages of the primitives.

mod book;
mod definitions;
mod options;

pub use book::{Book, GlobalName};
pub use definitions::definitions;
pub use options::OptionKey;

use crate::Primitive;
use rhai::{Engine, Module, Shared};
use std::fmt::Write;

/// One function, method or property of a primitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub form: Form,
    /// The type it belongs to, in the words of a script: `Page`; empty for a function.
    pub receiver: String,
    pub params: Vec<Param>,
    /// The type of its value, in the words of a script; empty if it has none.
    pub returns: String,
    /// As a script writes it: `page.fill(text)`.
    pub signature: String,
    /// Markdown.
    pub docs: String,
}

/// A parameter of a function or method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    pub name: String,
    /// In the words of a script: `text`, `map`, `closure`.
    pub kind: String,
}

/// How an entry is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Function,
    Method,
    Property,
}

/// Everything a primitive offers, sorted by form and name.
pub fn entries(primitive: &Primitive) -> Vec<Entry> {
    let mut module = Module::new();
    (primitive.register)(&mut module);
    entries_of(Shared::new(module), false)
}

/// Everything a module of native functions offers, sorted by form and name. `standard`: it is one of Rhai's own, whose
/// functions take what they work on by value.
fn entries_of(module: Shared<Module>, standard: bool) -> Vec<Entry> {
    let mut engine = Engine::new_raw();
    engine.register_global_module(module);
    let mut entries = engine.collect_fn_metadata(
        None,
        |info| {
            let meta = &info.metadata;
            let docs = docs(meta.comments.iter().map(|line| line.as_str()));
            entry(
                &meta.name,
                &meta.params_info,
                &meta.return_type,
                docs,
                standard,
            )
        },
        standard,
    );
    // Several may read alike, such as those for the two kinds of ranges; Rhai tells them in no order.
    entries.sort_by(|a, b| (a.form, &a.signature, &a.docs).cmp(&(b.form, &b.signature, &b.docs)));
    entries.dedup();
    entries
}

fn entry(
    name: &str,
    params: &[impl AsRef<str>],
    returns: &str,
    docs: String,
    standard: bool,
) -> Option<Entry> {
    let mut params: Vec<Param> = params
        .iter()
        .map(|param| parameter(param.as_ref()))
        .collect();
    let takes_receiver = params.first().is_some_and(|first| {
        first.kind.starts_with("&mut ") || standard && is_plain(&type_word(&first.kind))
    });
    let receiver = takes_receiver.then(|| type_word(&params.remove(0).kind));
    for param in &mut params {
        param.kind = type_word(&param.kind);
    }
    let returns = match type_word(returns) {
        unit if unit == "()" => String::new(),
        word => word,
    };
    let arrow = if returns.is_empty() {
        String::new()
    } else {
        format!(" -> {returns}")
    };
    if let Some(property) = name.strip_prefix("get$") {
        let receiver = receiver?;
        return Some(Entry {
            name: property.to_owned(),
            form: Form::Property,
            signature: format!("{receiver}.{property}{arrow}"),
            receiver,
            params: Vec::new(),
            returns,
            docs,
        });
    }
    if !rhai::is_valid_identifier(name) || (name == "to_string" || name == "to_debug") {
        return None;
    }
    let (form, object) = match &receiver {
        Some(kind) => (Form::Method, format!("{kind}.")),
        None => (Form::Function, String::new()),
    };
    let list: Vec<String> = params
        .iter()
        .map(|param| format!("{}: {}", param.name, param.kind))
        .collect();
    Some(Entry {
        name: name.to_owned(),
        form,
        signature: format!("{object}{name}({}){arrow}", list.join(", ")),
        receiver: receiver.unwrap_or_default(),
        params,
        returns,
        docs,
    })
}

/// Types whose values are data, and on which Rhai's own functions work.
fn is_plain(word: &str) -> bool {
    ["text", "list", "map", "bytes", "integer", "number"].contains(&word)
}

fn parameter(text: &str) -> Param {
    let (name, kind) = match text.split_once(':') {
        Some((name, kind)) => (name.trim().trim_start_matches('_'), kind.trim()),
        None => ("value", text.trim()),
    };
    Param {
        name: name.to_owned(),
        kind: kind.to_owned(),
    }
}

/// A Rust type in the words of a script.
fn type_word(kind: &str) -> String {
    let kind = kind
        .trim_start_matches("&mut ")
        .trim_start_matches('&')
        .trim();
    let result = ["Result<", "RhaiResultOf<"];
    let given = result.iter().find_map(|name| kind.strip_prefix(name));
    let kind = given.map_or(kind, |inner| {
        inner
            .split(", ")
            .next()
            .unwrap_or(inner)
            .trim_end_matches('>')
            .trim()
    });
    let kind = kind.rsplit("::").next().unwrap_or(kind);
    match kind.split('<').next().unwrap_or(kind) {
        "Range" | "RangeInclusive" => "range",
        "str" | "String" | "ImmutableString" | "string" => "text",
        "FnPtr" | "Fn" => "closure",
        "Map" | "map" => "map",
        "Array" | "array" => "list",
        "Dynamic" | "RhaiResult" | "?" => "value",
        "INT" | "i64" | "int" => "integer",
        "FLOAT" | "f64" | "float" => "number",
        "Blob" | "blob" => "bytes",
        other => ALIASES
            .iter()
            .find(|(rust, _)| *rust == other)
            .map_or(other, |(_, word)| word),
    }
    .to_owned()
}

/// Types that have another name in Rust than scripts read.
const ALIASES: &[(&str, &str)] = &[
    ("Answer", "Response"),
    ("Condition", "Signal"),
    ("Cookies", "Jar"),
    ("Documents", "MongoDb"),
    ("Done", "Output"),
    ("PhaseHandle", "Phase"),
    ("Running", "Service"),
    ("Source", "Random"),
    ("Store", "RedisStore"),
    ("Up", "RunningStack"),
];

/// Doc comments as Markdown.
fn docs<'a>(comments: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for comment in comments {
        for line in comment.lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("///").unwrap_or(line);
            out.push_str(line.strip_prefix(' ').unwrap_or(line));
            out.push('\n');
        }
    }
    out.trim().to_owned()
}

/// The reference page of a primitive: its guide, then every entry.
pub fn page(primitive: &Primitive) -> String {
    let mut out = primitive.guide.trim_end().to_owned();
    out.push('\n');
    let entries = entries(primitive);
    let mut form = None;
    let mut last_docs = String::new();
    for entry in &entries {
        if form != Some(entry.form) {
            let title = match entry.form {
                Form::Function => "Functions",
                Form::Method => "Methods",
                Form::Property => "Properties",
            };
            let _ = write!(out, "\n## {title}\n");
            form = Some(entry.form);
        }
        let _ = write!(out, "\n### `{}`\n", entry.signature);
        if !entry.docs.is_empty() && entry.docs != last_docs {
            let _ = write!(out, "\n{}\n", entry.docs);
        }
        last_docs.clone_from(&entry.docs);
    }
    out
}

/// Every fenced `rhai` example of a Markdown text, with the line it begins on. A fence may carry words after a comma:
/// `rhai,no_run` is only checked, `rhai,fails` must fail.
pub fn examples(markdown: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<Example> = None;
    for (index, line) in markdown.lines().enumerate() {
        let fence = line.trim_start();
        match &mut open {
            Some(_) if fence.starts_with("```") => found.extend(open.take()),
            Some(example) => {
                example.text.push_str(line);
                example.text.push('\n');
            }
            None => {
                if let Some(info) = fence.strip_prefix("```rhai") {
                    open = Some(Example {
                        line: index + 2,
                        words: info
                            .split(',')
                            .map(|word| word.trim().to_owned())
                            .filter(|word| !word.is_empty())
                            .collect(),
                        text: String::new(),
                    });
                }
            }
        }
    }
    found
}

/// A script in the documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub line: usize,
    pub words: Vec<String>,
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A type that no method belongs to is one that completion cannot follow.
    #[test]
    fn what_a_call_gives_has_the_name_its_methods_have() {
        let all: Vec<Entry> = crate::PRIMITIVES.iter().flat_map(entries).collect();
        for entry in &all {
            let is_type = entry.returns.starts_with(char::is_uppercase);
            assert!(
                !is_type
                    || matches!(entry.returns.as_str(), "Pattern" | "Signal")
                    || all.iter().any(|other| other.receiver == entry.returns),
                "{}: nothing can be done with `{}`",
                entry.signature,
                entry.returns
            );
        }
    }

    #[test]
    fn entries_are_told_in_the_words_of_a_script() {
        let entries = entries(&crate::wait::PRIMITIVE);
        let signatures: Vec<&str> = entries
            .iter()
            .map(|entry| entry.signature.as_str())
            .collect();
        assert!(
            signatures.contains(&"wait_until(timeout: text, condition: closure) -> value"),
            "{signatures:?}"
        );
        assert!(signatures.contains(&"sleep(time: text)"), "{signatures:?}");
    }

    #[test]
    fn every_entry_of_every_primitive_is_documented_with_an_example() {
        for primitive in crate::PRIMITIVES {
            assert!(
                !examples(primitive.guide).is_empty(),
                "the guide of {} has no example",
                primitive.name
            );
            let entries = entries(primitive);
            for entry in &entries {
                assert!(
                    !entry.docs.is_empty(),
                    "{} is not documented",
                    entry.signature
                );
                let shown = entries
                    .iter()
                    .filter(|other| other.name == entry.name)
                    .any(|other| !examples(&other.docs).is_empty());
                assert!(
                    shown || entry.form == Form::Property,
                    "{} has no example",
                    entry.signature
                );
            }
        }
    }

    #[test]
    fn examples_know_their_line_and_words() {
        let found = examples("# T\n\n```rhai,no_run\nlet a = 1;\n```\n");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].text.as_str()), (4, "let a = 1;\n"));
        assert_eq!(found[0].words, ["no_run"]);
    }
}
