//! The frame around a line of a script, in so many columns: of a long line the part around the place, carets under what
//! is meant however wide its characters are, and a label below them where it does not fit beside.

use super::fit::width;
use scenario_stdlib::host::location::Location;
use std::fmt::Write;
use std::ops::Range;

/// Draws `at`, whose text takes at most `columns`.
pub fn frame(at: &Location, label: &str, columns: usize) -> String {
    let columns = columns.max(20);
    let number = at.line.to_string();
    let gutter = " ".repeat(number.len() + 1);
    let text: Vec<char> = at.text.trim_end().replace('\t', " ").chars().collect();
    // A stream from outside may point anywhere.
    let from = (at.column.max(1) as usize - 1).min(text.len());
    let to = from.saturating_add(at.width as usize).min(text.len());
    let shown = window(&text, from, columns);
    let before = if shown.start > 0 { "…" } else { "" };
    let behind = if shown.end < text.len() { "…" } else { "" };
    let indent = width(before) + wide(&text[shown.start..from]);
    let cut = usize::from(to > shown.end);
    let carets = (wide(&text[from..to.min(shown.end)]) + cut).max(1);
    let line: String = text[shown].iter().collect();
    let mut out = format!("{gutter}--> {at}\n{gutter} |\n");
    let _ = writeln!(out, " {number} | {before}{line}{behind}");
    let _ = write!(
        out,
        "{gutter} | {}{}",
        " ".repeat(indent),
        "^".repeat(carets)
    );
    let label_width = width(label);
    if label_width > 0 && indent + carets + 1 + label_width <= columns {
        let _ = write!(out, " {label}");
    } else if label_width > 0 {
        let indent = indent.min(columns.saturating_sub(label_width));
        let _ = write!(out, "\n{gutter} | {}{label}", " ".repeat(indent));
    }
    out
}

/// The part of `text` that is shown: around `from`, with room for an ellipsis on each side.
fn window(text: &[char], from: usize, columns: usize) -> Range<usize> {
    if wide(text) <= columns {
        return 0..text.len();
    }
    let room = columns - 2;
    let back = |end: usize, room: usize| {
        let mut start = end;
        while start > 0 && wide(&text[start - 1..end]) <= room {
            start -= 1;
        }
        start
    };
    // A third of the room is for what stands before.
    let start = back(from, room / 3);
    let mut end = from;
    while end < text.len() && wide(&text[start..=end]) <= room {
        end += 1;
    }
    match end == text.len() {
        true => back(end, room)..end,
        false => start..end,
    }
}

fn wide(text: &[char]) -> usize {
    width(&text.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(source: &str, column: u32, span: u32, label: &str, columns: usize) -> String {
        let at = Location::in_source("s.rhai", source, 1, column).with_width(span);
        frame(&at, label, columns)
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown_and_the_place_stays_true() {
        let source = format!("{} assert x == 1; {}", "a".repeat(90), "z".repeat(90));
        let shown = |column, columns| {
            let text = drawn(&source, column, 6, "", columns);
            let header = format!("  --> s.rhai:1:{column}\n");
            assert!(text.starts_with(&header), "{text}");
            for line in text.lines().skip(2) {
                assert!(width(line) <= columns + 5, "{line}");
            }
            text.lines().skip(2).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(
            [shown(92, 40), shown(1, 40), shown(196, 40), shown(92, 300)].join("\n")
        );
    }

    #[test]
    fn carets_end_with_the_line_and_a_long_label_stands_below() {
        let text = "assert [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] == [1, 2, 3];";
        insta::assert_snapshot!(
            [
                drawn(text, 8, 48, "is [1, 2, 3, 4, 5]", 40),
                drawn(text, 8, 48, "is [1, 2, 3, 4, 5]", 60),
                drawn(text, 8, 48, "is 5", 80),
            ]
            .join("\n")
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let text = "assert 名前 == \"日本\"; // 終わり";
        insta::assert_snapshot!(
            [
                drawn(text, 8, 10, "is ()", 60),
                drawn(text, 14, 4, "is ()", 20),
            ]
            .join("\n")
        );
    }

    #[test]
    fn a_place_anywhere_still_draws() {
        for (text, column) in [("", 1), ("x", 900), ("日", 2)] {
            assert!(drawn(text, column, 9, "", 20).contains('^'));
        }
    }
}
