//! A place in a script and the frame drawn around it. Knows text, not Rhai.

use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A place in a script: enough to draw its frame without reading the file again, because the file
/// may have changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Path relative to the project, with forward slashes.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted in characters from 1.
    pub column: u32,
    /// Characters to underline, at least 1.
    pub width: u32,
    /// The whole line as it stood in the script.
    pub text: String,
}

impl Location {
    /// The place at `line`:`column` of `source`; the width is that of the word or literal which stands there.
    pub fn in_source(file: &str, source: &str, line: u32, column: u32) -> Self {
        let text = source
            .lines()
            .nth(line.saturating_sub(1) as usize)
            .unwrap_or("")
            .to_owned();
        let from = column.max(1) - 1;
        let width = token_width(text.chars().skip(from as usize));
        Self {
            file: file.to_owned(),
            line: line.max(1),
            column: column.max(1),
            width,
            text,
        }
    }

    /// The same place, underlined for `width` characters.
    pub fn with_width(mut self, width: u32) -> Self {
        self.width = width.max(1);
        self
    }

    /// Rustc's frame (credit: rustc, as hurl draws it too):
    ///
    /// ```text
    ///   --> scenarios/login.rhai:3:8
    ///    |
    ///  3 | assert res.status == 200
    ///    |        ^^^^^^^^^^ is 404
    /// ```
    pub fn frame(&self, label: &str) -> String {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len() + 1);
        let text: String = self.text.trim_end().replace('\t', " ");
        let mut out = String::new();
        let _ = writeln!(out, "{gutter}--> {self}");
        let _ = writeln!(out, "{gutter} |");
        let _ = writeln!(out, " {number} | {text}");
        let pad = " ".repeat(self.column.saturating_sub(1) as usize);
        let room = (text.chars().count() as u32 + 1).saturating_sub(self.column - 1);
        let carets = "^".repeat(self.width.clamp(1, room.max(1)) as usize);
        let _ = write!(out, "{gutter} | {pad}{carets}");
        if !label.is_empty() {
            let _ = write!(out, " {label}");
        }
        out
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Rhai reports where a token begins but not where it ends.
fn token_width(mut rest: impl Iterator<Item = char>) -> u32 {
    let Some(first) = rest.next() else { return 1 };
    let more = match first {
        quote @ ('"' | '`' | '\'') => {
            let mut escaped = false;
            let mut width = 0;
            for c in rest {
                width += 1;
                if escaped {
                    escaped = false;
                } else if c == '\\' {
                    escaped = true;
                } else if c == quote {
                    break;
                }
            }
            width
        }
        c if is_word(c) => rest.take_while(|c| is_word(*c)).count(),
        c => rest
            .take_while(|d| "=<>!&|".contains(c) && "=<>&|".contains(*d))
            .count(),
    };
    1 + more as u32
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_underlines_the_word_at_the_place() {
        let source = "let a = 1;\nassert status == 200;\n";
        let at = Location::in_source("s.rhai", source, 2, 8);
        assert_eq!(
            at.frame("is 404"),
            "  --> s.rhai:2:8\n   |\n 2 | assert status == 200;\n   |        ^^^^^^ is 404"
        );
    }

    #[test]
    fn strings_and_operators_are_underlined_whole() {
        let width = |text: &str| Location::in_source("s", text, 1, 1).width;
        assert_eq!(width(r#""a\"b" + c"#), 6);
        assert_eq!(width("== 3"), 2);
        assert_eq!(width("(x)"), 1);
    }

    #[test]
    fn a_place_past_the_end_still_draws() {
        let at = Location::in_source("s.rhai", "x", 9, 40);
        assert!(at.frame("").contains("s.rhai:9:40"));
    }
}
