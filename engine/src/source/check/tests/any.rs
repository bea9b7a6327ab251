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

/// Scripts over three variables in which everything is executed.
fn program() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c"]);
    let value = prop_oneof![
        Just("1".to_owned()),
        name.clone().prop_map(str::to_owned),
        name.clone().prop_map(|a| format!("`${{{a}}}`")),
        (name.clone(), name.clone()).prop_map(|(a, b)| format!("#{{ x: {a}, y: [{b}] }}")),
    ];
    let plain = prop_oneof![
        4 => (name.clone(), value.clone()).prop_map(|(a, v)| format!("let {a} = {v};")),
        1 => (name.clone(), value.clone()).prop_map(|(a, v)| format!("const {a} = {v};")),
        1 => value.clone().prop_map(|v| format!("let f = || {v}; f.call();")),
        1 => (name.clone(), value.clone()).prop_map(|(a, v)| format!("helper({v}); {a};")),
    ];
    let statement = plain.prop_recursive(4, 24, 3, move |inner| {
        let body = prop::collection::vec(inner, 1..4).prop_map(|body| body.join(" "));
        (prop::sample::select(vec!["a", "b", "c"]), body, 0..6).prop_map(|(name, body, form)| {
            match form {
                0 => format!("{{ {body} }}"),
                1 => format!("if true {{ {body} }}"),
                2 => format!("for {name} in 0..1 {{ {body} }}"),
                3 => format!("let g = |{name}| {{ {body} }}; g.call(1);"),
                4 => format!("try {{ throw 1 }} catch ({name}) {{ {body} }}"),
                _ => format!("switch 1 {{ 1 => {{ {body} }}, _ => 0 }}"),
            }
        })
    });
    let function = prop::collection::vec(statement.clone(), 0..3).prop_map(|body| body.join(" "));
    let rest = prop::collection::vec(statement, 1..5).prop_map(|body| body.join("\n"));
    (function, rest).prop_map(|(function, rest)| {
        let function = function.replace("helper(", "type_of(");
        format!("fn helper(b) {{ {function} }}\n{rest}\nhelper(1);")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What the check says about variables is what running shows.
    #[test]
    fn unknown_variables_are_those_rhai_does_not_find(source in program()) {
        let run = engine().run(&source).map_err(|error| error.unwrap_inner().to_string());
        let found = failures(&source);
        let said = found.iter().any(|failure| failure.message.starts_with("unknown variable"));
        match run {
            Ok(()) => prop_assert!(!said, "{source}\n{}", found[0].render()),
            Err(error) if error.starts_with("Variable not found") => prop_assert!(said, "{source}\n{error}"),
            // Wrong types are none of the check's business.
            Err(_) => {}
        }
    }
}
