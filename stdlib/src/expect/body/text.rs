//! Claims about texts: a regular expression, a beginning, an end.

use regex::Regex;
use serde_json::Value;

use super::kind::Kind;
use super::mismatch::{Mismatch, Verdict};
use super::show::{show, show_end, show_text};
use crate::expect::error::ExpectError;

/// Compiles a pattern; the reason of a failure is one line.
pub(super) fn compile(pattern: &str) -> Result<Regex, ExpectError> {
    Regex::new(pattern).map_err(|error| {
        let text = error.to_string();
        // The parser draws the pattern with a caret over several lines; its last line says what is wrong.
        let reason = text
            .lines()
            .last()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_string();
        ExpectError::Regex {
            pattern: pattern.to_string(),
            reason,
        }
    })
}

/// The regular expression is found somewhere in the text; `^` and `$` tie it down.
pub(super) fn matches(received: &Value, pattern: &str) -> Result<Verdict, ExpectError> {
    let regex = compile(pattern)?;
    Ok(judge(
        received,
        matching(pattern),
        |text| regex.is_match(text),
        show_text,
    ))
}

pub(super) fn starts_with(received: &Value, prefix: &str) -> Verdict {
    judge(
        received,
        starting(prefix),
        |text| text.starts_with(prefix),
        show_text,
    )
}

pub(super) fn ends_with(received: &Value, suffix: &str) -> Verdict {
    judge(
        received,
        ending(suffix),
        |text| text.ends_with(suffix),
        show_end,
    )
}

pub(super) fn matching(pattern: &str) -> String {
    format!("a string matching /{}/", super::show::plain_line(pattern))
}

pub(super) fn starting(prefix: &str) -> String {
    format!("a string starting with {}", show_text(prefix))
}

pub(super) fn ending(suffix: &str) -> String {
    format!("a string ending with {}", show_text(suffix))
}

fn judge(
    received: &Value,
    expected: String,
    holds: impl Fn(&str) -> bool,
    shown: impl Fn(&str) -> String,
) -> Verdict {
    match received {
        Value::String(text) if holds(text) => Verdict::Holds,
        Value::String(text) => Mismatch::new(expected, shown(text)).fails(),
        other => Mismatch::new(expected, with_kind(other)).unfit(),
    }
}

/// The value, and what it is, for a matcher that needs another kind.
pub(super) fn with_kind(value: &Value) -> String {
    match Kind::of(value) {
        Kind::Null => "()".to_string(),
        kind => format!("{} ({kind})", show(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_is_searched_for_unless_tied_down() {
        assert_eq!(matches(&json!("order 17"), r"\d+"), Ok(Verdict::Holds));
        let Ok(Verdict::Fails(mismatch)) = matches(&json!("order 17"), r"^\d+$") else {
            panic!("holds")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: a string matching /^\\d+$/\nreceived: \"order 17\""
        );
    }

    #[test]
    fn what_is_no_text_is_unfit() {
        let Verdict::Unfit(mismatch) = starts_with(&json!(17), "1") else {
            panic!("fit")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: a string starting with \"1\"\nreceived: 17 (an integer)"
        );
    }

    #[test]
    fn a_wrong_pattern_is_told_in_one_line() {
        let error = matches(&json!("x"), "a(b").expect_err("wrong pattern");
        assert_eq!(
            error.to_string(),
            "the regular expression `a(b` is wrong: unclosed group"
        );
    }
}
