//! The check against the real language: every example people are shown passes it, and every name can be written.

use crate::source::check::{Names, Unit, check, explain_parse_error, is_reserved};
use rhai::module_resolvers::DummyModuleResolver;
use rhai::{Engine, Shared};
use scenario_stdlib::PRIMITIVES;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::language::Language;
use std::sync::Arc;

fn language() -> Arc<Language> {
    Arc::new(Language::new(
        &[],
        Arc::new(DummyModuleResolver::new()),
        Sources::default(),
    ))
}

fn names(language: &Language) -> Names {
    let mut names = Names::from_modules(language.modules().iter().cloned());
    names.primitives = language.global_names().map(str::to_owned).collect();
    names.syntax = ["assert", "verify"].map(str::to_owned).into();
    // What the engine adds to the language, and what examples of one primitive use of the others.
    names.primitives.extend(["http", "vars"].map(str::to_owned));
    for (name, arities) in [
        ("scenario", 1..=3),
        ("phase", 2..=3),
        ("log", 1..=1),
        ("unique", 1..=1),
        ("get", 2..=3),
        ("post", 2..=3),
        ("delete", 2..=3),
    ] {
        names.add(name, arities);
    }
    names
}

/// The examples in the guides and in the comments on functions.
fn examples(language: &Language) -> Vec<String> {
    let mut texts: Vec<String> = PRIMITIVES.iter().map(|p| p.guide.to_owned()).collect();
    let mut engine = Engine::new_raw();
    for module in language.modules().iter().skip(1) {
        engine.register_global_module(Shared::clone(module));
    }
    texts.extend(engine.collect_fn_metadata(
        None,
        |info| {
            let lines = info.metadata.comments.iter().flat_map(|text| text.lines());
            let lines = lines.map(|line| line.trim_start_matches('/').trim_start_matches(' '));
            Some(lines.collect::<Vec<_>>().join("\n"))
        },
        true,
    ));
    let blocks = texts
        .iter()
        .flat_map(|text| text.split("```rhai\n").skip(1));
    blocks
        .filter_map(|block| Some(block.split_once("```")?.0.to_owned()))
        .collect()
}

#[test]
fn every_example_passes() {
    let language = language();
    let names = names(&language);
    let examples = examples(&language);
    assert!(examples.len() > 5, "{examples:?}");
    for example in examples {
        let failures = match language.compile("example.rhai", &example) {
            Ok(ast) => check(
                &Unit {
                    file: "example.rhai",
                    source: &example,
                    ast: &ast,
                    imports: &|_| None,
                },
                &names,
            ),
            Err(error) => vec![explain_parse_error(&example, &error, "example.rhai")],
        };
        let shown: Vec<String> = failures.iter().map(Failure::render).collect();
        assert!(failures.is_empty(), "{example}\n{}", shown.join("\n"));
    }
}

#[test]
fn every_name_can_be_written() {
    let language = language();
    let ours = language.modules().iter().skip(1).cloned();
    let builtin = Names::from_modules([]);
    let names = Names::from_modules(ours);
    let functions = names.functions.into_keys();
    let functions = functions.filter(|name| !builtin.functions.contains_key(name));
    for name in functions.chain(language.global_names().map(str::to_owned)) {
        assert!(!is_reserved(&name), "{name}");
    }
}
