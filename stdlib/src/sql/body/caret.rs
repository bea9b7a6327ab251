//! The place of a mistake in a statement, drawn below it. Pure.

/// Lines shown around the one with the mistake.
const AROUND: usize = 2;

/// Characters of a line shown at most.
const WIDEST: usize = 160;

/// `text` with a caret below the character at `offset`, counted from 0 in characters.
pub fn point(text: &str, offset: usize) -> String {
    let mut line = 0_usize;
    let mut column = 0_usize;
    for c in text.chars().take(offset) {
        match c {
            '\n' => (line, column) = (line + 1, 0),
            _ => column += 1,
        }
    }
    let lines: Vec<&str> = text.lines().collect();
    // At the end of a statement, the mistake is behind its last character.
    let line = line.min(lines.len().saturating_sub(1));
    let from = line.saturating_sub(AROUND);
    let to = (line + AROUND + 1).min(lines.len());
    let mut out = Vec::new();
    for (at, shown) in lines.iter().enumerate().take(to).skip(from) {
        let cut = match at == line {
            true => column.saturating_sub(WIDEST / 2),
            false => 0,
        };
        let before = if cut > 0 { "…" } else { "" };
        let mut rest = shown.chars().skip(cut);
        let shown: String = rest.by_ref().take(WIDEST).collect();
        let after = if rest.next().is_some() { "…" } else { "" };
        out.push(format!("{before}{}{after}", shown.replace('\t', " ")));
        if at == line {
            let indent = column - cut + before.chars().count();
            out.push(format!("{}^", " ".repeat(indent)));
        }
    }
    out.join("\n")
}

/// The statement in one line, for a title.
pub fn in_one_line(text: &str, limit: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(limit) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_below_its_character() {
        assert_eq!(point("select * form x", 9), "select * form x\n         ^");
        assert_eq!(
            point("a\nb\nc\nd é f\ne\nf\ng", 10),
            "b\nc\nd é f\n    ^\ne\nf"
        );
        assert_eq!(point("ab", 2), "ab\n  ^");
        assert_eq!(point("", 5), "");
    }

    #[test]
    fn a_line_that_is_cut_says_where() {
        let text = format!("{}form{}", "a".repeat(100), "b".repeat(100));
        let shown = point(&text, 100);
        let mut lines = shown.lines();
        let line = format!("…{}form{}…", "a".repeat(80), "b".repeat(76));
        assert_eq!(lines.next(), Some(&*line));
        assert_eq!(lines.next(), Some(&*format!("{}^", " ".repeat(81))));
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(in_one_line("select\n   1", 80), "select 1");
        assert_eq!(in_one_line("abcdef", 3), "abc…");
    }
}
