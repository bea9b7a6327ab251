//! Values as text for messages: one line, JSON-like, bounded, and unable to steer a terminal.

use std::fmt::Write as _;

use serde_json::Value;

/// How much of a value a message shows by default, in bytes.
const LIMIT: usize = 200;
/// What is left of a string in a value whose room is used up.
const SHORTEST_CUT: usize = 24;

/// The value on one line, cut where it gets long. `null` is shown as `()`, as a script writes it.
pub fn show(value: &Value) -> String {
    show_at_most(value, LIMIT)
}

/// As [`show`], with about `limit` bytes of room.
pub fn show_at_most(value: &Value, limit: usize) -> String {
    let mut out = String::new();
    write_value(&mut out, value, limit);
    out
}

/// As [`show_at_most`] for the elements of an array.
pub(super) fn show_items(items: &[Value], limit: usize) -> String {
    let mut out = String::new();
    write_items(&mut out, items, limit);
    out
}

/// As [`show`] for a text.
pub(super) fn show_text(text: &str) -> String {
    let mut out = String::new();
    write_text(&mut out, text, LIMIT);
    out
}

/// As [`show_text`], keeping the end instead of the beginning.
pub(super) fn show_end(text: &str) -> String {
    let length = text.chars().count();
    if text.len() <= LIMIT {
        return show_text(text);
    }
    let tail: String = text
        .chars()
        .skip(length.saturating_sub(LIMIT / 2))
        .collect();
    let mut out = String::from("…");
    write_text(&mut out, &tail, LIMIT);
    let _ = write!(out, " ({length} characters)");
    out
}

fn write_value(out: &mut String, value: &Value, limit: usize) {
    match value {
        Value::Null => out.push_str("()"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => {
            let _ = write!(out, "{n}");
        }
        Value::String(s) => write_text(out, s, limit),
        Value::Array(items) => write_items(out, items, limit),
        Value::Object(entries) => {
            out.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                if out.len() >= limit {
                    let _ = write!(out, "… {} more", entries.len() - i);
                    break;
                }
                write_text(out, key, limit);
                out.push_str(": ");
                write_value(out, item, limit);
            }
            out.push('}');
        }
    }
}

fn write_items(out: &mut String, items: &[Value], limit: usize) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        if out.len() >= limit {
            let _ = write!(out, "… {} more", items.len() - i);
            break;
        }
        write_value(out, item, limit);
    }
    out.push(']');
}

fn write_text(out: &mut String, text: &str, limit: usize) {
    let room = limit.saturating_sub(out.len()).max(SHORTEST_CUT);
    out.push('"');
    if text.len() <= room {
        push_escaped(out, text);
        out.push('"');
        return;
    }
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= room)
        .last()
        .unwrap_or(0);
    push_escaped(out, &text[..end]);
    let _ = write!(out, "…\" ({} characters)", text.chars().count());
}

/// Appends the text as it stands in a JSON string, with everything escaped that could disturb a terminal.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if disturbs(c) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
}

/// A line of text as it is, except for characters that could disturb a terminal.
pub(super) fn plain_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if disturbs(c) && c != '\t' {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

/// Control characters, and the marks that reorder or hide text.
fn disturbs(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_small_value_is_shown_whole() {
        assert_eq!(
            show(&json!({"a": [1, 2.0, null], "b": "x"})),
            r#"{"a": [1, 2.0, ()], "b": "x"}"#
        );
    }

    #[test]
    fn a_long_array_says_how_many_more() {
        let long: Vec<i64> = (0..1000).collect();
        let shown = show_at_most(&json!(long), 20);
        assert_eq!(shown, "[0, 1, 2, 3, 4, 5, 6, … 993 more]");
    }

    #[test]
    fn a_long_string_says_its_length() {
        let shown = show_at_most(&json!("é".repeat(500)), 10);
        assert_eq!(shown, format!("\"{}…\" (500 characters)", "é".repeat(12)));
    }

    #[test]
    fn depth_does_not_escape_the_limit() {
        let wide = json!({"a": {"b": vec!["word"; 5000]}, "z": vec![0; 5000]});
        assert!(show(&wide).len() < 300, "{}", show(&wide));
    }

    #[test]
    fn escapes_and_bidi_marks_cannot_reach_the_terminal() {
        assert_eq!(
            show(&json!("\u{1b}[31m\u{9b}x\u{202e}")),
            r#""\u{1b}[31m\u{9b}x\u{202e}""#
        );
        assert_eq!(plain_line("a\tb\u{1b}c"), "a\tb\\u{1b}c");
    }

    #[test]
    fn the_end_of_a_long_text_is_kept_when_asked() {
        let text = format!("{}tail", "x".repeat(1000));
        assert!(show_end(&text).ends_with("tail\" (1004 characters)"));
        assert_eq!(show_end("short"), "\"short\"");
    }
}
