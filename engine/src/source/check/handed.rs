//! Closures handed to primitives: how many parameters fit, and whether they run on a copy.

use super::takers::{Parameters, Runs, Taker, Value};
use super::walk::Walk;
use rhai::Expr;

impl<'a> Walk<'a> {
    /// The arguments of a primitive that takes closures.
    pub fn arguments(&mut self, taker: &'static Taker, arguments: &'a [Expr], used: bool) {
        let copied_by = matches!(taker.runs, Runs::OnACopy(_)).then_some(taker);
        let asks = |argument: &Expr| match (argument, taker.asks) {
            (Expr::Map(map, _), Some(option)) => map.0.iter().any(|(key, _)| key.name == option),
            _ => false,
        };
        let used = match taker.value {
            _ if arguments.iter().any(asks) => true,
            Value::Used => true,
            Value::Dropped => false,
            Value::Passed => used,
        };
        for argument in arguments {
            match argument {
                Expr::Map(map, _) => {
                    for (key, value) in &map.0 {
                        self.given(value, copied_by, true);
                        self.fits(value, taker.option(&key.name), || {
                            format!("`{}` of `{}`", key.name, taker.name)
                        });
                    }
                }
                Expr::Array(items, _) => {
                    for item in items {
                        self.given(item, copied_by, true);
                        self.fits(item, taker.list, || format!("`{}`", taker.name));
                    }
                }
                _ => {
                    self.given(argument, copied_by, used);
                    self.fits(argument, taker.body, || format!("`{}`", taker.name));
                }
            }
        }
    }

    /// A value handed to a primitive: the closures within it, however deep, run as the primitive says.
    fn given(&mut self, value: &'a Expr, copied_by: Option<&'static Taker>, used: bool) {
        match value {
            Expr::Map(map, _) => {
                for (_, value) in &map.0 {
                    self.given(value, copied_by, true);
                }
            }
            Expr::Array(items, _) => {
                for item in items {
                    self.given(item, copied_by, true);
                }
            }
            _ => match self.closure(value) {
                Some(closure) => self.closure_body(closure, copied_by, used),
                None => {
                    self.expression(value);
                    self.given_by_name(value, copied_by, used);
                }
            },
        }
    }

    /// A closure kept in a variable before it is handed over. It was walked where it is written, as one that
    /// runs at once; what is wrong in both walks is reported once.
    fn given_by_name(&mut self, value: &'a Expr, copied_by: Option<&'static Taker>, used: bool) {
        let Expr::Variable(variable, ..) = value else {
            return;
        };
        let binding = self.scope.find(&variable.1);
        let written = binding.and_then(|binding| self.closure(binding.value?));
        if let Some(closure) = written
            && !self.again
        {
            self.again = true;
            self.closure_body(closure, copied_by, used);
            self.again = false;
        }
    }

    /// Reports a closure or function with parameters nobody will give it.
    fn fits(&mut self, value: &'a Expr, wanted: Option<Parameters>, of: impl Fn() -> String) {
        let Some((least, most)) = wanted else { return };
        let (count, at) = match value {
            Expr::Variable(variable, _, at) if variable.2.is_empty() => {
                match self.parameters_of(&variable.1) {
                    Some(count) => (count, *at),
                    None => return,
                }
            }
            _ => match self.closure(value) {
                Some(closure) => (closure.parameters.len(), closure.at),
                None => return,
            },
        };
        if (least..=most).contains(&count) {
            return;
        }
        let (allowed, hint) = match most {
            0 => (
                "no parameters",
                "write `|| …`: it sees the variables around it",
            ),
            _ => ("at most 1 parameter", "write `|| …` or `|x| …`"),
        };
        let message = format!("the closure of {} has {allowed}, not {count}", of());
        self.problems.add(at, message, Some(hint.to_owned()));
    }

    /// How many parameters the closure or function behind a name has.
    fn parameters_of(&self, name: &str) -> Option<usize> {
        if let Some(binding) = self.scope.find(name) {
            return Some(self.closure(binding.value?)?.parameters.len());
        }
        let arities = self.own_arities(name, false);
        let mut counts = arities.iter();
        counts.next().filter(|_| counts.next().is_none())
    }
}
