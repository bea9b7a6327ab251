//! Which lines of a log are meant.

use crate::guard::{Line, Stream};
use regex::Regex;
use std::collections::BTreeMap;

/// What a line must be to be shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub matching: Option<Regex>,
    pub stream: Option<Stream>,
    /// Only so many, from the end.
    pub last: Option<usize>,
}

impl Filter {
    pub fn accepts(&self, line: &Line) -> bool {
        self.stream.is_none_or(|stream| stream == line.stream)
            && self
                .matching
                .as_ref()
                .is_none_or(|regex| regex.is_match(&line.text))
    }

    /// Those of `lines` that are meant.
    pub fn select(&self, lines: Vec<Line>) -> Vec<Line> {
        let mut lines: Vec<Line> = lines
            .into_iter()
            .filter(|line| self.accepts(line))
            .collect();
        if let Some(last) = self.last {
            lines.drain(..lines.len().saturating_sub(last));
        }
        lines
    }
}

/// The named groups of a match.
pub fn captures(regex: &Regex, text: &str) -> Option<BTreeMap<String, String>> {
    let found = regex.captures(text)?;
    let named = regex.capture_names().flatten();
    Some(
        named
            .filter_map(|name| Some((name.to_owned(), found.name(name)?.as_str().to_owned())))
            .collect(),
    )
}

/// Lines as a block below a failure: those of standard error are marked.
pub fn block(lines: &[Line]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| match line.stream {
            Stream::Stdout => line.text.clone(),
            Stream::Stderr => format!("ERR {}", line.text),
        })
        .collect();
    match lines.as_slice() {
        [] => "(it wrote nothing)".into(),
        // A block of one line would be shown beside its label; it stands alone as the others do.
        lines => lines.join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn line(stream: Stream, text: &str) -> Line {
        Line {
            at: SystemTime::UNIX_EPOCH,
            stream,
            text: text.into(),
            end: Default::default(),
        }
    }

    #[test]
    fn c28_streams_are_kept_apart_and_lines_counted_from_the_end() {
        let lines = vec![
            line(Stream::Stdout, "one"),
            line(Stream::Stderr, "two"),
            line(Stream::Stdout, "three"),
        ];
        let texts = |filter: &Filter| -> Vec<String> {
            let selected = filter.select(lines.clone());
            selected.into_iter().map(|line| line.text).collect()
        };
        let out = Filter {
            stream: Some(Stream::Stdout),
            ..Filter::default()
        };
        assert_eq!(texts(&out), ["one", "three"]);
        let last = Filter {
            last: Some(1),
            matching: Some(Regex::new("o").unwrap()),
            ..Filter::default()
        };
        assert_eq!(texts(&last), ["two"]);
        assert_eq!(block(&lines), "one\nERR two\nthree");
    }

    #[test]
    fn captures_are_the_named_groups() {
        let regex = Regex::new(r"port (?<port>\d+) of (?<host>\w+)(?<rest> .*)?").unwrap();
        let found = captures(&regex, "listening on port 80 of box").unwrap();
        let expected = [("host", "box"), ("port", "80")].map(|(a, b)| (a.into(), b.into()));
        assert_eq!(found, BTreeMap::from(expected));
        assert!(captures(&regex, "nothing").is_none());
    }
}
