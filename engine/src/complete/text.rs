//! A text as tokens, and where in it somebody is typing.

use crate::source::check::{Kind, Token, tokens};
use std::ops::Range;

/// A text and its tokens.
pub(super) struct Script<'s> {
    pub text: &'s str,
    pub tokens: Vec<Token<'s>>,
}

/// Where somebody is typing.
pub(super) struct Cursor {
    /// What was typed of the word so far; empty between words.
    pub typed: Range<usize>,
    /// The whole word.
    pub word: Range<usize>,
    /// The index of that word, or of the first token behind the place.
    pub at: usize,
    pub inside: Inside,
}

/// What a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    Code,
    Comment,
    /// The text token of this index.
    Text(usize),
}

impl<'s> Script<'s> {
    pub fn new(text: &'s str) -> Self {
        Self {
            text,
            tokens: tokens(text),
        }
    }

    pub fn get(&self, at: usize) -> Option<&Token<'s>> {
        self.tokens.get(at)
    }

    /// The token before `at`.
    pub fn before(&self, at: usize) -> Option<&Token<'s>> {
        self.tokens.get(at.checked_sub(1)?)
    }

    /// Whether the token at `at` is this symbol.
    pub fn is(&self, at: usize, symbol: &str) -> bool {
        self.get(at).is_some_and(|token| token.is(symbol))
    }

    pub fn is_word(&self, at: usize) -> bool {
        self.get(at).is_some_and(|token| token.kind == Kind::Word)
    }

    /// The text of a token that is no string; empty if there is none.
    pub fn word(&self, at: usize) -> &'s str {
        let token = self.get(at).filter(|token| token.kind == Kind::Word);
        token.map_or("", |token| token.text)
    }

    /// What is written between the quotes of a text.
    pub fn quoted(&self, at: usize) -> Option<&'s str> {
        let token = self.get(at).filter(|token| token.kind == Kind::Text)?;
        token.text.strip_prefix('"')?.strip_suffix('"')
    }

    /// Where `offset` is; one beyond the text or within a character counts as the place before.
    pub fn cursor(&self, offset: usize) -> Cursor {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let touching = self.tokens.partition_point(|token| token.end() < offset);
        let mut found = Cursor {
            typed: offset..offset,
            word: offset..offset,
            at: self.tokens.partition_point(|token| token.end() <= offset),
            inside: Inside::Code,
        };
        // A word begins right behind another token, as in `a.|b`.
        for at in [touching, touching + 1] {
            let Some(token) = self.get(at).filter(|token| token.start <= offset) else {
                continue;
            };
            let is_word = token.kind == Kind::Word && offset <= token.end();
            if is_word && (token.start < offset || found.word.is_empty()) {
                found.typed = token.start..offset;
                found.word = token.span();
                found.at = at;
                return found;
            }
            let is_text = matches!(token.kind, Kind::Text | Kind::Char | Kind::Template);
            let goes_on = !token.closed && !token.text.ends_with("${");
            let is_within = offset < token.end() || offset == token.end() && goes_on;
            if token.start < offset && is_within {
                if is_text {
                    found.inside = Inside::Text(at);
                    found.at = at;
                } else if token.kind == Kind::Comment {
                    found.inside = Inside::Comment;
                }
                return found;
            }
        }
        let from = self.before(found.at).map_or(0, Token::end);
        if is_comment(&self.text[from.min(offset)..offset]) {
            found.inside = Inside::Comment;
        }
        found
    }

    /// The index of the bracket that closes the one at `open`, or the end of the text.
    pub fn closing(&self, open: usize) -> usize {
        let mut depth = 0;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            depth += token.nesting();
            if depth <= 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    /// The index of the bracket that the one at `close` closes.
    pub fn opening(&self, close: usize) -> Option<usize> {
        let mut depth = 0;
        for at in (0..=close).rev() {
            depth += self.tokens[at].nesting();
            if depth >= 0 {
                return Some(at);
            }
        }
        None
    }

    /// The index of the innermost bracket that is open before the token at `at`.
    pub fn open_before(&self, at: usize) -> Option<usize> {
        let mut closed = 0;
        for index in (0..at.min(self.tokens.len())).rev() {
            let token = &self.tokens[index];
            let opens = token.nesting() > 0 || token.text.ends_with("${");
            let closes =
                token.nesting() < 0 || token.kind == Kind::Template && token.text.starts_with('}');
            if opens && closed == 0 {
                return Some(index);
            }
            closed += usize::from(closes);
            closed -= usize::from(opens);
        }
        None
    }

    /// The index of the token that ends the statement or element which begins at `from`.
    pub fn end(&self, from: usize) -> usize {
        let mut depth = 0;
        for (at, token) in self.tokens.iter().enumerate().skip(from) {
            let ends = token.is(";") || token.is(",") || token.nesting() < 0;
            if depth == 0 && ends {
                return at;
            }
            depth += token.nesting();
        }
        self.tokens.len()
    }

    /// Whether a `|` at `at` opens the parameters of a closure, and is no operator.
    pub fn opens_closure(&self, at: usize) -> bool {
        if !self.is(at, "|") && !self.is(at, "||") {
            return false;
        }
        match self.before(at) {
            None => true,
            Some(token) => match token.kind {
                Kind::Word => token.text == "return",
                Kind::Symbol => ![")", "]", "}"].contains(&token.text),
                Kind::Template => token.text.ends_with("${"),
                Kind::Number | Kind::Text | Kind::Char | Kind::Comment => false,
            },
        }
    }

    /// The comment right above the line of this token, without its slashes.
    pub fn comment_above(&self, at: usize) -> String {
        let Some(token) = self.get(at) else {
            return String::new();
        };
        let begin = self.text[..token.start].rfind('\n').map_or(0, |nl| nl + 1);
        let mut lines = Vec::new();
        for line in self.text[..begin].lines().rev() {
            let Some(comment) = line.trim_start().strip_prefix("//") else {
                break;
            };
            let comment = comment.trim_start_matches(['/', '!']);
            lines.push(comment.strip_prefix(' ').unwrap_or(comment));
        }
        lines.reverse();
        lines.join("\n").trim().to_owned()
    }
}

/// Whether what stands between two tokens ends within a comment.
fn is_comment(gap: &str) -> bool {
    let line = gap.rsplit('\n').next().unwrap_or_default();
    line.contains("//") && !line.rsplit("//").next().unwrap_or_default().contains("*/")
        || gap.rfind("/*") > gap.rfind("*/").map(|end| end + 1)
}
