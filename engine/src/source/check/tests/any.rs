//! Whatever a file contains, it is judged without a panic.

use super::{engine, failures};
use crate::source::check::{call_span, canonical, explain_parse_error, phase_hash, tokens};
use proptest::prelude::*;

const WORDS: &[&str] = &[
    "let", "const", "fn", "if", "else", "for", "in", "while", "loop", "switch", "return", "throw",
    "try", "catch", "import", "export", "as", "true", "null", "new", "and", "not", "def", "assert",
    "verify", "http", "phase", "scenario", "step", "parallel", "expect", "state", "exit", "global",
    "a", "b", "f", "x", "this", "call", "goto", "default", "(", ")", "[", "]", "{", "}", "#{", "|",
    "||", "=>", "->", "=", "==", "===", "!", "!=", "+", "+=", "++", "-", ".", "?.", "::", ",", ";",
    ":", "?", "..", "&&", "1", "1.5", "\"t\"", "\"${a}\"", "`t`", "`${", "}`", "'c'", "'abc'",
    "\"", "`", "#", "/*", "*/", "// c\n", "/// d\n", "\n", "é", "\u{a0}", "@", "$", "\\",
];

fn judge(source: &str) {
    match engine().compile(source) {
        Ok(_) => failures(source).iter().for_each(|failure| {
            failure.render();
        }),
        Err(error) => {
            explain_parse_error(source, &error, "s.rhai").render();
        }
    }
    let found = tokens(source);
    for token in &found {
        assert_eq!(&source[token.span()], token.text);
        if let Some(span) = call_span(source, token.line, token.column) {
            canonical(source, span.clone());
            phase_hash(source, span);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn words_in_any_order(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
        judge(&words.join(" "));
    }

    #[test]
    fn words_without_spaces(words in prop::collection::vec(prop::sample::select(WORDS), 0..20)) {
        judge(&words.concat());
    }

    #[test]
    fn any_characters(source in "\\PC{0,80}") {
        judge(&source);
    }
}
