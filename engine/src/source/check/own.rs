//! What a script declares at its top level, gathered before the walk. Reports nothing.

use super::Unit;
use super::names::{Exports, is_name};
use rhai::{
    AST, ASTFlags, ASTNode, Expr, FnPtr, ImmutableString, Map, Module, Position, ScriptFuncDef,
    Shared, Stmt,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// A function or closure of a script.
pub(super) struct Function {
    pub definition: Shared<ScriptFuncDef>,
    pub body: Vec<Stmt>,
}

/// A variable at the top level.
pub(super) struct Top {
    pub constant: bool,
    pub line: usize,
}

/// The declarations of a script.
#[derive(Default)]
pub(super) struct Own {
    pub functions: BTreeMap<ImmutableString, Vec<Function>>,
    pub closures: HashMap<ImmutableString, Function>,
    pub top: BTreeMap<ImmutableString, Top>,
    /// What each module imported anywhere offers, by the path as written.
    pub modules: BTreeMap<ImmutableString, Rc<Exports>>,
    /// Aliases of the imports at the top level, with the path unless it is computed.
    pub imports: Vec<(ImmutableString, Option<ImmutableString>)>,
    /// Names under which a map may hold a closure, so that `map.name()` may be right.
    pub keys: BTreeSet<String>,
    /// Functions called as `name!(…)`: they see the variables of their caller.
    pub open: BTreeSet<ImmutableString>,
}

impl Own {
    pub fn of(unit: &Unit<'_>) -> Self {
        let mut own = Self::default();
        for definition in unit.ast.iter_fn_def() {
            let function = Function {
                definition: definition.clone(),
                body: body(definition),
            };
            let name = definition.name.clone();
            if is_name(&name) {
                own.functions.entry(name).or_default().push(function);
            } else {
                own.closures.insert(name, function);
            }
        }
        for statement in unit.ast.statements() {
            match statement {
                Stmt::Var(variable, flags, _) => {
                    let top = Top {
                        constant: flags.contains(ASTFlags::CONSTANT),
                        line: variable.0.pos.line().unwrap_or(1),
                    };
                    own.top.insert(variable.0.name.clone(), top);
                }
                Stmt::Import(import, _) if !import.1.is_empty() => {
                    let path = written_path(&import.0).cloned();
                    own.imports.push((import.1.name.clone(), path));
                }
                _ => {}
            }
        }
        own.look_for_keys(unit.ast);
        for path in imported_paths(unit.ast) {
            if let Some(module) = (unit.imports)(&path) {
                own.look_into(&module);
                own.modules.insert(path, Rc::new(Exports::of(&module)));
            }
        }
        own
    }

    /// What the module at this path offers, if the path is plain text and the module is known.
    pub fn exports(&self, path: &Expr) -> Option<Rc<Exports>> {
        self.modules.get(written_path(path)?).cloned()
    }

    fn look_into(&mut self, module: &Shared<Module>) {
        for (_, value) in module.iter_var() {
            if let Ok(map) = value.as_map_ref() {
                self.keys_of(&map);
            }
        }
        self.look_for_keys(&AST::new([], module.clone()));
        for (_, module) in module.iter_sub_modules() {
            self.look_into(module);
        }
    }

    fn keys_of(&mut self, map: &Map) {
        for (key, value) in map {
            if value.is::<FnPtr>() {
                self.keys.insert(key.to_string());
            } else if let Ok(map) = value.as_map_ref() {
                self.keys_of(&map);
            }
        }
    }

    fn look_for_keys(&mut self, ast: &AST) {
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Expr(Expr::Map(map, _))) => {
                    let keys = map.0.iter().map(|(key, _)| key.name.to_string());
                    self.keys.extend(keys);
                }
                Some(ASTNode::Expr(Expr::FnCall(call, _)))
                | Some(ASTNode::Stmt(Stmt::FnCall(call, _)))
                    if call.capture_parent_scope =>
                {
                    self.open.insert(call.name.clone());
                }
                Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => {
                    assigned_keys(&assignment.1.lhs, &mut self.keys);
                }
                _ => {}
            }
            true
        });
    }
}

fn written_path(path: &Expr) -> Option<&ImmutableString> {
    match path {
        Expr::StringConstant(path, _) => Some(path),
        _ => None,
    }
}

/// The modules that a script imports first of all, with the places of their paths.
pub fn top_imports(ast: &AST) -> Vec<(ImmutableString, Position)> {
    let statements = ast.statements().iter();
    statements
        .filter_map(|statement| match statement {
            Stmt::Import(import, _) => {
                Some((written_path(&import.0)?.clone(), import.0.position()))
            }
            _ => None,
        })
        .collect()
}

fn imported_paths(ast: &AST) -> BTreeSet<ImmutableString> {
    let mut paths = BTreeSet::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last() {
            paths.extend(written_path(&import.0).cloned());
        }
        true
    });
    paths
}

/// `m.key = …` and `m["key"] = …`.
fn assigned_keys(target: &Expr, keys: &mut BTreeSet<String>) {
    match target {
        Expr::Property(property, _) => {
            keys.insert(property.2.to_string());
        }
        Expr::StringConstant(key, _) => {
            keys.insert(key.to_string());
        }
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => {
            assigned_keys(&chain.lhs, keys);
            assigned_keys(&chain.rhs, keys);
        }
        _ => {}
    }
}

/// The statements of a function. Rhai does not let go of them other than by a walk through a tree.
fn body(definition: &Shared<ScriptFuncDef>) -> Vec<Stmt> {
    let mut alone = Module::new();
    alone.set_script_fn(definition.clone());
    let mut body = Vec::new();
    AST::new([], alone).walk(&mut |path| {
        if let [ASTNode::Stmt(statement)] = path {
            body.push((*statement).clone());
        }
        true
    });
    body
}
