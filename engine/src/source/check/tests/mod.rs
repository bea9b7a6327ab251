//! Small scripts and what is said about them.

mod any;
mod guide;
mod language;
mod names;
mod syntax;
mod traps;

use super::*;
use rhai::{Engine, OptimizationLevel, Scope};

fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(256, 128);
    for word in ["assert", "verify"] {
        engine.register_custom_syntax_with_state_raw(
            word,
            |parsed, ahead, _| {
                Ok(match (parsed.len(), ahead) {
                    (1, _) => Some("$expr$".into()),
                    (2, ",") => Some(",".into()),
                    (3, _) => Some("$expr$".into()),
                    _ => None,
                })
            },
            false,
            |_, _, _| Ok(rhai::Dynamic::UNIT),
        );
    }
    engine
}

fn names() -> Names {
    let mut names = Names::from_engine(&engine());
    names.primitives = ["http", "browser", "run", "TERMINAL"]
        .map(String::from)
        .into();
    names.syntax = ["assert", "verify"].map(String::from).into();
    for (name, arities) in [
        ("scenario", &[2, 3][..]),
        ("phase", &[2, 3]),
        ("step", &[2]),
        ("defer", &[1]),
        ("never", &[2]),
        ("wait_until", &[1, 2]),
        ("give_up", &[1]),
        ("expect", &[1]),
        ("to_have_text", &[2]),
        ("to_have_url", &[2]),
        ("to_contain_text", &[2]),
        ("secret", &[1]),
        ("exec", &[1]),
        ("free_port", &[0]),
        ("unique", &[1]),
        ("load_csv", &[1]),
        ("parallel", &[1]),
        ("fixture", &[2, 3]),
        ("spawn_service", &[2]),
        ("stack", &[2]),
        ("log", &[1]),
        ("get", &[2, 3]),
        ("post", &[2, 3]),
        ("open", &[2]),
        ("locator", &[2]),
        ("get_by_label", &[2]),
        ("get_by_role", &[2, 3]),
        ("get_by_test_id", &[2]),
        ("fill", &[2]),
        ("click", &[1]),
        ("last", &[1]),
        ("press", &[2]),
        ("route", &[3]),
    ] {
        names.add(name, arities.iter().copied());
    }
    names
}

/// A module with `up(0)`, `login(2)`, `NAME`, a map with a closure and a typed method.
fn shop() -> Shared<Module> {
    let source = r#"
        export const NAME = "shop";
        fn up() { #{ refill: |n| n } }
        fn login(page, user) { page }
        fn string.shout() { this + "!" }
        private fn secret() {}
    "#;
    let engine = engine();
    let ast = engine.compile(source).unwrap();
    Module::eval_ast_as_new(Scope::new(), &ast, &engine)
        .unwrap()
        .into()
}

fn failures(source: &str) -> Vec<Failure> {
    let ast = engine().compile(source).unwrap();
    let shop = shop();
    let unit = Unit {
        file: "s.rhai",
        source,
        ast: &ast,
        imports: &|path| (path == "stacks/shop").then(|| shop.clone()),
    };
    check(&unit, &names())
}

/// The rendered problems of a script called `s.rhai`, one empty line between them.
fn problems(source: &str) -> String {
    let rendered: Vec<String> = failures(source).iter().map(Failure::render).collect();
    rendered.join("\n\n")
}

/// The messages alone, each with its line and hint.
fn short(source: &str) -> Vec<String> {
    failures(source)
        .into_iter()
        .map(|failure| {
            let at = failure.location.unwrap();
            let also = failure
                .details
                .first()
                .map(|also| format!(" ({})", also.text));
            let hint = failure.hint.map(|hint| format!(" | {hint}"));
            let (also, hint) = (also.unwrap_or_default(), hint.unwrap_or_default());
            format!("{}:{} {}{also}{hint}", at.line, at.column, failure.message)
        })
        .collect()
}
