//! What may be called, and with how many arguments.

use super::names::{Arities, Exports};
use super::takers::taker;
use super::walk::Walk;
use super::{habits, names::is_name};
use rhai::{Expr, FnCallExpr, Namespace, Position};
use scenario_stdlib::host::suggest;
use std::rc::Rc;

/// Refused wherever they are called, and why.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "exit",
        "`exit` is refused: it would end the run as passed",
        "`return` leaves a function or closure, `skip(\"why\")` and `fail(\"why\")` end a scenario",
    ),
    (
        "eval",
        "`eval` is refused: what it runs would hide from this check",
        "write a function or a closure",
    ),
];

impl<'a> Walk<'a> {
    /// A call in function style. `used`: someone looks at its value.
    pub fn call(&mut self, call: &'a FnCallExpr, at: Position, used: bool) {
        let name = call.name.as_str();
        if call.is_qualified() {
            self.qualified(&call.namespace, name, call.args.len(), at);
        } else if !call.is_operator_call() && is_name(name) && !self.is_in(call, at) {
            let own = self.own_arities(name, false);
            self.function_exists(name, call.args.len(), at, own);
            if name == "Fn"
                && let Some(Expr::StringConstant(target, at)) = call.args.first()
            {
                self.pointed_at(target, *at);
            }
            if own.is_empty()
                && let Some(taker) = taker(name, false)
            {
                return self.arguments(taker, &call.args, used);
            }
        }
        self.expressions(&call.args);
    }

    /// Rhai turns `a in b` into `contains(b, a)`, which may be no function at all.
    pub fn is_in(&self, call: &FnCallExpr, at: Position) -> bool {
        call.name == "contains"
            && self
                .script
                .token(at)
                .is_none_or(|token| token.text != "contains")
    }

    /// The numbers of parameters of the script's own functions of this name; those for one type only count as methods.
    pub fn own_arities(&self, name: &str, method: bool) -> Arities {
        let functions = self.own.functions.get(name).into_iter().flatten();
        functions
            .filter(|function| method || function.definition.this_type.is_none())
            .map(|function| function.definition.params.len())
            .collect()
    }

    /// Reports a function nobody defined, or not for so many arguments.
    fn function_exists(&mut self, name: &str, count: usize, at: Position, own: Arities) {
        if own.contains(count) || self.refused(name, at, own) || built_in(name, count) {
            return;
        }
        if self.names.takes(name, count) {
            return;
        }
        let arities = own.or(self.names.arities(name));
        if arities.is_empty() {
            let hint = self.function_hint(name);
            let message = format!("unknown function `{name}`");
            self.problems.add(at, message, hint);
        } else {
            self.problems.add(at, takes(name, arities, count), None);
        }
    }

    /// Reports what nobody may call, unless it is a function of the script's own.
    pub fn refused(&mut self, name: &str, at: Position, own: Arities) -> bool {
        let Some((_, message, hint)) = REFUSED.iter().find(|(refused, ..)| *refused == name) else {
            return false;
        };
        if own.is_empty() {
            self.problems.add(at, *message, Some((*hint).to_owned()));
        }
        own.is_empty()
    }

    /// `Fn("name")` finds its function only when it is called.
    fn pointed_at(&mut self, name: &str, at: Position) {
        let own = self.own_arities(name, true);
        let known = !own.is_empty() || self.names.has_function(name);
        if !self.refused(name, at, own) && !known && is_name(name) {
            let hint = self.function_hint(name);
            let message = format!("unknown function `{name}`");
            self.problems.add(at, message, hint);
        }
    }

    fn function_hint(&self, name: &str) -> Option<String> {
        if self.own.functions.contains_key(name) {
            return Some(format!("it is a method: write `x.{name}(…)`"));
        }
        if self.scope.find(name).is_some() {
            return Some(format!(
                "a closure in a variable is called as `{name}.call(…)`"
            ));
        }
        if self.names.primitives.contains(name) {
            return Some(format!(
                "`{name}` is no function: it has methods, as `{name}.…(…)`"
            ));
        }
        let exports = |(alias, exports): &(&str, Option<Rc<Exports>>)| {
            let has = exports.as_ref()?.functions.contains_key(name);
            has.then(|| format!("it is a function of the module: write `{alias}::{name}(…)`"))
        };
        if let Some(hint) = self.scope.aliases.iter().find_map(exports) {
            return Some(hint);
        }
        if let Some(hint) = habits::function(name) {
            return Some(hint.to_owned());
        }
        suggest::nearest(name, self.known_functions()).map(|near| format!("did you mean `{near}`?"))
    }

    fn known_functions(&self) -> impl Iterator<Item = &str> {
        let own = self.own.functions.keys().map(|name| name.as_str());
        let words = self.names.syntax.iter().map(String::as_str);
        own.chain(words).chain(self.names.functions())
    }

    /// A call in method style. The receiver can be anything, so any method of the name will do.
    pub fn method(&mut self, call: &'a FnCallExpr, at: Position) {
        let name = call.name.as_str();
        self.method_exists(name, call.args.len(), at);
        self.shadowed_method(name, call.args.len(), at);
        match taker(name, true) {
            Some(taker) => self.arguments(taker, &call.args, true),
            None => self.expressions(&call.args),
        }
    }

    /// Reports a method that a function of the script would be called instead of: Rhai asks the script first, whatever
    /// stands before the dot.
    fn shadowed_method(&mut self, name: &str, count: usize, at: Position) {
        let functions = self.own.functions.get(name).into_iter().flatten();
        let takes_all = functions
            .filter(|function| function.definition.this_type.is_none())
            .any(|function| function.definition.params.len() == count);
        if takes_all && self.names.takes(name, count + 1) {
            let message =
                format!("`.{name}(…)` calls the function `{name}` of this file, not the method");
            let hint = "give the function another name".to_owned();
            self.problems.add(at, message, Some(hint));
        }
    }

    /// Reports a method nobody defined for any receiver, or not for so many arguments.
    fn method_exists(&mut self, name: &str, count: usize, at: Position) {
        if self.own.keys.contains(name) || matches!(name, "call" | "curry") {
            return;
        }
        let own = self.own_arities(name, true);
        if self.refused(name, at, own) || self.names.takes(name, count + 1) {
            return;
        }
        let modules = self.own.modules.values();
        let methods = modules.filter_map(|module| module.methods.get(name));
        let arities = methods.fold(own, |all, one| all.or(*one));
        if arities.contains(count) {
            return;
        }
        let as_function = own.contains(count + 1);
        let arities = arities.or(self.names.arities(name).of_method());
        if arities.is_empty() {
            let hint = habits::method(name).map(str::to_owned).or_else(|| {
                let near = suggest::nearest(name, self.known_functions())?;
                Some(format!("did you mean `{near}`?"))
            });
            let message = format!("unknown method `{name}`");
            self.problems.add(at, message, hint);
        } else {
            let hint = as_function.then(|| {
                format!("the value before the dot is `this`, not an argument: write `{name}(x)`")
            });
            self.problems.add(at, takes(name, arities, count), hint);
        }
    }

    /// What the module behind a path offers, as far as it is known; an unknown alias is reported.
    pub fn module(&mut self, path: &Namespace) -> Option<Rc<Exports>> {
        let (first, rest) = path.path.split_first()?;
        let Some((_, exports)) = self.scope.alias(first.as_str()) else {
            let space = format!("{path}::");
            let known = |name: &String| name.starts_with(&space);
            if !self.names.qualified.keys().any(known) {
                self.unknown_module(first.as_str(), first.pos);
            }
            return None;
        };
        let mut exports = exports.clone()?;
        for name in rest {
            exports = Rc::new(exports.modules.get(name.as_str())?.clone());
        }
        Some(exports)
    }

    fn unknown_module(&mut self, name: &str, at: Position) {
        let hint = if name == "global" {
            "only constants of the file are reached through `global::`".to_owned()
        } else if self.names.primitives.contains(name) || self.scope.find(name).is_some() {
            format!("`{name}` is no module: write `{name}.…`")
        } else {
            let aliases = self.scope.aliases.iter().map(|(alias, _)| *alias);
            match suggest::nearest(name, aliases) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("import it first: `import \"path\" as {name};`"),
            }
        };
        let message = format!("unknown module `{name}`");
        self.problems.add(at, message, Some(hint));
    }

    /// Reports `module::name(…)` if the module has no such function.
    fn qualified(&mut self, path: &Namespace, name: &str, count: usize, at: Position) {
        let full = format!("{path}::{name}");
        let arities =
            match self.module(path) {
                Some(exports) => exports.functions.get(name).copied().ok_or_else(|| {
                    suggest::hint(name, exports.functions.keys().map(String::as_str))
                }),
                None => match self.names.qualified.get(&full) {
                    Some(arities) => Ok(*arities),
                    None => return,
                },
            };
        match arities {
            Ok(arities) if arities.contains(count) => {}
            Ok(arities) => self.problems.add(at, takes(&full, arities, count), None),
            Err(hint) => {
                let message = format!("`{path}` has no function `{name}`");
                self.problems.add(at, message, hint);
            }
        }
    }
}

/// What Rhai takes with any number of arguments.
fn built_in(name: &str, count: usize) -> bool {
    matches!((name, count), ("call", 1..) | ("curry", 2..))
}

fn takes(name: &str, arities: Arities, count: usize) -> String {
    let numbers: Vec<String> = arities.iter().map(|count| count.to_string()).collect();
    let listed = match numbers.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    };
    let listed = match listed.as_str() {
        "0" => "no arguments".to_owned(),
        "1" => "1 argument".to_owned(),
        _ => format!("{listed} arguments"),
    };
    format!("`{name}` takes {listed}, not {count}")
}
