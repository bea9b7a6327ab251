//! The check against the real language: everything people are shown passes it, and every name can be written.

use crate::source::check::{Names, Unit, check, explain_parse_error, is_reserved};
use crate::source::declare;
use rhai::module_resolvers::DummyModuleResolver;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::language::Language;
use scenario_stdlib::{MODULES, PRIMITIVES, catalog};
use std::sync::Arc;

fn language() -> Arc<Language> {
    Arc::new(Language::new(
        &[declare::PRIMITIVE],
        Arc::new(DummyModuleResolver::new()),
        Sources::default(),
    ))
}

fn names(language: &Language) -> Names {
    let mut names = Names::from_modules(language.modules());
    names.primitives = language.global_names().map(str::to_owned).collect();
    names.syntax = ["assert", "verify"].map(str::to_owned).into();
    // What the examples of one primitive use of others.
    names.primitives.extend(["http", "vars"].map(str::to_owned));
    for (name, arities) in [
        ("log", 1..=1),
        ("unique", 1..=1),
        ("write_file", 2..=3),
        ("get", 2..=3),
        ("post", 2..=3),
        ("delete", 2..=3),
    ] {
        names.add(name, arities);
    }
    names
}

/// What is wrong with a script, as people would read it.
fn judged(language: &Arc<Language>, names: &Names, text: &str) -> String {
    let failures = match language.compile("example.rhai", text) {
        Ok(ast) => {
            let unit = Unit {
                file: "example.rhai",
                source: text,
                ast: &ast,
                imports: &|_| None,
            };
            check(&unit, names)
        }
        Err(error) => vec![explain_parse_error(text, &error, "example.rhai")],
    };
    let shown: Vec<String> = failures.iter().map(Failure::render).collect();
    shown.join("\n\n")
}

#[test]
fn every_example_of_the_reference_passes() {
    let language = language();
    let names = names(&language);
    let mut seen = 0;
    for primitive in PRIMITIVES.iter().chain([&declare::PRIMITIVE]) {
        for example in catalog::examples(&catalog::page(primitive)) {
            let said = judged(&language, &names, &example.text);
            assert_eq!(said, "", "{}: {}", primitive.name, example.text);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn every_module_in_the_binary_passes() {
    let language = language();
    let names = names(&language);
    for (name, text) in MODULES {
        assert_eq!(judged(&language, &names, text), "", "{name}");
    }
}

#[test]
fn every_name_can_be_written() {
    let language = language();
    let builtin = Names::from_modules([]);
    let names = Names::from_modules(language.modules().into_iter().skip(1));
    let (functions, builtin) = (names.functions(), builtin.functions());
    let functions = functions.difference(&builtin).copied();
    let globals: Vec<&str> = language.global_names().collect();
    for name in functions.chain(globals) {
        assert!(!is_reserved(name), "{name}");
    }
}

#[test]
fn the_words_of_the_language_explain_themselves() {
    let language = language();
    let names = names(&language);
    assert_eq!(
        judged(&language, &names, "parallel([|| assert a, || assert b]);"),
        "after `assert …,` only a message in quotes may follow; inside a list write `|| { assert … }`\n  --> example.rhai:1:24\n   |\n 1 | parallel([|| assert a, || assert b]);\n   |                        ^^"
    );
    assert_eq!(
        judged(&language, &names, "let a = 1;\nassert(a, \"m\");"),
        "`assert` is a word, not a function: it takes no brackets\n  --> example.rhai:2:7\n   |\n 2 | assert(a, \"m\");\n   |       ^\n  hint: write `assert a, \"m\"`"
    );
}
