//! Texts of scripts taken apart: what they define, their statements, where their imports lead. Pure.

use crate::source::check::{Kind, Token, tokens};
use crate::source::prompt::between;
use std::path::Path;

/// Imports and functions of a text, and what is left of it.
pub fn split(text: &str) -> (Vec<String>, String) {
    let all = tokens(text);
    let mut found = Vec::new();
    let mut rest = String::new();
    let (mut from, mut at, mut depth) = (0, 0, 0);
    while let Some(token) = all.get(at) {
        let begins = depth == 0 && token.kind == Kind::Word;
        let end = match token.text {
            "import" if begins => all[at..]
                .iter()
                .position(|token| token.is(";"))
                .map(|end| at + end),
            "fn" | "private" if begins => body_end(&all, at),
            _ => None,
        };
        if let Some(end) = end {
            rest.push_str(&text[from..token.start]);
            let definition = text[token.start..all[end].end()].trim();
            found.push(definition.to_owned());
            from = all[end].end();
            at = end + 1;
            continue;
        }
        // Without a `;` it goes to the end.
        if begins && token.text == "import" {
            found.push(format!("{};", text[token.start..].trim()));
            rest.push_str(&text[from..token.start]);
            return (found, rest);
        }
        depth += token.nesting();
        at += 1;
    }
    rest.push_str(&text[from..]);
    (found, rest)
}

/// The index of the brace that closes the body of the function at `at`.
fn body_end(all: &[Token<'_>], at: usize) -> Option<usize> {
    let open = (at..all.len()).find(|at| all[*at].is("{"))?;
    let mut depth = 0;
    for (index, token) in all.iter().enumerate().skip(open) {
        depth += token.nesting();
        if depth == 0 {
            return Some(index);
        }
    }
    None
}

/// Words that begin statements which end with a block and need no `;`.
const BLOCKS: &[&str] = &["if", "for", "while", "loop", "switch", "try", "do"];

/// Words that go on behind a block.
const GO_ON: &[&str] = &["else", "catch", "while", "until"];

/// Whether a statement ends with a block of its own, which needs no `;`.
pub fn is_block(text: &str) -> bool {
    let first = tokens(text).first().map_or("", |token| token.text);
    BLOCKS.contains(&first) && text.ends_with('}')
}

/// The statements of a text that defines nothing.
pub fn statements(text: &str) -> Vec<&str> {
    let all = tokens(text);
    let mut found = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (at, token) in all.iter().enumerate() {
        depth += token.nesting();
        let next = all.get(at + 1);
        let begins_block = BLOCKS.contains(&all[from].text) || all[from].is("{");
        let ends_block = token.is("}")
            && begins_block
            && next.is_none_or(|next| !GO_ON.contains(&next.text) && !next.is(";"));
        if depth == 0 && (token.is(";") || ends_block || next.is_none()) {
            if from < at || !token.is(";") {
                found.push(&text[all[from].start..token.end()]);
            }
            from = at + 1;
        }
    }
    found
}

/// `const` and `export const` statements at the top level of a text.
pub fn constants(text: &str) -> Vec<String> {
    let all = tokens(text);
    let mut found = Vec::new();
    let (mut depth, mut at) = (0, 0);
    while let Some(token) = all.get(at) {
        if depth == 0 && token.is_word("const") {
            let mut inner = 0;
            let end = all[at..].iter().position(|token| {
                inner += token.nesting();
                inner == 0 && token.is(";")
            });
            if let Some(end) = end {
                found.push(text[token.start..all[at + end].end()].to_owned());
                at += end;
            }
        }
        depth += all[at].nesting();
        at += 1;
    }
    found
}

/// The name that a definition is used by.
pub fn name_of(definition: &str) -> Option<String> {
    let all = tokens(definition);
    let before = match all.first()?.text {
        "import" => "as",
        "const" => "const",
        _ => "fn",
    };
    let at = all.iter().position(|token| token.is_word(before))?;
    Some(all.get(at + 1)?.text.to_owned())
}

/// A text of `folder` with its imports as they are written in `file`. Those that lead to no file beside it stay.
pub fn moved(text: &str, folder: &str, file: &str, is_beside: &dyn Fn(&str) -> bool) -> String {
    let to = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut out = String::new();
    let mut from = 0;
    for pair in tokens(text).windows(2) {
        let path = &pair[1];
        let target = path.text.trim_matches('"');
        if pair[0].is_word("import") && path.kind == Kind::Text && is_beside(target) {
            let moved = between(to, &Path::new(folder).join(target));
            out.push_str(&text[from..path.start]);
            out.push_str(&format!("\"{}\"", moved.display()));
            from = path.end();
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_where_rhai_ends_them() {
        let text = "let a = [1, 2]\n    .map(|n| { n; n }); // one\nif a { b(); } else { c() }\n\nassert a == #{ x: 1 };;\ndo { d() } while false;\nfor x in a { e(`${x};`) }\n{ f(); }\na";
        assert_eq!(
            statements(text),
            [
                "let a = [1, 2]\n    .map(|n| { n; n });",
                "if a { b(); } else { c() }",
                "assert a == #{ x: 1 };",
                "do { d() } while false;",
                "for x in a { e(`${x};`) }",
                "{ f(); }",
                "a",
            ]
        );
    }

    #[test]
    fn imports_of_files_beside_move_and_modules_of_folders_stay() {
        let text = "import \"../lib/shop\" as shop;\nimport \"std/redis\" as redis;\nlet a = \"../lib/shop\";";
        let moved = moved(text, "scenarios", "repl", &|path| path.starts_with(".."));
        assert_eq!(moved, text.replacen("../lib", "lib", 1));
    }
}
