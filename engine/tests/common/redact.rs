//! What differs from run to run, replaced by its name.

use regex::Regex;
use std::sync::LazyLock;

static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let time = r"(?:\d+(?:\.\d+)?(?:us|ms|s)|\d+m \d\ds)";
    [
        (r"\b\d{8}-\d{6}-[a-z0-9]{5}\b".to_owned(), "[run]"),
        (r"127\.0\.0\.1:\d{4,5}\b".into(), "127.0.0.1:[port]"),
        (r"localhost:\d{4,5}\b".into(), "localhost:[port]"),
        (r"(?m)date: .* GMT$".into(), "date: [date]"),
        (r"\bseed \d+".into(), "seed [seed]"),
        // The sum, and the line of a scenario, may have taken whole seconds too.
        (
            format!(r"(?m)(assertions?(?:, .*)?), {time}$"),
            "$1, [time]",
        ),
        (
            format!(r"(?m)^((?:PASS|FAIL|ERROR|FLAKY|STOP|SKIP) .*?)  +{time}\b"),
            "$1  [time]",
        ),
        // The times of a log stand in a column, whose width is that of the longest.
        (r" +\+\d+(?:\.\d+)?(?:us|ms|s) +".into(), " [time] "),
        // Times that a script names stand in quotes, and stay.
        (r" +\d+(?:\.\d+)?(?:us|ms)\b".into(), " [time]"),
        (r" +\d+\.\d+s\b".into(), " [time]"),
        // In a column, whole seconds too.
        (r" {3,}\d+s\b".into(), " [time]"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z".into(), "[instant]"),
        (r"(?m) +$".into(), ""),
    ]
    .into_iter()
    .map(|(pattern, name)| (Regex::new(&pattern).expect("a pattern"), name))
    .collect()
});

/// `text` as it would be in any other run.
pub fn redact(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, name) in RULES.iter() {
        text = pattern.replace_all(&text, *name).into_owned();
    }
    text
}
