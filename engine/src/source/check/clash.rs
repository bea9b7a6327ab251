//! Functions of the same name in a script and the modules it can reach. Rhai remembers what a name meant without regard to
//! whose function is running, so that a module which calls a function of its own may be given that of another file. Nobody
//! would notice: it is refused.

use super::script::definitions;
use super::tokens::{Kind, Token, tokens};
use std::collections::{BTreeMap, BTreeSet};

/// Two functions that may be taken for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    pub name: String,
    /// `file:line` of the one that is called by its own file.
    pub called: String,
    /// `file:line` of the other.
    pub other: String,
}

type Key<'s> = (&'s str, usize);

/// A file as far as its functions are concerned.
struct File<'s> {
    name: &'s str,
    /// By name and number of parameters, with their lines.
    functions: BTreeMap<Key<'s>, u32>,
    /// What it mentions without a module's name before it.
    mentioned: BTreeSet<&'s str>,
}

/// The clashes among the files of a run: `script` and the `modules` it can reach, each with its text.
pub fn clashes(script: (&str, &str), modules: &BTreeMap<String, String>) -> Vec<Clash> {
    let own = File::of(script.0, script.1);
    let modules: Vec<File<'_>> = modules
        .iter()
        .map(|(name, text)| File::of(name, text))
        .collect();
    let mut found: BTreeMap<Key<'_>, Clash> = BTreeMap::new();
    for module in &modules {
        let called = module
            .functions
            .iter()
            .filter(|((name, _), _)| module.mentioned.contains(name));
        for (key, line) in called {
            let others = modules.iter().chain([&own]);
            let other = others
                .filter(|other| other.name != module.name)
                .find_map(|other| Some((other.name, other.functions.get(key)?)));
            if let Some((file, other)) = other {
                found.entry(*key).or_insert_with(|| Clash {
                    name: key.0.to_owned(),
                    called: format!("{}:{line}", module.name),
                    other: format!("{file}:{other}"),
                });
            }
        }
    }
    found.into_values().collect()
}

impl<'s> File<'s> {
    fn of(name: &'s str, text: &'s str) -> Self {
        let tokens = tokens(text);
        let definitions = definitions(&tokens);
        let own_name: BTreeSet<usize> = definitions.iter().map(|one| one.name).collect();
        let is_for_a_type = |at: usize| at > 0 && tokens[at - 1].is(".");
        let functions = definitions
            .iter()
            .filter(|one| !is_for_a_type(one.name))
            .map(|one| {
                let token = &tokens[one.name];
                ((token.text, one.parameters.len()), token.line)
            })
            .collect();
        let mentions = |at: &usize| !own_name.contains(at) && is_mention(&tokens, *at);
        Self {
            name,
            functions,
            mentioned: (0..tokens.len())
                .filter(mentions)
                .map(|at| tokens[at].text.trim_matches('"'))
                .collect(),
        }
    }
}

/// A name that may mean a function of the same file: called, handed on, or written as `Fn("name")`.
fn is_mention(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    let is_of_something =
        before.is_some_and(|token| token.is(".") || token.is("?.") || token.is("::"));
    match tokens[at].kind {
        Kind::Word => !is_of_something,
        Kind::Text => at > 1 && tokens[at - 1].is("(") && tokens[at - 2].is_word("Fn"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(script: &str, modules: &[(&str, &str)]) -> Vec<(String, String, String)> {
        let modules = modules
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        clashes(("a.rhai", script), &modules)
            .into_iter()
            .map(|clash| (clash.name, clash.called, clash.other))
            .collect()
    }

    const SAYS: &str = "fn name() { 1 }\nfn say() { name() }";

    #[test]
    fn a_module_that_calls_its_own_function_clashes_with_one_of_the_script_or_of_another_module() {
        let clash =
            |other: &str| vec![("name".to_owned(), "m.rhai:1".to_owned(), other.to_owned())];
        assert_eq!(
            found("let x = 1;\nfn name() { 2 }", &[("m.rhai", SAYS)]),
            clash("a.rhai:2")
        );
        let two = [("m.rhai", SAYS), ("n.rhai", "fn name() { 2 }")];
        assert_eq!(found("", &two), clash("n.rhai:1"));
    }

    #[test]
    fn what_cannot_be_taken_for_each_other_does_not_clash() {
        let apart: [(&str, &str); 5] = [
            ("fn name(x) { x }", SAYS),
            ("fn int.name() { 2 }", SAYS),
            (
                "fn name() { 2 }",
                "fn name() { 1 }\nfn say() { other::name() }",
            ),
            ("fn name() { 2 }", "fn name() { 1 }\nfn say(x) { x.name() }"),
            ("name(); m::name();", SAYS),
        ];
        for (script, module) in apart {
            assert_eq!(
                found(script, &[("m.rhai", module)]),
                [],
                "{script} | {module}"
            );
        }
    }

    #[test]
    fn a_function_that_is_handed_on_is_called_too() {
        for say in [
            "fn say(x) { x.map(name) }",
            "fn say() { Fn(\"name\") }",
            "const F = || name();",
        ] {
            let module = format!("fn name() {{ 1 }}\n{say}");
            assert_eq!(
                found("fn name() { 2 }", &[("m.rhai", &module)]).len(),
                1,
                "{say}"
            );
        }
    }
}
