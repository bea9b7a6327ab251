//! What may be declared, what is visible, and what an assignment reaches.

use super::script::definitions;
use super::takers::{Runs, Taker};
use super::tokens::{Kind, Token};
use super::walk::{Closure, Walk};
use super::{habits, names::Arities, names::is_name};
use rhai::{Expr, Namespace, Position};
use scenario_stdlib::host::suggest;

impl<'a> Walk<'a> {
    /// Reports a declaration that would be silently ignored.
    pub fn declarable(&mut self, name: &str, at: Position) {
        if let Some((message, hint)) = self.undeclarable(name) {
            self.problems.add(at, message, Some(hint));
        }
    }

    fn undeclarable(&self, name: &str) -> Option<(String, String)> {
        if self.names.primitives.contains(name) {
            let message = format!("`{name}` cannot be declared: it would still be the primitive");
            Some((message, "choose another name".to_owned()))
        } else if self.names.syntax.contains(name) {
            let message = format!("`{name}` cannot be declared: it is a word of the language");
            Some((message, "choose another name".to_owned()))
        } else {
            None
        }
    }

    /// The names and parameters of functions, which only the text places.
    pub fn definitions(&mut self) {
        let script = self.script;
        for definition in definitions(&script.tokens) {
            let names = std::iter::once(definition.name).chain(definition.parameters);
            for token in names.map(|index| &script.tokens[index]) {
                if let Some((message, hint)) = self.undeclarable(token.text) {
                    let place = (token.line, token.column);
                    let location = script.at_token(token);
                    self.problems.add_at(place, location, message, Some(hint));
                }
            }
        }
    }

    /// Where the parameters of a closure stand.
    pub fn parameter_places(&self, closure: Closure<'a>) -> Vec<Position> {
        let from = self.script.from(closure.at) + 1;
        let position = |token: &Token<'_>| {
            let line = u16::try_from(token.line).ok()?;
            Some(Position::new(line, u16::try_from(token.column).ok()?))
        };
        let tokens = self.script.tokens.get(from..).unwrap_or_default();
        tokens
            .iter()
            .take_while(|token| token.kind == Kind::Word || token.is(","))
            .filter(|token| token.kind == Kind::Word)
            .take(closure.parameters.len())
            .filter_map(position)
            .collect()
    }

    /// Reports a variable nobody declared.
    pub fn variable(&mut self, name: &str, at: Position) {
        let is_function = self.own.functions.contains_key(name);
        if let Some(binding) = self.scope.find(name) {
            let captured = |frame: &super::scope::Frame<'_>| {
                frame.captured.iter().any(|captured| captured == name)
            };
            if is_function && !self.scope.between(binding).iter().all(captured) {
                self.problems.add(
                    at,
                    format!("`{name}` is the function here, not the variable: a closure does not capture a variable named like a function"),
                    Some("give one of the two another name".to_owned()),
                );
            }
            return;
        }
        let sees_caller = self
            .function
            .is_some_and(|function| self.own.open.contains(&function.definition.name));
        if is_function
            || sees_caller
            || self.names.primitives.contains(name)
            || self.names.constants.contains(name)
        {
            return;
        }
        if self.refused(name, at, Arities::default()) {
            return;
        }
        let hint = self.variable_hint(name);
        self.problems
            .add(at, format!("unknown variable `{name}`"), hint);
    }

    fn variable_hint(&self, name: &str) -> Option<String> {
        if let Some(top) = self.own.top.get(name) {
            return Some(match (self.function.is_some(), top.constant) {
                (true, true) => {
                    format!("a function sees constants of the file only as `global::{name}`")
                }
                (true, false) => format!(
                    "a function does not see variables of the file: pass `{name}` as a parameter, or declare it with `const` and write `global::{name}`"
                ),
                (false, _) => format!("it is declared only later, in line {}", top.line),
            });
        }
        if let Some(hint) = habits::variable(name) {
            return Some(hint.to_owned());
        }
        if name == "state" {
            return Some("a phase gets it as its parameter: `|state| { … }`".to_owned());
        }
        if self.scope.alias(name).is_some() {
            return Some(format!("`{name}` is a module: write `{name}::…`"));
        }
        let visible = self.scope.bindings.iter().map(|binding| binding.name);
        let names = visible
            .chain(self.names.primitives.iter().map(String::as_str))
            .chain(self.names.constants.iter().map(String::as_str))
            .chain(self.own.functions.keys().map(|name| name.as_str()));
        // The nearest of two short names is any name.
        if name.len() > 1
            && let Some(near) = suggest::nearest(name, names)
        {
            return Some(format!("did you mean `{near}`?"));
        }
        if self.names.has_function(name) {
            return Some(format!(
                "`{name}` is a function: call it, as in `{name}(…)`"
            ));
        }
        let mut lines = self.script.tokens.windows(2).filter_map(|pair| {
            let declares = ["let", "const", "for"].contains(&pair[0].text);
            (declares && pair[1].is_word(name)).then_some(pair[1].line)
        });
        lines.next().map(|line| {
            format!("the one declared in line {line} is not visible here: it ends with its block")
        })
    }

    /// `module::NAME` and `global::NAME`.
    pub fn qualified_variable(&mut self, path: &Namespace, name: &str, at: Position) {
        let root = path.root();
        if root == "global" && path.path.len() == 1 {
            let top = self.own.top.get(name);
            if top.is_some_and(|top| top.constant) {
                return;
            }
            let hint = match top {
                Some(_) => Some(format!("only constants are global: `const {name} = …`")),
                None => {
                    let constants = self.own.top.iter().filter(|(_, top)| top.constant);
                    suggest::hint(
                        name,
                        constants.map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
                    )
                }
            };
            let message = format!("unknown constant `global::{name}`");
            self.problems.add(at, message, hint);
            return;
        }
        if let Some(exports) = self.module(path)
            && !exports.variables.contains(name)
        {
            let known = exports.variables.iter().map(String::as_str);
            let hint = if exports.functions.contains_key(name) {
                Some(format!("`{path}::{name}` is a function: call it"))
            } else {
                suggest::hint(name, known.collect::<Vec<_>>())
            };
            let message = format!("`{path}` exports no `{name}`");
            self.problems.add(at, message, hint);
        }
    }

    /// Reports an assignment that reaches nothing: to a primitive, or to the copy a closure works on.
    pub fn assigned(&mut self, target: &'a Expr) {
        let Some((name, at)) = root(target) else {
            return;
        };
        if self.names.primitives.contains(name) {
            if matches!(target, Expr::Variable(..)) {
                let message = format!("`{name}` is a primitive and cannot be assigned");
                self.problems.add(at, message, None);
            }
            return;
        }
        let whole = matches!(target, Expr::Variable(..));
        if let Some(taker) = self.copied(name, !whole) {
            self.lost(name, at, taker);
        } else if whole && self.is_state(name) {
            self.problems.add(
                at,
                format!("`{name}` is only the name of the state here: what is assigned to it would be lost"),
                Some(format!("set its properties, as in `{name}.id = …`, or return a map")),
            );
        }
    }

    /// Whether this is what a phase gets as its parameter.
    fn is_state(&self, name: &str) -> bool {
        let Some(binding) = self.scope.find(name) else {
            return false;
        };
        let taker = self
            .scope
            .frames
            .get(binding.frame)
            .and_then(|f| f.copied_by);
        binding.parameter && taker.is_some_and(|t| matches!(t.name, "phase" | "scenario"))
    }

    /// Reports `list.push(…)` and its like on the copy a closure works on.
    pub fn grown(&mut self, chain: &'a Expr) {
        const GROW: &[&str] = &["push", "append", "insert", "mixin"];
        if first_method(chain).is_some_and(|method| GROW.contains(&method))
            && let Some((name, at)) = root(chain)
            && let Some(taker) = self.copied(name, true)
        {
            self.lost(name, at, taker);
        }
    }

    fn lost(&mut self, name: &str, at: Position, taker: &Taker) {
        let message = format!(
            "`{name}` is changed in a closure of `{}`, which works on a copy: the change would be lost",
            taker.name
        );
        let hint = match taker.runs {
            Runs::OnACopy(way) => Some(way.replace("NAME", name)),
            Runs::AtOnce => None,
        };
        self.problems.add(at, message, hint);
    }

    /// The primitive whose closure holds only a copy of this variable.
    fn copied(&self, name: &str, inside: bool) -> Option<&'static Taker> {
        let binding = self.scope.find(name)?;
        let between = self.scope.between(binding);
        let taker = between.iter().find_map(|frame| frame.copied_by)?;
        // Handles such as a page, and `state` itself, are the same thing in a copy.
        let may_be_handle = binding.frame > 0 && !binding.value.is_some_and(is_literal);
        (!(inside && may_be_handle)).then_some(taker)
    }
}

fn is_literal(value: &Expr) -> bool {
    matches!(value, Expr::Map(..) | Expr::Array(..)) || value.is_constant()
}

/// The first method called in a chain.
fn first_method(chain: &Expr) -> Option<&str> {
    match chain {
        Expr::MethodCall(call, _) => Some(&call.name),
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => match &chain.lhs {
            Expr::MethodCall(call, _) => Some(&call.name),
            _ => first_method(&chain.rhs),
        },
        _ => None,
    }
}

/// The variable an assignment or a chain of calls begins with.
fn root(target: &Expr) -> Option<(&str, Position)> {
    match target {
        Expr::Variable(variable, _, at) if variable.2.is_empty() && is_name(&variable.1) => {
            Some((&variable.1, *at))
        }
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => root(&chain.lhs),
        _ => None,
    }
}
