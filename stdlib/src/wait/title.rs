//! What a wait waits for, in the words of its script: the condition out of `wait_until("5s", || …)`. Reads text only;
//! what it cannot read it leaves to the caller.

/// Longest condition shown; it has to fit a line of a report.
const LONGEST: usize = 60;

/// The condition of the call that `text` begins with: the body of its last argument, in one line, shortened.
pub fn condition(text: &str) -> Option<String> {
    let open = text.find('(')?;
    let inner = &text[open + 1..];
    let (start, end) = last_argument(inner)?;
    let mut body = inner[start..end].trim();
    if let Some(behind) = body.strip_prefix('|') {
        body = behind[behind.find('|')? + 1..].trim();
    }
    if body.starts_with('{') && body.ends_with('}') {
        body = body[1..body.len() - 1].trim();
    }
    let words: Vec<&str> = body.split_whitespace().collect();
    let line = words.join(" ");
    let line = line.trim_end_matches(';').trim_end();
    (!line.is_empty()).then(|| shortened(line))
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        None => line.to_owned(),
        Some(_) => {
            let kept: String = line.chars().take(LONGEST - 1).collect();
            format!("{}…", kept.trim_end())
        }
    }
}

/// Where the last argument of a call stands in `text`, which begins behind the opening bracket. `None` where the call
/// does not end.
fn last_argument(text: &str) -> Option<(usize, usize)> {
    let mut start = 0;
    let mut depth = 0_u32;
    // Between the bars of a closure commas part parameters.
    let mut in_bars = false;
    let mut rest = text.char_indices().peekable();
    let mut argument_begins = true;
    while let Some((at, c)) = rest.next() {
        match c {
            '"' | '`' | '\'' => {
                let mut escaped = false;
                loop {
                    let (_, inside) = rest.next()?;
                    match inside {
                        _ if escaped => escaped = false,
                        '\\' if c != '`' => escaped = true,
                        _ if inside == c => break,
                        _ => {}
                    }
                }
            }
            '/' if matches!(rest.peek(), Some((_, '/'))) => {
                // Words of a comment are not the condition's.
                return None;
            }
            '|' if in_bars => in_bars = false,
            '|' if argument_begins && depth == 0 => in_bars = true,
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => return Some((start, at)),
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 && !in_bars => {
                start = at + 1;
                argument_begins = true;
                continue;
            }
            _ => {}
        }
        argument_begins &= c.is_whitespace();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_of_the_last_argument_is_shown() {
        let shown = |text| condition(text).unwrap_or_default();
        assert_eq!(
            shown("wait_until(\"5s\", || http.get(`/tasks/${id}`).json.state == \"SUCCESS\");"),
            "http.get(`/tasks/${id}`).json.state == \"SUCCESS\""
        );
        assert_eq!(
            shown(
                "wait_until(#{ timeout: \"1s\", every: \"1ms\" }, || {\n    n += 1;\n    n > 100\n});"
            ),
            "n += 1; n > 100"
        );
        assert_eq!(
            shown("never(\"1s\", |a, b| f(a, b) || c) + 1"),
            "f(a, b) || c"
        );
        assert_eq!(shown("wait_until(is_up)"), "is_up");
        assert_eq!(shown("wait_until(|| x == \"a)\\\"b\")"), "x == \"a)\\\"b\"");
    }

    #[test]
    fn a_long_one_is_cut_and_an_unreadable_one_left_alone() {
        let long = format!("wait_until(|| {} == 1)", "a".repeat(80));
        let shown = condition(&long).unwrap();
        assert_eq!(shown.chars().count(), LONGEST);
        assert!(shown.ends_with('…'), "{shown}");
        for text in [
            "wait_until",
            "wait_until(|| {",
            "wait_until(|| { // why\n x })",
            "wait_until(\"",
            "wait_until()",
        ] {
            assert_eq!(condition(text), None, "{text}");
        }
    }
}
