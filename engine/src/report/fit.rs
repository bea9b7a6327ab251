//! Text in columns: how wide it is, and how it is made to fit. Works on clean text only.

use console::{measure_text_width, truncate_str};

/// How many columns `text` takes; colours take none.
pub fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// `text` in at most `columns`, its end given up for `…`.
pub fn fit(text: &str, columns: usize) -> String {
    truncate_str(text, columns, "…").into_owned()
}

/// `text` in at most `columns`, its beginning given up for `…`: of a path the end says most.
pub fn fit_end(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars().rev() {
        used += width(c.encode_utf8(&mut [0; 4]));
        if used > columns {
            break;
        }
        kept.insert(0, c);
    }
    if columns == 0 {
        String::new()
    } else {
        format!("…{kept}")
    }
}

/// `text` filled with blanks up to `columns`.
pub fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// `text` behind blanks, `columns` wide altogether.
pub fn right(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{}{text}", " ".repeat(missing))
}

/// Joins `pieces` with `, `, starting a new line behind `indent` blanks where the next piece would not fit.
pub fn flow(first: &str, pieces: &[String], indent: usize, columns: Option<usize>) -> String {
    let mut out = first.to_owned();
    let mut used = width(first);
    for (index, piece) in pieces.iter().enumerate() {
        let comma = if index + 1 < pieces.len() { "," } else { "" };
        let blank = usize::from(index > 0);
        let wide = width(piece) + comma.len();
        if index > 0 && columns.is_some_and(|columns| used + blank + wide > columns) {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else {
            out.push_str(&" ".repeat(blank));
            used += blank;
        }
        out.push_str(piece);
        out.push_str(comma);
        used += wide;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_on_the_side_that_says_less() {
        assert_eq!(fit("login as Ada", 8), "login a…");
        assert_eq!(fit_end("scenarios/login.rhai", 12), "…/login.rhai");
        assert_eq!(fit_end("login.rhai", 12), "login.rhai");
        assert_eq!(fit_end("login.rhai", 0), "");
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(width("日本"), 4);
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(pad("日", 4), "日  ");
    }

    #[test]
    fn pieces_flow_over_lines() {
        let pieces = ["3 passed", "1 failed", "2 skipped"].map(str::to_owned);
        assert_eq!(
            flow("6: ", &pieces, 3, Some(22)),
            "6: 3 passed, 1 failed,\n   2 skipped"
        );
        assert_eq!(
            flow("6: ", &pieces, 3, None),
            "6: 3 passed, 1 failed, 2 skipped"
        );
    }
}
