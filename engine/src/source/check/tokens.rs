//! A tolerant lexer for Rhai text: broken scripts still yield tokens. Knows no syntax tree.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    Number,
    /// A string in double quotes, or a raw one such as `#"…"#`.
    Text,
    /// Anything in single quotes.
    Char,
    /// A piece of a string in back-ticks: up to `${`, from `}` on, or the whole.
    Template,
    Symbol,
    /// Only a block comment that never ends; closed ones are no tokens.
    Comment,
}

/// A word, literal or symbol and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'s> {
    pub kind: Kind,
    pub text: &'s str,
    /// Byte offset of the first character.
    pub start: usize,
    /// Counted from 1, as Rhai does.
    pub line: u32,
    /// Counted in characters from 1, as Rhai does.
    pub column: u32,
    /// `false` for a literal or comment whose end is missing.
    pub closed: bool,
}

impl Token<'_> {
    /// The bytes it covers.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end()
    }

    /// Byte offset behind the last character.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this symbol.
    pub fn is(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// Whether it is this word.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    /// +1 for what opens a bracket or an interpolation, -1 for what closes one.
    pub fn nesting(&self) -> i32 {
        match (self.kind, self.text) {
            (Kind::Symbol, "(" | "[" | "{" | "#{" | "?[") => 1,
            (Kind::Symbol, ")" | "]" | "}") => -1,
            (Kind::Template, text) => {
                i32::from(text.ends_with("${")) - i32::from(text.starts_with('}'))
            }
            _ => 0,
        }
    }
}

/// Longest first, so that the first match is the right one.
const SYMBOLS: &[&str] = &[
    "===", "!==", "...", "..=", "<<=", ">>=", "**=", "::<", "=>", "==", "!=", "<=", ">=", "&&",
    "||", "??", "?.", "?[", "::", ":=", "->", "<-", "++", "--", "+=", "-=", "*=", "/=", "%=", "|=",
    "&=", "^=", "<<", ">>", "**", "..", "#{",
];

/// All tokens of `source`, comments and white space left out.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer {
        source,
        at: 0,
        line: 1,
        column: 1,
        tokens: Vec::new(),
        interpolations: Vec::new(),
    };
    while lexer.next() {}
    for (opener, _) in lexer.interpolations {
        lexer.tokens[opener].closed = false;
    }
    lexer.tokens
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    line: u32,
    column: u32,
    tokens: Vec<Token<'s>>,
    /// For each `${` we are in: the index of its token, and how many braces are open inside.
    interpolations: Vec<(usize, usize)>,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn bump_while(&mut self, accept: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&accept) {
            self.bump();
        }
    }

    /// Runs `scan` from here on and keeps what it passed as one token; `scan` says whether it found the end.
    fn token(&mut self, kind: Kind, scan: impl FnOnce(&mut Self) -> bool) {
        let (start, line, column) = (self.at, self.line, self.column);
        let closed = scan(self);
        self.tokens.push(Token {
            kind,
            text: &self.source[start..self.at],
            start,
            line,
            column,
            closed,
        });
    }

    /// Reads one token or one stretch of what is none; `false` at the end.
    fn next(&mut self) -> bool {
        let Some(c) = self.peek() else { return false };
        let rest = self.rest();
        match c {
            _ if c.is_whitespace() => self.bump_while(char::is_whitespace),
            _ if rest.starts_with("//") => self.bump_while(|c| c != '\n'),
            _ if rest.starts_with("/*") => self.block_comment(),
            '"' => self.token(Kind::Text, Self::text),
            '#' if raw_hashes(rest).is_some() => self.token(Kind::Text, Self::raw_text),
            '`' => self.token(Kind::Template, |lexer| {
                lexer.bump();
                lexer.template()
            }),
            '}' if self
                .interpolations
                .last()
                .is_some_and(|(_, open)| *open == 0) =>
            {
                self.interpolations.pop();
                self.token(Kind::Template, |lexer| {
                    lexer.bump();
                    lexer.template()
                });
            }
            '\'' => self.token(Kind::Char, Self::quoted),
            _ if c.is_ascii_digit() => self.token(Kind::Number, Self::number),
            _ if is_word(c) => self.token(Kind::Word, |lexer| {
                lexer.bump_while(is_word);
                true
            }),
            _ => self.symbol(),
        }
        true
    }

    fn symbol(&mut self) {
        let rest = self.rest();
        let known = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
        let single = rest.chars().next().map_or(0, char::len_utf8);
        let length = known.map_or(single, |symbol| symbol.len());
        if let Some((_, open)) = self.interpolations.last_mut() {
            match &rest[..length] {
                "{" | "#{" => *open += 1,
                "}" => *open -= 1,
                _ => {}
            }
        }
        self.token(Kind::Symbol, |lexer| {
            let end = lexer.at + length;
            while lexer.at < end {
                lexer.bump();
            }
            true
        });
    }

    fn block_comment(&mut self) {
        let (start, line, column) = (self.at, self.line, self.column);
        let mut depth = 0usize;
        loop {
            if self.rest().starts_with("/*") {
                depth += 1;
                self.bump();
            } else if self.rest().starts_with("*/") {
                depth -= 1;
                self.bump();
            }
            let ended = self.bump().is_none();
            if depth == 0 {
                return;
            }
            if ended {
                self.tokens.push(Token {
                    kind: Kind::Comment,
                    text: &self.source[start..self.at],
                    start,
                    line,
                    column,
                    closed: false,
                });
                return;
            }
        }
    }

    /// Up to the closing quote; a line end closes nothing unless it is escaped.
    fn text(&mut self) -> bool {
        self.bump();
        loop {
            match self.peek() {
                None | Some('\n') => return false,
                Some('\\') => {
                    self.bump();
                    self.bump();
                }
                Some(c) => {
                    self.bump();
                    if c == '"' {
                        return true;
                    }
                }
            }
        }
    }

    fn raw_text(&mut self) -> bool {
        let hashes = raw_hashes(self.rest()).unwrap_or(0);
        let end = format!("\"{}", "#".repeat(hashes));
        for _ in 0..=hashes {
            self.bump();
        }
        loop {
            if self.rest().starts_with(&end) {
                for _ in 0..=hashes {
                    self.bump();
                }
                return true;
            }
            if self.bump().is_none() {
                return false;
            }
        }
    }

    fn template(&mut self) -> bool {
        loop {
            if self.rest().starts_with("${") {
                self.bump();
                self.bump();
                self.interpolations.push((self.tokens.len(), 0));
                return true;
            }
            match self.bump() {
                None => return false,
                Some('\\') => {
                    self.bump();
                }
                Some('`') => return true,
                Some(_) => {}
            }
        }
    }

    /// One character in Rhai; a whole string for those who come from elsewhere.
    fn quoted(&mut self) -> bool {
        let line = self.rest().lines().next().unwrap_or("");
        let mut escaped = false;
        let end = line.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '\'' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let stop = self.at + end.map_or(1, |(at, _)| at + 1);
        while self.at < stop {
            self.bump();
        }
        end.is_some()
    }

    fn number(&mut self) -> bool {
        self.bump_while(is_word);
        let mut ahead = self.rest().chars();
        if ahead.next() == Some('.') && ahead.next().is_some_and(|c| c.is_ascii_digit()) {
            self.bump();
            self.bump_while(is_word);
        }
        let exponent = self.source[..self.at].ends_with(['e', 'E']);
        if exponent && self.peek().is_some_and(|c| c == '+' || c == '-') {
            self.bump();
            self.bump_while(is_word);
        }
        true
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How many hashes open a raw string here, if one opens.
fn raw_hashes(rest: &str) -> Option<usize> {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        tokens(source).iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_numbers_and_symbols_are_told_apart() {
        assert_eq!(
            texts("let x=1..20; x.y?.z += 1.5e-3; a===b"),
            [
                "let", "x", "=", "1", "..", "20", ";", "x", ".", "y", "?.", "z", "+=", "1.5e-3",
                ";", "a", "===", "b"
            ]
        );
    }

    #[test]
    fn comments_are_left_out_nested_ones_too() {
        assert_eq!(texts("a // b\n/* c /* d */ e */ f"), ["a", "f"]);
    }

    #[test]
    fn a_template_is_cut_at_its_interpolations() {
        assert_eq!(
            texts("`a ${ #{x: `${1}`}.x } b` c"),
            [
                "`a ${", "#{", "x", ":", "`${", "1", "}`", "}", ".", "x", "} b`", "c"
            ]
        );
    }

    #[test]
    fn raw_strings_hold_anything() {
        assert_eq!(
            texts("##\"a\"# \\ \"## #{}"),
            ["##\"a\"# \\ \"##", "#{", "}"]
        );
    }

    #[test]
    fn what_never_ends_is_marked() {
        let open = |source| {
            let tokens = tokens(source);
            let open = tokens.iter().find(|token| !token.closed).unwrap();
            (open.kind, open.line, open.column)
        };
        assert_eq!(open("let a = \"x;\nlet b = 1;"), (Kind::Text, 1, 9));
        assert_eq!(open("a;\n  `x ${y}"), (Kind::Template, 2, 9));
        assert_eq!(open("a; `x ${y; {}"), (Kind::Template, 1, 4));
        assert_eq!(open("/* a"), (Kind::Comment, 1, 1));
        assert_eq!(open("don't"), (Kind::Char, 1, 4));
    }

    #[test]
    fn places_count_characters() {
        let last = |source| {
            let tokens = tokens(source);
            let last = tokens.last().unwrap();
            (last.line, last.column)
        };
        assert_eq!(last("\"äöü\" x"), (1, 7));
        assert_eq!(last("`a\n${b}` x"), (2, 7));
    }

    #[test]
    fn any_text_ends() {
        for source in [
            "#", "'", "\\", "`${", "`${}", "\"\\", "1.", "}}", "🙂", "#\"", "/*/",
        ] {
            tokens(source);
        }
    }
}
