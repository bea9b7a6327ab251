//! A command line as a shell would take it apart: quotes, escapes and line ends. Expands nothing.

use super::error::DraftError;

/// The words of a command line.
pub fn split(line: &str) -> Result<Vec<String>, DraftError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                // The end of a line that goes on; one that came over from another system ends with two characters.
                Some('\n') | None => {}
                Some('\r') if chars.peek() == Some(&'\n') => {
                    chars.next();
                }
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err(open(word)),
                    }
                }
            }
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some('\\') => word.push(escape(&mut chars)),
                        Some(c) => word.push(c),
                        None => return Err(open(word)),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some('\n') => {}
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                            None => return Err(open(word)),
                        },
                        Some(c) => word.push(c),
                        None => return Err(open(word)),
                    }
                }
            }
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn open(word: &str) -> DraftError {
    DraftError::OpenQuote(word.chars().take(40).collect())
}

/// An escape within `$'…'`, as browsers write it.
fn escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> char {
    match chars.next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => by_number(chars, 4),
        Some('x') => by_number(chars, 2),
        Some(c) => c,
        None => '\\',
    }
}

/// The character of so many hex digits at most.
fn by_number(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, most: usize) -> char {
    let mut number = 0;
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)) else {
            break;
        };
        number = number * 16 + digit;
        chars.next();
    }
    char::from_u32(number).unwrap_or('\u{fffd}')
}
