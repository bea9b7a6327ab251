//! One env file as names, values and lines. Only parses: the environment of this process is never changed.
//!
//! `$NAME` in a value sees the real environment first, then the files below and the lines above.

use super::error::ConfigError;
use super::text::Text;
use scenario_stdlib::host::location::Location;
use std::io::Read;

/// A line of an env file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvLine {
    pub name: String,
    pub value: String,
    pub line: u32,
}

/// Reads `file`; `below` are the files it may refer to, lowest first, which were read before it.
pub fn read(file: &Text, below: &[Text]) -> Result<Vec<EnvLine>, ConfigError> {
    let mut lines: Vec<&str> = Vec::new();
    for text in below {
        lines.extend(content(text));
    }
    let own = lines.len();
    lines.extend(content(file));
    let delivered = std::cell::Cell::new(0);
    let reader = Lines {
        lines: &lines,
        delivered: &delivered,
        rest: &[],
        newline: false,
    };
    let mut found = Vec::new();
    for entry in dotenvy::Iter::new(reader) {
        let end = delivered.get();
        match entry {
            Ok((name, value)) if end > own => found.push(EnvLine {
                line: first_line(&lines[own..end], &name),
                name,
                value,
            }),
            Ok(_) => {}
            Err(error) => return Err(wrong(file, &error, end.saturating_sub(own))),
        }
    }
    Ok(found)
}

fn content(text: &Text) -> impl Iterator<Item = &str> {
    text.text.trim_start_matches('\u{feff}').lines()
}

/// A value may span lines; its entry begins where its name stands.
fn first_line(lines: &[&str], name: &str) -> u32 {
    let begins = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let found = lines.iter().rposition(|line| begins(line));
    found.map_or(lines.len(), |index| index + 1) as u32
}

/// The frame of a wrong line shows its name only: what follows may be a secret.
fn wrong(file: &Text, error: &dotenvy::Error, end: usize) -> ConfigError {
    let lines: Vec<&str> = content(file).collect();
    let span = match error {
        dotenvy::Error::LineParse(text, _) => text.trim_end().matches('\n').count(),
        _ => 0,
    };
    let index = end
        .saturating_sub(span + 1)
        .min(lines.len().saturating_sub(1));
    let line = lines.get(index).copied().unwrap_or("");
    let text = match line.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None => "…".to_owned(),
    };
    ConfigError::EnvLine {
        file: file.file.clone(),
        at: Location {
            file: file.file.clone(),
            line: index as u32 + 1,
            column: 1,
            width: text.chars().count().max(1) as u32,
            text,
        },
    }
}

/// Hands out one line a read, so that the number of lines handed out tells where the parser stands.
struct Lines<'a> {
    lines: &'a [&'a str],
    delivered: &'a std::cell::Cell<usize>,
    rest: &'a [u8],
    newline: bool,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.rest.is_empty() && !self.newline {
            let Some(line) = self.lines.get(self.delivered.get()) else {
                return Ok(0);
            };
            self.delivered.set(self.delivered.get() + 1);
            self.rest = line.as_bytes();
            self.newline = true;
        }
        if self.rest.is_empty() {
            let Some(slot) = buffer.first_mut() else {
                return Ok(0);
            };
            *slot = b'\n';
            self.newline = false;
            return Ok(1);
        }
        self.rest.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario_stdlib::host::failure::Failure;

    fn text(file: &str, text: &str) -> Text {
        Text {
            file: file.into(),
            text: text.into(),
        }
    }

    fn entries(content: &str) -> Vec<(String, String, u32)> {
        let lines = read(&text(".env", content), &[]).unwrap();
        let entry = |line: EnvLine| (line.name, line.value, line.line);
        lines.into_iter().map(entry).collect()
    }

    #[test]
    fn p25_every_value_knows_its_line() {
        let entry = |name: &str, value: &str, line| (name.to_owned(), value.to_owned(), line);
        assert_eq!(
            entries("\u{feff}# top\nA=1\n\nexport B='two words' # why\nC=\"x\ny\"\nA=2"),
            [
                entry("A", "1", 2),
                entry("B", "two words", 4),
                entry("C", "x\ny", 5),
                entry("A", "2", 7),
            ]
        );
        assert_eq!(entries(""), []);
    }

    #[test]
    fn p25_a_file_may_refer_to_those_below_it() {
        let below = [text(".env", "HOST_P25=local")];
        let lines = read(&text(".env.x", "URL=http://${HOST_P25}/\n"), &below).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].value, "http://local/");
        assert_eq!(lines[0].line, 1);
    }

    #[test]
    fn a_wrong_line_is_drawn_without_its_value() {
        let error = read(&text(".env", "A=1\nPASSWORD=hush hush\n"), &[]).unwrap_err();
        let message = Failure::from(error).render();
        assert!(
            message.starts_with("line 2 of .env is no NAME=value\n  --> .env:2:1"),
            "{message}"
        );
        assert!(!message.contains("hush"), "{message}");
        let error = read(
            &text(".env", "A=1\nB='open\nC=3\n"),
            &[text("e", "X=1\nY=2")],
        )
        .unwrap_err();
        assert!(error.to_string().starts_with("line 2 of .env"), "{error}");
        let error = read(&text(".env", "hush"), &[]).unwrap_err();
        assert!(error.to_string().starts_with("line 1 of .env"), "{error}");
        assert!(!Failure::from(error).render().contains("hush"));
    }
}
