//! A configuration file as text whose byte ranges can be drawn. Knows neither TOML nor env files.

use scenario_stdlib::host::location::Location;
use std::ops::Range;

/// A file that was read, under the name messages use for it.
#[derive(Clone, Debug)]
pub struct Text {
    pub file: String,
    pub text: String,
}

impl Text {
    /// The place of a range of bytes, underlined as far as its first line goes.
    pub fn place(&self, span: Range<usize>) -> Location {
        let start = floor(&self.text, span.start);
        let end = floor(&self.text, span.end).max(start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[..start].matches('\n').count() as u32 + 1;
        let column = self.text[line_start..start].chars().count() as u32 + 1;
        let underlined = self.text[start..end].lines().next().unwrap_or("");
        Location::in_source(&self.file, &self.text, line, column)
            .with_width(underlined.chars().count() as u32)
    }

    /// The line, counted from 1, in which a byte stands.
    pub fn line(&self, byte: usize) -> u32 {
        self.text[..floor(&self.text, byte)].matches('\n').count() as u32 + 1
    }
}

/// Parsers may point behind the end or, at an error, into a character.
fn floor(text: &str, mut byte: usize) -> usize {
    byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_the_first_line_is_underlined() {
        let text = Text {
            file: "f".into(),
            text: "a\nbü = [\n1]".into(),
        };
        let at = text.place(8..12);
        assert_eq!((at.line, at.column, at.width), (2, 6, 1));
        assert_eq!(text.place(99..200).line, 3);
        assert_eq!(text.place(4..4).width, 1);
    }
}
