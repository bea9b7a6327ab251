//! The signatures of the call that is being written, and which argument it is at.

use super::Context;
use super::around::call_around;
use super::exports::exports;
use super::infer::Infer;
use super::offer::called;
use super::scope::{self, What};
use super::text::{Inside, Script};

/// The ways a call may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    pub all: Vec<Signature>,
    /// The one that fits what was written so far.
    pub active: usize,
    /// The argument the place is in, from 0.
    pub argument: usize,
}

/// One way to call a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `Http.get(url: text, options: map) -> Response`.
    pub label: String,
    /// Its parameters as they stand in the label.
    pub parameters: Vec<String>,
    /// Markdown.
    pub docs: String,
}

/// The signatures of the call around `offset` (in bytes).
pub fn signature_at(context: &Context<'_>, text: &str, offset: usize) -> Option<Signatures> {
    let script = Script::new(text);
    let cursor = script.cursor(offset);
    if cursor.inside == Inside::Comment {
        return None;
    }
    let mut at = cursor.at;
    // Behind the last token the place is still within the brackets before it.
    while script
        .get(at)
        .is_some_and(|token| token.start < cursor.typed.start)
    {
        at += 1;
    }
    let call = call_around(&script, at)?;
    let infer = Infer {
        context,
        script: &script,
    };
    let all = signatures(&infer, call.name);
    if all.is_empty() {
        return None;
    }
    let fits = |signature: &Signature| signature.parameters.len() > call.argument;
    Some(Signatures {
        active: all.iter().position(fits).unwrap_or(all.len() - 1),
        all,
        argument: call.argument,
    })
}

/// Every way to call the function whose name is the token at `name`.
pub(super) fn signatures(infer: &Infer<'_, '_>, name: usize) -> Vec<Signature> {
    let script = infer.script;
    let word = script.word(name);
    let is_path = name > 0 && script.is(name - 1, "::");
    let is_method = name > 0 && (script.is(name - 1, ".") || script.is(name - 1, "?."));
    if is_path {
        let alias = name - 2;
        let found = scope::find(script, script.word(alias), alias).map(|found| found.what);
        let Some(What::Module(Some(path))) = found else {
            return Vec::new();
        };
        let text = (infer.context.module)(&path).unwrap_or_default();
        let all = exports(&text).into_iter();
        return all
            .filter(|export| export.name == word)
            .map(|export| Signature {
                label: export.signature(),
                parameters: export.parameters.unwrap_or_default(),
                docs: export.docs,
            })
            .collect();
    }
    let own: Vec<Signature> = scope::functions(script)
        .into_iter()
        .filter(|function| !is_method && script.word(function.name) == word)
        .map(|function| {
            let words = function.parameters.iter();
            let parameters: Vec<String> = words.map(|at| script.word(*at).to_owned()).collect();
            Signature {
                label: format!("{word}({})", parameters.join(", ")),
                parameters,
                docs: script.comment_above(function.name),
            }
        })
        .collect();
    if !own.is_empty() {
        return own;
    }
    let mut entries = called(infer, name);
    entries.sort_by_key(|entry| entry.params.len());
    entries
        .into_iter()
        .map(|entry| Signature {
            label: entry.signature.clone(),
            parameters: entry
                .params
                .iter()
                .map(|param| format!("{}: {}", param.name, param.kind))
                .collect(),
            docs: entry.docs.clone(),
        })
        .collect()
}
