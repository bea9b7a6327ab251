//! The walk through the syntax tree: what is declared where, and which statements' values are used.
//! What is right or wrong about a name, a call or an assignment is decided in its neighbours.

use super::names::Names;
use super::own::{Function, Own};
use super::problems::Problems;
use super::scope::{Frame, Scope};
use super::script::Script;
use super::takers::Taker;
use rhai::{Expr, FlowControl, FnPtr, Ident, ImmutableString, Position, Stmt};

/// One walk through one file.
pub(super) struct Walk<'a> {
    pub script: &'a Script<'a>,
    pub names: &'a Names,
    pub own: &'a Own,
    pub scope: Scope<'a>,
    /// The function we are in, unless at the top level.
    pub function: Option<&'a Function>,
    pub problems: Problems<'a>,
    /// In the second walk through a closure that was handed over by name.
    pub again: bool,
}

/// A closure where it is written: Rhai turns it into a function whose first parameters are what it captured.
#[derive(Clone, Copy)]
pub(super) struct Closure<'a> {
    pub function: &'a Function,
    pub captured: &'a [ImmutableString],
    pub parameters: &'a [ImmutableString],
    pub at: Position,
}

impl<'a> Walk<'a> {
    pub fn new(script: &'a Script<'a>, names: &'a Names, own: &'a Own) -> Self {
        Self {
            script,
            names,
            own,
            scope: Scope::default(),
            function: None,
            problems: Problems::new(script),
            again: false,
        }
    }

    /// The top level, then every function of its own. `used`: someone looks at the value of the last statement.
    pub fn file(&mut self, statements: &'a [Stmt], used: bool) {
        self.scope.frames.push(Frame::default());
        self.statements(statements, used);
        let own = self.own;
        for function in own.functions.values().flatten() {
            self.scope = Scope::default();
            self.scope.frames.push(Frame::default());
            for (alias, path) in &own.imports {
                let exports = path.as_ref().and_then(|path| own.modules.get(path));
                self.scope.aliases.push((alias, exports.cloned()));
            }
            self.function = Some(function);
            for parameter in &function.definition.params {
                self.scope.declare(parameter, None);
            }
            self.block(&function.body, true);
        }
    }

    /// Statements with a scope of their own. `used`: someone looks at the value of the last one.
    pub fn block(&mut self, statements: &'a [Stmt], used: bool) {
        let mark = self.scope.mark();
        self.statements(statements, used);
        self.scope.rewind(&mark);
    }

    fn statements(&mut self, statements: &'a [Stmt], used: bool) {
        for (index, statement) in statements.iter().enumerate() {
            self.statement(statement, used && index + 1 == statements.len());
        }
    }

    fn statement(&mut self, statement: &'a Stmt, used: bool) {
        match statement {
            Stmt::If(flow, _) => {
                self.expression(&flow.expr);
                self.block(flow.body.statements(), used);
                self.block(flow.branch.statements(), used);
            }
            Stmt::Switch(switch, _) => {
                self.expression(&switch.0);
                for case in &switch.1.expressions {
                    self.expression(&case.lhs);
                    self.value(&case.rhs, used);
                }
            }
            Stmt::While(flow, _) | Stmt::Do(flow, ..) => {
                self.expression(&flow.expr);
                self.block(flow.body.statements(), false);
            }
            Stmt::For(parts, _) => self.for_loop(&parts.0, parts.1.as_ref(), &parts.2),
            Stmt::Var(parts, ..) => self.declaration(&parts.0, &parts.1),
            Stmt::Assignment(parts) => {
                self.expression(&parts.1.rhs);
                self.expression(&parts.1.lhs);
                self.assigned(&parts.1.lhs);
            }
            Stmt::FnCall(call, at) => {
                self.call(call, *at, used);
            }
            Stmt::Block(block) => self.block(block.statements(), used),
            Stmt::TryCatch(flow, _) => self.try_catch(flow, used),
            Stmt::Expr(expression) => {
                if !used {
                    self.dropped(expression);
                }
                self.value(expression, used);
            }
            Stmt::BreakLoop(value, ..) | Stmt::Return(value, ..) => {
                if let Some(value) = value {
                    self.expression(value);
                }
            }
            Stmt::Import(parts, _) => {
                self.expression(&parts.0);
                if !parts.1.is_empty() {
                    self.declarable(&parts.1.name, parts.1.pos);
                    let exports = self.own.exports(&parts.0);
                    self.scope.aliases.push((&parts.1.name, exports));
                }
            }
            Stmt::Export(parts, _) => self.variable(&parts.0.name, parts.0.pos),
            // What a closure shares is looked at where the closure uses it.
            _ => {}
        }
    }

    fn declaration(&mut self, name: &'a Ident, value: &'a Expr) {
        self.expression(value);
        self.declarable(&name.name, name.pos);
        self.scope.declare(&name.name, Some(value));
    }

    fn for_loop(&mut self, item: &'a Ident, counter: Option<&'a Ident>, flow: &'a FlowControl) {
        self.expression(&flow.expr);
        let mark = self.scope.mark();
        for name in counter.into_iter().chain([item]) {
            self.declarable(&name.name, name.pos);
            self.scope.declare(&name.name, None);
        }
        self.block(flow.body.statements(), false);
        self.scope.rewind(&mark);
    }

    fn try_catch(&mut self, flow: &'a FlowControl, used: bool) {
        self.block(flow.body.statements(), used);
        let mark = self.scope.mark();
        if let Expr::Variable(caught, _, at) = &flow.expr {
            self.declarable(&caught.1, *at);
            self.scope.declare(&caught.1, None);
        }
        self.block(flow.branch.statements(), used);
        self.scope.rewind(&mark);
    }

    /// An expression whose value may not be used: the blocks within it know then that theirs is not either.
    pub fn value(&mut self, expression: &'a Expr, used: bool) {
        match expression {
            Expr::FnCall(call, at) => self.call(call, *at, used),
            Expr::Stmt(block) if self.closure(expression).is_none() => {
                self.block(block.statements(), used);
            }
            _ => self.expression(expression),
        }
    }

    pub fn expression(&mut self, expression: &'a Expr) {
        match expression {
            Expr::StringConstant(_, at) => self.text(*at),
            Expr::InterpolatedString(parts, _) | Expr::Array(parts, _) => {
                self.expressions(parts);
            }
            Expr::Map(map, _) => {
                for (_, value) in &map.0 {
                    self.expression(value);
                }
            }
            Expr::Variable(variable, _, at) if variable.2.is_empty() => {
                self.variable(&variable.1, *at);
            }
            Expr::Variable(variable, _, at) => {
                self.qualified_variable(&variable.2, &variable.1, *at);
            }
            Expr::MethodCall(call, at) => self.method(call, *at),
            Expr::FnCall(call, at) => self.call(call, *at, true),
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => {
                self.expression(&chain.lhs);
                self.link(&chain.rhs);
                self.grown(expression);
            }
            Expr::And(parts, _) | Expr::Or(parts, _) | Expr::Coalesce(parts, _) => {
                self.expressions(parts);
            }
            Expr::Custom(custom, _) => self.expressions(&custom.inputs),
            Expr::Stmt(_) | Expr::DynamicConstant(..) => {
                match (self.closure(expression), expression) {
                    (Some(closure), _) => self.closure_body(closure, None, true),
                    (None, Expr::Stmt(block)) => self.block(block.statements(), true),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The rest of a chain such as `.a[b].c()`: what it begins with is no variable of its own.
    fn link(&mut self, rest: &'a Expr) {
        match rest {
            Expr::Dot(chain, ..) | Expr::Index(chain, ..) => {
                self.expression(&chain.lhs);
                self.link(&chain.rhs);
            }
            _ => self.expression(rest),
        }
    }

    pub fn expressions(&mut self, expressions: &'a [Expr]) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    /// The closure this expression is, if it is one.
    pub fn closure(&self, expression: &'a Expr) -> Option<Closure<'a>> {
        let (constant, captured, at) = match expression {
            Expr::DynamicConstant(value, at) => (value, 0, *at),
            Expr::Stmt(block) => match block.statements() {
                [Stmt::Share(_), Stmt::Expr(curried)] => match &**curried {
                    Expr::FnCall(curry, _) => match curry.args.first()? {
                        Expr::DynamicConstant(value, at) => (value, curry.args.len() - 1, *at),
                        _ => return None,
                    },
                    _ => return None,
                },
                _ => return None,
            },
            _ => return None,
        };
        let pointer = constant.read_lock::<FnPtr>()?;
        let function = self.own.closures.get(pointer.fn_name())?;
        let (captured, parameters) = function.definition.params.split_at_checked(captured)?;
        Some(Closure {
            function,
            captured,
            parameters,
            at,
        })
    }

    /// Walks into a closure where it is written, so that it sees what is visible there.
    pub fn closure_body(
        &mut self,
        closure: Closure<'a>,
        copied_by: Option<&'static Taker>,
        used: bool,
    ) {
        let mark = self.scope.mark();
        self.scope.frames.push(Frame {
            captured: closure.captured,
            copied_by,
        });
        let places = self.parameter_places(closure);
        for (index, parameter) in closure.parameters.iter().enumerate() {
            let at = places.get(index).copied().unwrap_or(closure.at);
            self.declarable(parameter, at);
            self.scope.declare_parameter(parameter);
        }
        self.block(&closure.function.body, used);
        self.scope.frames.pop();
        self.scope.rewind(&mark);
    }
}
