//! The check of a script before anything of it runs: unknown names, wrong numbers of arguments, and the traps
//! of the language that would let a scenario pass wrongly. Pure: a syntax tree and known names go in, failures
//! with place and hint come out. Loading, resolving imports and option keys are none of its business.

mod brackets;
mod calls;
mod canonical;
mod clash;
mod classify;
mod declare;
mod dropped;
mod habits;
mod handed;
mod names;
mod own;
mod parse_error;
mod problems;
mod reserved;
mod scope;
mod script;
mod slips;
mod takers;
#[cfg(test)]
mod tests;
mod tokens;
mod walk;

pub use canonical::{call_span, canonical, imports, phase_hash, reachable, signals};
pub use clash::{Clash, clashes};
pub use classify::{FileKind, classify};
pub use names::{Arities, Names};
pub use own::top_imports;
pub use parse_error::explain_parse_error;
pub use reserved::is_reserved;
pub use tokens::{Kind, Token, tokens};

use rhai::{AST, Module, Shared};
use scenario_stdlib::host::failure::Failure;

/// A compiled file. Compile it without optimisation, or the tree is not what was written.
pub struct Unit<'a> {
    /// The path shown to people.
    pub file: &'a str,
    pub source: &'a str,
    pub ast: &'a AST,
    /// The module behind a path as an `import` writes it; `None` if it is not known here.
    pub imports: &'a dyn Fn(&str) -> Option<Shared<Module>>,
}

/// Everything that is wrong with a file, sorted by place; what is wrong in several places is one failure.
pub fn check(unit: &Unit<'_>, names: &Names) -> Vec<Failure> {
    walked(unit, names, |problems| problems.finish())
}

/// Like [`check`], with one failure for each place.
pub fn check_each(unit: &Unit<'_>, names: &Names) -> Vec<Failure> {
    walked(unit, names, |problems| problems.each())
}

fn walked(
    unit: &Unit<'_>,
    names: &Names,
    finish: fn(problems::Problems<'_>) -> Vec<Failure>,
) -> Vec<Failure> {
    let script = script::Script::new(unit.file, unit.source);
    let own = own::Own::of(unit);
    let mut walk = walk::Walk::new(&script, names, &own);
    walk.unclosed_comment();
    walk.definitions();
    walk.file(unit.ast.statements(), false);
    finish(walk.problems)
}

/// What is wrong with statements that are typed after others, from `line` on; `variables` are there already. The value of
/// the last one is looked at.
pub fn check_more(unit: &Unit<'_>, names: &Names, variables: &[String], line: u32) -> Vec<Failure> {
    let script = script::Script::new(unit.file, unit.source);
    let own = own::Own::of(unit);
    let mut walk = walk::Walk::new(&script, names, &own);
    walk.unclosed_comment();
    walk.definitions();
    for name in variables {
        walk.scope.declare(name, None);
    }
    walk.file(unit.ast.statements(), true);
    let mut problems = walk.problems.finish();
    problems.retain(|problem| problem.location.as_ref().is_none_or(|at| at.line >= line));
    problems
}

/// Whether a text calls the function of this name; methods are none.
pub fn calls(text: &str, function: &str) -> bool {
    let tokens = tokens(text);
    let mut pairs = tokens.iter().enumerate().zip(tokens.iter().skip(1));
    pairs.any(|((at, token), next)| {
        let before = at.checked_sub(1).map(|at| &tokens[at]);
        let is_part = before.is_some_and(|one| one.is(".") || one.is("?.") || one.is_word("fn"));
        token.is_word(function) && next.is("(") && !is_part
    })
}
