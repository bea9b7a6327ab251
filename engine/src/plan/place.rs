//! Places in scripts, found again from a declaration: data knows its line, a message wants the word.

use scenario_stdlib::host::location::Location;
use scenario_stdlib::host::sources::Sources;

/// How many lines below its first a declaration may still go on.
const REACH: usize = 40;

/// The first quoted `word` at or below `line`, else the line itself.
pub fn of_word(sources: &Sources, file: &str, line: u32, word: &str) -> Location {
    let text = sources.get(file).unwrap_or_else(|| "".into());
    let first = line.max(1) as usize - 1;
    let quotes = ['"', '`'].map(|quote| format!("{quote}{word}{quote}"));
    for (index, content) in text.lines().enumerate().skip(first).take(REACH) {
        let found = quotes.iter().find_map(|quoted| content.find(quoted));
        if let Some(byte) = found {
            let column = content[..byte].chars().count() as u32 + 1;
            let width = word.chars().count() as u32 + 2;
            return Location::in_source(file, &text, index as u32 + 1, column).with_width(width);
        }
    }
    of_line(sources, file, line)
}

/// The first word of a line.
pub fn of_line(sources: &Sources, file: &str, line: u32) -> Location {
    let text = sources.get(file).unwrap_or_else(|| "".into());
    let content = text.lines().nth(line.max(1) as usize - 1).unwrap_or("");
    let indent = content.chars().take_while(|c| c.is_whitespace()).count() as u32;
    Location::in_source(file, &text, line, indent + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_word_is_found_below_its_declaration() {
        let sources = Sources::default();
        sources.add(
            "a.rhai",
            "// \"slow\"\nscenario(\"é\", #{\n    tags: [\"slow\"],\n});\n",
        );
        let at = of_word(&sources, "a.rhai", 2, "slow");
        assert_eq!((at.line, at.column, at.width), (3, 12, 6));
        let at = of_word(&sources, "a.rhai", 3, "quick");
        assert_eq!((at.line, at.column, at.width), (3, 5, 4));
        assert_eq!(of_word(&sources, "none.rhai", 7, "x").line, 7);
    }
}
