//! The parts of a statement that are code, rather than text, a quoted name or a comment. Pure.

/// Calls `each` with the byte offset of everything that is code and begins with `:`, `$`, `?` or `;`, and takes the
/// number of bytes to skip from it.
pub fn code(text: &str, mut each: impl FnMut(usize) -> usize) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        at += match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => quoted(rest, quote),
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => {
                rest[2..].find("*/").map_or(rest.len(), |end| end + 4)
            }
            // A cast.
            b':' if rest.starts_with("::") => 2,
            b'$' => match dollar_quoted(rest) {
                Some(length) => length,
                None => each(at).max(1),
            },
            b':' | b'?' | b';' => each(at).max(1),
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
}

/// Whether there is more than one statement.
pub fn is_script(text: &str) -> bool {
    let mut found = false;
    code(text, |at| {
        found |= text[at..].starts_with(';') && !text[at + 1..].trim().is_empty();
        1
    });
    found
}

fn quoted(rest: &str, quote: u8) -> usize {
    rest.as_bytes()[1..]
        .iter()
        .position(|byte| *byte == quote)
        .map_or(rest.len(), |end| end + 2)
}

/// `$tag$ … $tag$` of PostgreSQL.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag_end = rest[1..].find('$')? + 2;
    let tag = &rest[..tag_end];
    let is_tag = tag[1..tag_end - 1]
        .chars()
        .enumerate()
        .all(|(at, c)| c == '_' || c.is_alphabetic() || (at > 0 && c.is_alphanumeric()));
    if !is_tag {
        return None;
    }
    Some(
        rest[tag_end..]
            .find(tag)
            .map_or(rest.len(), |end| tag_end + end + tag_end),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        code(text, |at| {
            found.push(at);
            1
        });
        found
    }

    #[test]
    fn texts_names_and_comments_are_no_code() {
        assert_eq!(found("select ':a', \":b\", `:c` -- :d\n/* :e */ :f"), [39]);
        assert_eq!(found("select 'it''s :a' || $1"), [21]);
        assert_eq!(
            found("select $$ :a $$, $x$ $1 $x$, x::int"),
            Vec::<usize>::new()
        );
        assert_eq!(found("select 'open :a"), Vec::<usize>::new());
        assert_eq!(found("é ? é :a"), [3, 8]);
    }

    #[test]
    fn several_statements_are_a_script() {
        assert!(is_script(
            "create table a (b int); insert into a values (1)"
        ));
        assert!(!is_script("select ';', 1; "));
    }
}
