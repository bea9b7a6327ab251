//! A script as text: from a place of the syntax tree to its token, and from a token to its frame.
//! Knows positions of Rhai, but not its tree.

use super::tokens::{Kind, Token, tokens};
use rhai::Position;
use scenario_stdlib::host::location::Location;
use std::ops::Range;

/// The text of a file and its tokens.
pub(super) struct Script<'s> {
    pub file: &'s str,
    pub source: &'s str,
    pub tokens: Vec<Token<'s>>,
}

impl<'s> Script<'s> {
    pub fn new(file: &'s str, source: &'s str) -> Self {
        Self {
            file,
            source,
            tokens: tokens(source),
        }
    }

    /// The index of the token that begins at `at` or is the first behind it.
    pub fn from(&self, at: Position) -> usize {
        let place = place(at);
        self.tokens
            .partition_point(|token| (token.line, token.column) < place)
    }

    /// The token that begins at `at`.
    pub fn token(&self, at: Position) -> Option<&Token<'s>> {
        let token = self.tokens.get(self.from(at))?;
        ((token.line, token.column) == place(at)).then_some(token)
    }

    /// The frame for a place.
    pub fn location(&self, at: Position) -> Location {
        let (line, column) = place(at);
        Location::in_source(self.file, self.source, line, column)
    }

    /// The frame for a token.
    pub fn at_token(&self, token: &Token<'_>) -> Location {
        let location = Location::in_source(self.file, self.source, token.line, token.column);
        match token.kind {
            Kind::Symbol => location.with_width(token.text.chars().count() as u32),
            _ => location,
        }
    }

    /// The text of the statement that begins at `at`, or with brackets or a `!` right before it.
    pub fn statement(&self, at: Position) -> &'s str {
        let mut first = self.from(at);
        while first > 0 && (self.tokens[first - 1].is("(") || self.tokens[first - 1].is("!")) {
            first -= 1;
        }
        let mut depth = 0;
        let mut end = None;
        for token in self.tokens.get(first..).unwrap_or_default() {
            let ends = token.is(";") || token.is(",") || token.nesting() < 0;
            if depth == 0 && ends {
                break;
            }
            depth += token.nesting();
            end = Some(token.end());
        }
        match (self.tokens.get(first), end) {
            (Some(first), Some(end)) => &self.source[first.start..end],
            _ => "",
        }
    }
}

/// Line and column, both from 1. Rhai has no position for what it made up; that is the file's start.
pub(super) fn place(at: Position) -> (u32, u32) {
    let line = at.line().unwrap_or(1);
    let column = at.position().unwrap_or(1);
    (line as u32, column as u32)
}

/// A `fn` of a script, as indices into its tokens.
pub(super) struct Definition {
    pub name: usize,
    pub parameters: Vec<usize>,
    /// From `fn` (or `private`) to its closing brace.
    pub tokens: Range<usize>,
}

/// Every `fn` of a script. The tree keeps neither where a function's name nor where its parameters stand.
pub(super) fn definitions(tokens: &[Token<'_>]) -> Vec<Definition> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let definition = tokens[at]
            .is_word("fn")
            .then(|| definition(tokens, at))
            .flatten();
        at = definition.as_ref().map_or(at + 1, |d| d.tokens.end);
        found.extend(definition);
    }
    found
}

fn definition(tokens: &[Token<'_>], at: usize) -> Option<Definition> {
    let mut name = at + 1;
    if tokens.get(name + 1)?.is(".") {
        name += 2;
    }
    let mut parameters = Vec::new();
    let mut next = name + 1;
    if tokens.get(name)?.kind != Kind::Word || !tokens.get(next)?.is("(") {
        return None;
    }
    while !tokens.get(next)?.is(")") {
        if tokens[next].kind == Kind::Word {
            parameters.push(next);
        }
        next += 1;
    }
    let start = at - usize::from(at > 0 && tokens[at - 1].is_word("private"));
    Some(Definition {
        name,
        parameters,
        tokens: start..closing(tokens, next + 1)? + 1,
    })
}

/// The index of the bracket that closes the one at `open`.
pub(super) fn closing(tokens: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        depth += token.nesting();
        if depth <= 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_ends_where_its_block_or_list_does() {
        let script = Script::new("s", "f(|| (a == `x;${b}`), 1); c == d");
        assert_eq!(script.statement(Position::new(1, 7)), "(a == `x;${b}`)");
        assert_eq!(script.statement(Position::new(1, 27)), "c == d");
        assert_eq!(script.statement(Position::new(9, 1)), "");
    }

    #[test]
    fn definitions_have_names_parameters_and_an_end() {
        let tokens = tokens("private fn a(x, y) { { x } } fn int.b() {} fn c(");
        let found = definitions(&tokens);
        let text = |index: usize| tokens[index].text;
        assert_eq!(found.len(), 2);
        assert_eq!(text(found[0].name), "a");
        assert_eq!(
            found[0]
                .parameters
                .iter()
                .map(|p| text(*p))
                .collect::<Vec<_>>(),
            ["x", "y"]
        );
        assert_eq!(text(found[0].tokens.start), "private");
        assert_eq!(text(found[1].name), "b");
        assert_eq!(found[1].tokens.end, tokens.len() - 3);
    }
}
