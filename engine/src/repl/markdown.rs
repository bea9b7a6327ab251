//! Documentation on a terminal: paragraphs in its columns, examples in colours.

use super::paint;
use super::show::Look;
use crate::report::fit;

/// Markdown as it is read on a terminal.
pub fn show(markdown: &str, look: &Look) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut code = false;
    let columns = look.columns.clamp(20, 100);
    for line in markdown.lines() {
        let trimmed = line.trim_start();
        let is_fence = trimmed.starts_with("```");
        let stands_alone = is_fence
            || code
            || trimmed.is_empty()
            || trimmed.starts_with(['#', '|', '-', '*', '>']);
        if stands_alone {
            wrap(&std::mem::take(&mut paragraph), columns, &mut out);
        }
        if is_fence {
            code = !code;
        } else if code {
            out.push_str(&format!("  {}\n", paint::code(line, look.palette)));
        } else if trimmed.is_empty() {
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
        } else if let Some(title) = trimmed.strip_prefix('#') {
            let title = title.trim_start_matches('#').trim();
            out.push_str(&format!("{}\n", look.palette.strong(title)));
        } else if let Some(row) = trimmed.strip_prefix('|') {
            row_of_table(row, columns, &mut out);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(trimmed);
        }
    }
    wrap(&paragraph, columns, &mut out);
    out.trim_end().to_owned()
}

/// `| option | meaning |` as `option  meaning`.
fn row_of_table(row: &str, columns: usize, out: &mut String) {
    let row = row.trim_end().trim_end_matches('|').replace("\\|", "\u{1}");
    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
    let is_rule = cells
        .iter()
        .all(|cell| cell.chars().all(|c| "-: ".contains(c)));
    if is_rule {
        return;
    }
    let text = cells.join("  ").replace('\u{1}', "|");
    wrap(&format!("- {text}"), columns, out);
}

/// Words in lines of at most `columns`; those of a list are indented.
pub fn wrap(paragraph: &str, columns: usize, out: &mut String) {
    let indent = if paragraph.starts_with("- ") {
        "  "
    } else {
        ""
    };
    let mut used = 0;
    for word in paragraph.split_whitespace() {
        let wide = fit::width(word);
        if used > 0 && used + 1 + wide > columns {
            out.push('\n');
            out.push_str(indent);
            used = indent.len();
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += wide;
    }
    if used > 0 {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::super::show::tests::look;
    use super::*;

    #[test]
    fn paragraphs_take_the_columns_there_are_and_examples_stay() {
        let text = "Sends a GET to the system\nunder test and waits.\n\n```rhai\nlet a = 1;\n```\n";
        assert_eq!(
            show(text, &look(24)),
            "Sends a GET to the\nsystem under test and\nwaits.\n\n  let a = 1;"
        );
    }

    #[test]
    fn tables_become_lists() {
        let text = "| option | meaning |\n|---|---|\n| `a` | \"x\" \\| \"y\" |\n";
        assert_eq!(
            show(text, &look(80)),
            "- option meaning\n- `a` \"x\" | \"y\""
        );
    }
}
