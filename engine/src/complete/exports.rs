//! What a module offers, as its text tells.

use super::scope;
use super::text::Script;
use std::ops::Range;

/// A function or value that importers of a module see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    pub name: String,
    /// The names of its parameters, if it is a function.
    pub parameters: Option<Vec<String>>,
    /// The comment above it.
    pub docs: String,
    /// Where its name stands.
    pub place: Range<usize>,
}

impl Export {
    /// As a script writes it: `up(name, options)`.
    pub fn signature(&self) -> String {
        match &self.parameters {
            Some(parameters) => format!("{}({})", self.name, parameters.join(", ")),
            None => self.name.clone(),
        }
    }
}

/// Everything a module exports, in the order of its text.
pub fn exports(text: &str) -> Vec<Export> {
    let script = Script::new(text);
    let export = |name: usize, parameters, first: usize| {
        let token = script.get(name)?;
        Some(Export {
            name: token.text.to_owned(),
            parameters,
            docs: script.comment_above(first),
            place: token.span(),
        })
    };
    let functions = scope::functions(&script).into_iter();
    let mut found: Vec<Export> = functions
        .filter(|function| !function.is_private)
        .filter_map(|function| {
            let words = function.parameters.iter();
            let parameters = words.map(|at| script.word(*at).to_owned()).collect();
            export(function.name, Some(parameters), function.name)
        })
        .collect();
    for at in (0..script.tokens.len()).filter(|at| script.word(*at) == "export") {
        let declares = ["let", "const"].contains(&script.word(at + 1));
        let name = at + 1 + usize::from(declares);
        let renamed = script.word(name + 1) == "as";
        if script.is_word(name) {
            found.extend(export(name + 2 * usize::from(renamed), None, at));
        }
    }
    found.sort_by_key(|export| export.place.start);
    found
}
