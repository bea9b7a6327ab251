//! What looks as if it did something and does not: comparisons nobody looks at, `expect` without a matcher, strings
//! that are not interpolated, comments that swallow what follows.

use super::tokens::Kind;
use super::walk::Walk;
use rhai::{Expr, FnCallExpr, Position};

impl<'a> Walk<'a> {
    /// Reports a comparison or a bare `expect(x)` whose value nobody looks at.
    pub fn dropped(&mut self, expression: &'a Expr) {
        if self.compares(expression) {
            let at = leftmost(expression);
            let statement = self.script.statement(at);
            let hint = if statement.contains('\n') || statement.chars().count() > 70 {
                "did you mean `assert …`?".to_owned()
            } else {
                format!("did you mean `assert {statement}`?")
            };
            let message = "this comparison is thrown away: it checks nothing";
            self.problems.add(at, message, Some(hint));
        } else if let Some((method, at)) = self.makes_a_text(expression) {
            let message = format!("`{method}` makes a new text, and this one is thrown away");
            let hint = format!("keep it: `text = text.{method}(…)`");
            self.problems.add(at, message, Some(hint));
        } else if self.expects_nothing(expression) {
            let message = "this `expect` checks nothing";
            let hint = "say what is expected, as in `expect(x).to_be(1)`";
            let at = leftmost(expression);
            self.problems.add(at, message, Some(hint.to_owned()));
        }
    }

    fn compares(&self, expression: &Expr) -> bool {
        match expression {
            Expr::FnCall(call, at) => match call.name.as_str() {
                "==" | "!=" | "<" | "<=" | ">" | ">=" => call.is_operator_call(),
                "contains" => call.args.len() == 2 && self.is_in(call, *at),
                "!" => call.args.first().is_some_and(|inner| self.compares(inner)),
                _ => false,
            },
            // `ready && start()` is a way to write `if`; only its last part is thrown away.
            Expr::And(parts, _) | Expr::Or(parts, _) => {
                parts.last().is_some_and(|last| self.compares(last))
            }
            _ => false,
        }
    }

    /// `text.trim();`, which in Rhai by itself would have changed `text`.
    fn makes_a_text(&self, expression: &'a Expr) -> Option<(&'a str, Position)> {
        let Expr::Dot(chain, ..) = expression else {
            return None;
        };
        let mut last = &chain.rhs;
        while let Expr::Dot(chain, ..) = last {
            last = &chain.rhs;
        }
        let Expr::MethodCall(call, at) = last else {
            return None;
        };
        let name = call.name.as_str();
        let is_text = matches!((name, call.args.len()), ("trim", 0) | ("replace", 2));
        (is_text && !self.own.functions.contains_key(name)).then_some((name, *at))
    }

    fn expects_nothing(&self, expression: &Expr) -> bool {
        match expression {
            Expr::FnCall(call, _) => self.is_expect(call),
            Expr::Dot(chain, ..) => match &chain.lhs {
                Expr::FnCall(call, _) => self.is_expect(call) && only_properties(&chain.rhs),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_expect(&self, call: &FnCallExpr) -> bool {
        call.name == "expect" && !call.is_qualified() && !self.own.functions.contains_key("expect")
    }

    /// Reports a comment that swallows the rest of the file, which is fine by Rhai.
    pub fn unclosed_comment(&mut self) {
        let script = self.script;
        if let Some(token) = script.tokens.iter().find(|t| t.kind == Kind::Comment) {
            let location = script.at_token(token).with_width(2);
            let message = "this comment is never closed: the rest of the file is part of it";
            let hint = Some("close it with `*/`".to_owned());
            let place = (token.line, token.column);
            self.problems.add_at(place, location, message, hint);
        }
    }

    /// Reports `"…${x}…"` in double quotes when `x` exists: only strings in back-ticks interpolate.
    pub fn text(&mut self, at: Position) {
        let Some(token) = self.script.token(at) else {
            return;
        };
        if token.kind != Kind::Text || !token.text.starts_with('"') {
            return;
        }
        let inserted = token.text.split("${").skip(1);
        let known = inserted
            .map(first_word)
            .find(|name| self.scope.find(name).is_some() || self.names.primitives.contains(*name));
        if let Some(name) = known {
            let message = format!("a string in double quotes does not insert `${{{name}}}`");
            let hint = "write the string in back-ticks; for a literal `${` write `#\"…\"#`";
            self.problems.add(at, message, Some(hint.to_owned()));
        }
    }
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

fn only_properties(rest: &Expr) -> bool {
    match rest {
        Expr::Property(..) => true,
        Expr::Dot(chain, ..) => only_properties(&chain.lhs) && only_properties(&chain.rhs),
        _ => false,
    }
}

/// Where an expression begins: Rhai places an operator's call at the operator.
fn leftmost(expression: &Expr) -> Position {
    match expression {
        Expr::FnCall(call, at) => {
            let places = call.args.iter().map(leftmost).chain([*at]);
            places.filter(|at| !at.is_none()).min().unwrap_or(*at)
        }
        Expr::And(parts, at) | Expr::Or(parts, at) => parts.first().map_or(*at, leftmost),
        Expr::Dot(chain, ..) | Expr::Index(chain, ..) => leftmost(&chain.lhs),
        _ => expression.start_position(),
    }
}
