//! What a stretch of a script comes down to when comments, white space and unrelated functions do not count: two
//! scripts that differ only in those do the same. Works on tokens, so that it needs no syntax tree.

use super::script::{closing, definitions};
use super::tokens::{Kind, Token, tokens};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The tokens within a range of bytes, one space between them.
pub fn canonical(source: &str, range: Range<usize>) -> String {
    let tokens = tokens(source);
    let within = tokens
        .iter()
        .filter(|token| range.contains(&token.start) && token.end() <= range.end);
    let words: Vec<&str> = within.map(|token| token.text).collect();
    words.join(" ")
}

/// What a script imports, as it is written.
pub fn imports(source: &str) -> Vec<String> {
    if !source.contains("import") {
        return Vec::new();
    }
    let tokens = tokens(source);
    let pairs = tokens.windows(2);
    pairs
        .filter(|pair| pair[0].is_word("import") && pair[1].kind == Kind::Text)
        .map(|pair| pair[1].text.trim_matches('"').to_owned())
        .collect()
}

/// The names of the signals a script waits for; `*` stands for one that it computes.
pub fn signals(source: &str) -> Vec<String> {
    if !["signal", "manual"]
        .iter()
        .any(|word| source.contains(word))
    {
        return Vec::new();
    }
    let tokens = tokens(source);
    let calls = tokens.windows(3).filter(|three| {
        let is_call = three[0].is_word("signal") || three[0].is_word("wait_for_signal");
        is_call && three[1].is("(")
    });
    let mut names: Vec<String> = calls
        .map(|three| match three[2].kind {
            Kind::Text => three[2].text.trim_matches('"').to_owned(),
            _ => "*".to_owned(),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The bytes of the call that begins in this line and column, its arguments included.
pub fn call_span(source: &str, line: u32, column: u32) -> Option<Range<usize>> {
    let tokens = tokens(source);
    let name = tokens
        .iter()
        .position(|token| (token.line, token.column) == (line, column))?;
    let open = (name + 1..tokens.len()).find(|at| tokens[*at].is("("))?;
    let close = closing(&tokens, open)?;
    Some(tokens[name].start..tokens[close].end())
}

/// The names of the script's functions that a range of bytes can reach, directly or through others.
///
/// Every mention counts, not only calls: a function may be passed on by its name.
pub fn reachable(source: &str, range: Range<usize>) -> BTreeSet<String> {
    let tokens = tokens(source);
    let functions = functions(&tokens);
    reached(&tokens, &functions, &range)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// A hash over the tokens of a range and of the script's functions it can reach.
pub fn phase_hash(source: &str, range: Range<usize>) -> String {
    let tokens = tokens(source);
    let functions = functions(&tokens);
    let mut hash = Sha256::new();
    let mut add = |range: &Range<usize>| {
        for token in &tokens {
            if range.contains(&token.start) {
                hash.update(token.text);
                // No token holds a zero byte outside of strings, so that none can pose as two.
                hash.update([0]);
            }
        }
        hash.update([0, 0]);
    };
    add(&range);
    for name in reached(&tokens, &functions, &range) {
        functions[name].iter().for_each(&mut add);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The bytes of every function by name; one name may have several, of different arities.
fn functions<'s>(tokens: &[Token<'s>]) -> BTreeMap<&'s str, Vec<Range<usize>>> {
    let mut functions = BTreeMap::<_, Vec<_>>::new();
    for definition in definitions(tokens) {
        let span = tokens[definition.tokens.start].start..tokens[definition.tokens.end - 1].end();
        functions
            .entry(tokens[definition.name].text)
            .or_default()
            .push(span);
    }
    functions
}

fn reached<'s>(
    tokens: &[Token<'s>],
    functions: &BTreeMap<&'s str, Vec<Range<usize>>>,
    range: &Range<usize>,
) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    let mut open = vec![range];
    while let Some(range) = open.pop() {
        for (at, token) in tokens.iter().enumerate() {
            if !range.contains(&token.start) {
                continue;
            }
            let name = match token.kind {
                Kind::Word => token.text,
                Kind::Text if named(tokens, at) => token.text.trim_matches('"'),
                _ => continue,
            };
            if let Some((name, spans)) = functions.get_key_value(name)
                && found.insert(*name)
            {
                open.extend(spans);
            }
        }
    }
    found
}

/// Whether the text at `at` stands in `Fn("name")`.
fn named(tokens: &[Token<'_>], at: usize) -> bool {
    at > 1 && tokens[at - 1].is("(") && tokens[at - 2].is_word("Fn")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of the phase that begins right at `phase(`.
    fn hash(source: &str) -> String {
        let start = source.find("phase(").unwrap();
        let line = source[..start].matches('\n').count() as u32 + 1;
        let column = (start - source[..start].rfind('\n').map_or(0, |at| at + 1)) as u32 + 1;
        phase_hash(source, call_span(source, line, column).unwrap())
    }

    const SCRIPT: &str = "fn a(x) { b(x) }\nfn b(x) { x }\nfn c() { 1 }\nphase(\"p\", || { a(1); `n ${2}` });\nlet z = 1;";

    #[test]
    fn comments_white_space_and_other_code_do_not_count() {
        let other = SCRIPT
            .replace("{ b(x) }", "{\n  // calls b\n  b( x )\n}")
            .replace("fn c() { 1 }", "fn c() { 2 } fn d() { c() }")
            .replace("let z = 1", "let z = 2")
            .replace("a(1);", "a(1); /* why */");
        assert_eq!(hash(SCRIPT), hash(&other));
    }

    #[test]
    fn what_the_phase_says_or_reaches_counts() {
        for (from, to) in [
            ("a(1)", "a(2)"),
            ("{ x }", "{ x + 1 }"),
            ("b(x) }", "b(x); }"),
            ("`n ${2}`", "`n  ${2}`"),
            ("\"p\"", "\"q\""),
        ] {
            assert_ne!(hash(SCRIPT), hash(&SCRIPT.replace(from, to)), "{from}");
        }
    }

    #[test]
    fn functions_are_reached_through_others_and_by_name() {
        let source = "fn a() { a(); b() } fn b() {} fn c() {} fn d() {} phase(a, Fn(\"c\"), \"d\")";
        let reached = reachable(source, source.find("phase").unwrap()..source.len());
        assert_eq!(reached.into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn a_stretch_is_written_with_single_spaces() {
        let source = "x; phase( \"a  b\" , /* c */\n|| 1 ); y";
        let span = call_span(source, 1, 4).unwrap();
        assert_eq!(canonical(source, span), "phase ( \"a  b\" , || 1 )");
        assert_eq!(call_span(source, 7, 1), None);
    }
}
