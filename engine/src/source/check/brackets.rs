//! Which bracket is missing or one too many, judged by how the lines are indented.

use super::tokens::{Kind, Token};

/// What is wrong with the brackets of a script, as indices into its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unbalanced {
    /// This one opens and is not closed before that one, or before the end.
    Open(usize, Option<usize>),
    /// This one closes what nothing opened.
    Extra(usize),
}

/// Finds the bracket at fault, if they do not match.
pub(super) fn unbalanced(tokens: &[Token<'_>]) -> Option<Unbalanced> {
    let mut open = Vec::new();
    // The first pair whose lines are not indented alike: there the pairing went wrong.
    let mut odd = None;
    for (at, token) in tokens.iter().enumerate() {
        // The pieces of a string in back-ticks match by themselves.
        let nesting = if token.kind == Kind::Symbol {
            token.nesting()
        } else {
            0
        };
        if nesting > 0 {
            open.push(at);
        } else if nesting < 0 {
            let Some(opener) = open.pop() else {
                return Some(odd.unwrap_or(Unbalanced::Extra(at)));
            };
            if closer(tokens[opener].text) != token.text {
                return Some(odd.unwrap_or(Unbalanced::Open(opener, Some(at))));
            }
            odd = odd.or_else(|| oddly_indented(tokens, opener, at));
        }
    }
    let left = open.pop()?;
    Some(odd.unwrap_or(Unbalanced::Open(left, None)))
}

/// What closes an opening bracket.
pub(super) fn closer(opener: &str) -> &'static str {
    match opener {
        "(" => ")",
        "[" | "?[" => "]",
        _ => "}",
    }
}

fn oddly_indented(tokens: &[Token<'_>], opener: usize, closer: usize) -> Option<Unbalanced> {
    let begins_line = |at: usize| at == 0 || tokens[at - 1].line != tokens[at].line;
    if !begins_line(closer) {
        return None;
    }
    let mut first = opener;
    while !begins_line(first) {
        first -= 1;
    }
    match tokens[closer].column.cmp(&tokens[first].column) {
        std::cmp::Ordering::Less => Some(Unbalanced::Open(opener, Some(closer))),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(Unbalanced::Extra(closer)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    /// The bracket at fault with its line, `+` for one too many.
    fn fault(source: &str) -> String {
        let tokens = tokens(source);
        let show = |at: usize| format!("{} {}", tokens[at].text, tokens[at].line);
        match unbalanced(&tokens) {
            None => String::new(),
            Some(Unbalanced::Open(at, before)) => match before {
                Some(before) => format!("{} before {}", show(at), show(before)),
                None => show(at),
            },
            Some(Unbalanced::Extra(at)) => format!("+{}", show(at)),
        }
    }

    #[test]
    fn balanced_brackets_are_fine() {
        assert_eq!(fault("f(#{ a: [1, `${ {1} }`] }, x?[1]); // ("), "");
    }

    #[test]
    fn the_indentation_tells_which_one_is_open() {
        assert_eq!(fault("a(|| {\n  if x {\n    b();\n});\n"), "{ 2 before } 4");
        assert_eq!(
            fault("a(|| {\n  if x {\n    b();\n  }\n);\n"),
            "{ 1 before ) 5"
        );
        assert_eq!(fault("a(|| {\n  b([1, 2);\n});\n"), "[ 2 before ) 2");
        assert_eq!(fault("a(|| {\n  b();\n"), "{ 1");
    }

    #[test]
    fn the_indentation_tells_which_one_is_too_many() {
        assert_eq!(fault("a(|| {\n  b();\n  }\n});\n"), "+} 3");
        assert_eq!(fault("a();\n}\n"), "+} 2");
        assert_eq!(fault("a());\n"), "+) 1");
    }
}
