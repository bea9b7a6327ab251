//! Places as the protocol counts them (lines from 0, UTF-16 units) and as we do (bytes; lines and characters from 1).
//! A place outside the text is the nearest one inside.

use scenario_stdlib::host::location::Location;
use std::ops::Range as Bytes;
use tower_lsp_server::ls_types::{Position, Range};

/// The byte at a place.
pub fn offset(text: &str, position: Position) -> usize {
    let mut begin = 0;
    for _ in 0..position.line {
        match text[begin..].find('\n') {
            Some(end) => begin += end + 1,
            None => return text.len(),
        }
    }
    let line = line_from(text, begin);
    let mut units = 0;
    for (at, c) in line.char_indices() {
        if units >= position.character {
            return begin + at;
        }
        units += c.len_utf16() as u32;
    }
    begin + line.len()
}

/// The place of a byte.
pub fn position(text: &str, offset: usize) -> Position {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        line: before.bytes().filter(|byte| *byte == b'\n').count() as u32,
        character: units(&before[begin..]),
    }
}

/// The places of a stretch of bytes.
pub fn range(text: &str, bytes: &Bytes<usize>) -> Range {
    Range {
        start: position(text, bytes.start),
        end: position(text, bytes.end),
    }
}

/// The places that a failure underlines; the text of its line comes with it.
pub fn underlined(location: &Location) -> Range {
    let line = location.line.saturating_sub(1);
    let chars = |count: u32| -> u32 {
        let chars = location.text.chars().take(count as usize);
        chars.map(|c| c.len_utf16() as u32).sum()
    };
    let from = location.column.saturating_sub(1);
    let start = chars(from);
    let end = chars(from + location.width.max(1)).max(start);
    Range {
        start: Position::new(line, start),
        end: Position::new(line, end),
    }
}

/// The line that begins at a byte, without its end.
fn line_from(text: &str, begin: usize) -> &str {
    let line = text[begin..].split('\n').next().unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line)
}

fn units(text: &str) -> u32 {
    text.chars().map(|c| c.len_utf16() as u32).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "let ä = 1;\r\nlet 🙂 = \"x\";\n";

    #[test]
    fn characters_count_as_utf16_units() {
        let smile = TEXT.find('🙂').unwrap();
        assert_eq!(position(TEXT, smile), Position::new(1, 4));
        assert_eq!(position(TEXT, smile + 4), Position::new(1, 6));
        assert_eq!(offset(TEXT, Position::new(1, 6)), smile + 4);
        assert_eq!(offset(TEXT, Position::new(0, 5)), 6);
    }

    #[test]
    fn a_place_outside_is_the_nearest_inside() {
        assert_eq!(offset(TEXT, Position::new(0, 999)), "let ä = 1;".len());
        assert_eq!(offset(TEXT, Position::new(999, 0)), TEXT.len());
        assert_eq!(offset(TEXT, Position::new(u32::MAX, u32::MAX)), TEXT.len());
        assert_eq!(offset("", Position::new(3, 3)), 0);
        assert_eq!(position(TEXT, 9_999), Position::new(2, 0));
        // Within a surrogate pair.
        let smile = TEXT.find('🙂').unwrap();
        assert_eq!(offset(TEXT, Position::new(1, 5)), smile + 4);
    }

    #[test]
    fn there_and_back_again() {
        for (at, _) in TEXT.char_indices().filter(|(_, c)| *c != '\r') {
            assert_eq!(offset(TEXT, position(TEXT, at)), at);
        }
    }

    #[test]
    fn a_failure_is_underlined_where_its_frame_is() {
        let source = "let s = \"🙂\"; oops(1);";
        let at = source.chars().position(|c| c == 'o').unwrap() as u32 + 1;
        let found = underlined(&Location::in_source("a.rhai", source, 1, at));
        assert_eq!((found.start.character, found.end.character), (14, 18));
    }
}
