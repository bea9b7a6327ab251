//! What a file is: a plain script, one that declares, or a module.

use rhai::{AST, ASTFlags, ASTNode, Expr, Stmt};

/// The three kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A scenario from top to bottom: calls neither `scenario` nor `phase`.
    Plain,
    /// Declares scenarios and phases.
    Declaring,
    /// Only imported, never run: nothing but `fn`, `import`, `const` and `export` at its top level.
    Module,
}

/// Tells what a file is. One without any code is plain, so that it is run and reported as checking nothing.
pub fn classify(ast: &AST) -> FileKind {
    let empty = ast.statements().is_empty() && !ast.has_functions();
    if !empty && ast.statements().iter().all(only_declares) {
        FileKind::Module
    } else if calls(ast, &["scenario", "phase"]) {
        FileKind::Declaring
    } else {
        FileKind::Plain
    }
}

fn only_declares(statement: &Stmt) -> bool {
    match statement {
        Stmt::Import(..) | Stmt::Export(..) | Stmt::Noop(_) => true,
        Stmt::Var(_, flags, _) => flags.intersects(ASTFlags::CONSTANT | ASTFlags::EXPORTED),
        _ => false,
    }
}

fn calls(ast: &AST, names: &[&str]) -> bool {
    let mut found = false;
    ast.walk(&mut |path| {
        found = match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, _)))
            | Some(ASTNode::Stmt(Stmt::FnCall(call, _))) => {
                !call.is_qualified() && names.contains(&call.name.as_str())
            }
            _ => false,
        };
        !found
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use rhai::{Engine, OptimizationLevel};

    fn kind(source: &str) -> FileKind {
        let mut engine = Engine::new();
        engine.set_optimization_level(OptimizationLevel::None);
        classify(&engine.compile(source).unwrap())
    }

    #[test]
    fn a_script_without_declarations_is_plain() {
        assert_eq!(kind("let a = 1; fn f() { a } f();"), FileKind::Plain);
        assert_eq!(kind("shop::phase(1); x.scenario();"), FileKind::Plain);
        assert_eq!(kind("// nothing yet"), FileKind::Plain);
    }

    #[test]
    fn a_declaration_counts_wherever_it_stands() {
        assert_eq!(kind("scenario(1);"), FileKind::Declaring);
        assert_eq!(
            kind("for i in 0..3 { f(|| phase(1)); }"),
            FileKind::Declaring
        );
        assert_eq!(
            kind("fn f() { if true { phase(1) } } f();"),
            FileKind::Declaring
        );
        assert_eq!(
            kind("let a = `${#{ x: [phase(1)] }}`;"),
            FileKind::Declaring
        );
    }

    #[test]
    fn a_module_only_declares_for_others() {
        let module = "import \"a\" as a; const B = 1; export const C = a::x; export let d = 2; fn f() { phase(1) }";
        assert_eq!(kind(module), FileKind::Module);
        assert_eq!(kind("fn f() {}"), FileKind::Module);
        assert_eq!(kind("fn f() {} let x = 1;"), FileKind::Plain);
    }
}
