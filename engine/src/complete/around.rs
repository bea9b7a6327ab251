//! The call that a place is in: whose argument is being written.

use super::text::Script;
use crate::source::check::Kind;

/// A call around a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The index of the function's name.
    pub name: usize,
    /// The index of its opening bracket.
    pub open: usize,
    /// Which argument it is, from 0.
    pub argument: usize,
}

/// The call whose argument the token at `at` is part of: directly, or in lists and maps, but not in a block.
pub(super) fn call_around(script: &Script<'_>, at: usize) -> Option<Call> {
    let mut at = at;
    loop {
        let open = script.open_before(at)?;
        let token = script.get(open)?;
        if token.is("(") {
            return call_of(script, open, at).or_else(|| call_around(script, open));
        }
        if !token.is("[") && !token.is("#{") && !token.is("?[") {
            return None;
        }
        at = open;
    }
}

/// The call of which this is the opening bracket, seen from the token at `at`.
fn call_of(script: &Script<'_>, open: usize, at: usize) -> Option<Call> {
    let name = open.checked_sub(1)?;
    let is_name = script.is_word(name) && !is_keyword(script.word(name));
    is_name.then(|| Call {
        name,
        open,
        argument: commas(script, open, at),
    })
}

/// The commas between the arguments before `at`.
fn commas(script: &Script<'_>, open: usize, at: usize) -> usize {
    let (mut depth, mut count, mut in_parameters) = (0, 0, false);
    for index in open + 1..at.min(script.tokens.len()) {
        let token = &script.tokens[index];
        if depth == 0 && token.is("|") {
            in_parameters = !in_parameters && script.opens_closure(index);
        }
        if depth == 0 && token.is(",") && !in_parameters {
            count += 1;
        }
        depth += token.nesting();
    }
    count
}

/// A map literal that a key is being written in.
pub(super) struct MapAround {
    /// The index of its `#{`.
    pub open: usize,
    /// The call it is an argument of, if it is one itself.
    pub call: Option<Call>,
    /// The keys it has already, except the one at the place.
    pub keys: Vec<String>,
}

/// The map in which the token at `at` is a key, or would be one.
pub(super) fn map_around(script: &Script<'_>, at: usize) -> Option<MapAround> {
    let before = at.checked_sub(1)?;
    let open = script.open_before(at)?;
    let is_key = script.is(open, "#{") && (before == open || script.is(before, ","));
    if !is_key {
        return None;
    }
    let outer = script.open_before(open);
    let is_argument = outer.is_some_and(|outer| script.is(outer, "("))
        && script
            .before(open)
            .is_some_and(|token| token.is("(") || token.is(","));
    let call = outer
        .filter(|_| is_argument)
        .and_then(|outer| call_of(script, outer, open));
    Some(MapAround {
        open,
        call,
        keys: keys(script, open, at),
    })
}

/// The keys of the map literal that begins at `open`, except the one at `except`.
pub(super) fn keys(script: &Script<'_>, open: usize, except: usize) -> Vec<String> {
    let mut keys = Vec::new();
    let mut depth = 0;
    for at in open..script.tokens.len() {
        let token = &script.tokens[at];
        let is_key = depth == 1
            && script.is(at + 1, ":")
            && matches!(token.kind, Kind::Word | Kind::Text)
            && (at == open + 1 || script.is(at - 1, ","));
        if is_key && at != except {
            keys.push(token.text.trim_matches('"').to_owned());
        }
        depth += token.nesting();
        if depth <= 0 {
            break;
        }
    }
    keys
}

/// Words before a bracket that call nothing.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word) || ["true", "false", "private", "this", "global"].contains(&word)
}

/// Words of the language that a statement or expression may begin with.
pub(super) const KEYWORDS: &[&str] = &[
    "let", "const", "if", "else", "switch", "while", "do", "until", "loop", "for", "in",
    "continue", "break", "return", "fn", "import", "export", "as", "try", "catch", "throw",
];
