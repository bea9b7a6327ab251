//! Line diffs of two values or two texts, and the part of two long texts where they differ.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::pattern::Pattern;
use super::show::{plain_line, push_escaped, show_at_most};

/// Lines of either side beyond which no diff is made: the list by path says it better, and the cost grows.
const LONGEST: usize = 4000;
/// Lines of the finished diff that are shown.
const SHOWN: usize = 80;
/// A line of a text in a diff is cut here.
const WIDEST: usize = 300;
/// Unchanged lines around a change.
const CONTEXT: usize = 3;
/// Values that fit on one line of this width need no diff.
const NARROW: usize = 60;

/// The diff between what a pattern wants and what it got, without what the pattern does not speak of.
pub(super) fn structural(pattern: &Pattern, received: &Value) -> Option<String> {
    let (expected, received) = pattern.project(received);
    let narrow = |value: &Value| show_at_most(value, NARROW + 1).len() <= NARROW;
    if narrow(&expected) && narrow(&received) {
        return None;
    }
    let (expected, received) = (pretty(&expected)?, pretty(&received)?);
    unified(&expected, &received)
}

/// The diff between two texts, if either has several lines.
pub(super) fn texts(expected: &str, received: &str) -> Option<String> {
    let several = |text: &str| text.trim_end().contains('\n');
    if !several(expected) && !several(received) {
        return None;
    }
    if expected.lines().count().max(received.lines().count()) > LONGEST {
        return None;
    }
    unified(expected, received)
}

fn unified(expected: &str, received: &str) -> Option<String> {
    let diff = TextDiff::from_lines(expected, received);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            lines.push(" …".to_string());
        }
        for op in group {
            for change in diff.iter_changes(op) {
                let sign = match change.tag() {
                    ChangeTag::Equal => ' ',
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                };
                lines.push(format!("{sign}{}", cut(change.value())));
            }
        }
    }
    if lines.is_empty() {
        return None;
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!(" … {more} more lines"));
    }
    Some(format!("--- expected\n+++ received\n{}", lines.join("\n")))
}

fn cut(line: &str) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    match line.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", plain_line(&line[..end])),
        None => plain_line(line),
    }
}

/// The value over several lines, keys sorted. Each entry ends with a comma, so that an entry added at the end does not
/// change the line before it. Nothing, when it has too many lines for a diff.
fn pretty(value: &Value) -> Option<String> {
    let mut out = String::new();
    let mut lines = 0;
    write_pretty(&mut out, value, 0, &mut lines)?;
    out.push('\n');
    Some(out)
}

fn write_pretty(out: &mut String, value: &Value, depth: usize, lines: &mut usize) -> Option<()> {
    *lines += 1;
    if *lines > LONGEST {
        return None;
    }
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for item in items {
                new_line(out, depth + 1);
                write_pretty(out, item, depth + 1, lines)?;
                out.push(',');
            }
            new_line(out, depth);
            out.push(']');
        }
        Value::Object(map) if !map.is_empty() => {
            out.push('{');
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            for (key, item) in entries {
                new_line(out, depth + 1);
                out.push('"');
                push_escaped(out, key);
                out.push_str("\": ");
                write_pretty(out, item, depth + 1, lines)?;
                out.push(',');
            }
            new_line(out, depth);
            out.push('}');
        }
        scalar => out.push_str(&show_at_most(scalar, WIDEST - 40)),
    }
    Some(())
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// The number of characters two texts have in common at the beginning.
pub(super) fn first_difference(a: &str, b: &str) -> usize {
    a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count()
}

/// Two different texts, each cut to the part around the first difference where they are long.
pub(super) fn excerpts(a: &str, b: &str) -> (String, String) {
    const BEFORE: usize = 20;
    const AFTER: usize = 60;
    if a.len().max(b.len()) <= BEFORE + AFTER {
        return (a.to_string(), b.to_string());
    }
    let from = first_difference(a, b).saturating_sub(BEFORE);
    let excerpt = |text: &str| {
        let part: String = text.chars().skip(from).take(BEFORE + AFTER).collect();
        let more = text.chars().nth(from + BEFORE + AFTER).is_some();
        format!(
            "{}{part}{}",
            if from > 0 { "…" } else { "" },
            if more { "…" } else { "" }
        )
    };
    (excerpt(a), excerpt(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_partial_pattern_does_not_speak_of_is_not_in_the_diff() {
        let pattern = Pattern::partial(&json!({"id": "#number", "name": "Ada"})).expect("pattern");
        let received = json!({"id": 5, "name": "Bob", "bio": "x".repeat(200), "list": [1, 2, 3]});
        assert_eq!(
            structural(&pattern, &received),
            None,
            "two short lines need no diff"
        );
        let pattern = Pattern::partial(&json!({"id": "#number", "name": "Ada", "bio": "#string"}))
            .expect("pattern");
        let diff = structural(&pattern, &received).expect("a diff");
        assert!(
            diff.contains("\n   \"id\": 5,\n-  \"name\": \"Ada\",\n+  \"name\": \"Bob\",\n }"),
            "{diff}"
        );
        assert!(!diff.contains("list"), "{diff}");
    }

    #[test]
    fn a_long_diff_says_how_much_it_leaves_out() {
        let expected: Vec<i64> = (0..500).collect();
        let received: Vec<i64> = (1000..1500).collect();
        let diff = structural(&Pattern::exact(&json!(expected)), &json!(received)).expect("a diff");
        assert!(diff.ends_with("more lines"), "{diff}");
        assert_eq!(diff.lines().count(), 2 + SHOWN + 1);
    }

    #[test]
    fn an_enormous_value_gets_no_diff() {
        let received: Vec<i64> = (0..100_000).collect();
        assert_eq!(
            structural(&Pattern::exact(&json!([])), &json!(received)),
            None
        );
    }

    #[test]
    fn excerpts_keep_the_place_where_texts_part() {
        let (a, b) = (
            format!("{}A{}", "x".repeat(300), "y".repeat(300)),
            format!("{}B", "x".repeat(300)),
        );
        let (left, right) = excerpts(&a, &b);
        assert!(
            left.contains('A') && left.starts_with('…') && left.ends_with('…'),
            "{left}"
        );
        assert!(right.ends_with('B'), "{right}");
    }
}
