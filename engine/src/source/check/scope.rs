//! Which names are visible where. Knows no rules about them.

use super::names::Exports;
use super::takers::Taker;
use rhai::{Expr, ImmutableString};
use std::rc::Rc;

/// A declared variable.
#[derive(Clone)]
pub(super) struct Binding<'a> {
    pub name: &'a str,
    /// The frame it was declared in.
    pub frame: usize,
    /// What it was declared with.
    pub value: Option<&'a Expr>,
    /// A parameter of a closure.
    pub parameter: bool,
}

/// A stretch of code with variables of its own: the file, a function or a closure.
#[derive(Default)]
pub(super) struct Frame<'a> {
    /// The variables a closure took in from outside.
    pub captured: &'a [ImmutableString],
    /// The primitive a closure was given to, if it runs on a copy of what it captured.
    pub copied_by: Option<&'static Taker>,
}

/// Everything declared so far.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub bindings: Vec<Binding<'a>>,
    pub frames: Vec<Frame<'a>>,
    /// Import aliases. `None`: nothing is known of the module.
    pub aliases: Vec<(&'a str, Option<Rc<Exports>>)>,
}

/// How far a scope had grown.
pub(super) struct Mark {
    bindings: usize,
    aliases: usize,
}

impl<'a> Scope<'a> {
    pub fn mark(&self) -> Mark {
        Mark {
            bindings: self.bindings.len(),
            aliases: self.aliases.len(),
        }
    }

    /// Forgets what was declared since.
    pub fn rewind(&mut self, mark: &Mark) {
        self.bindings.truncate(mark.bindings);
        self.aliases.truncate(mark.aliases);
    }

    pub fn declare(&mut self, name: &'a str, value: Option<&'a Expr>) {
        self.bindings.push(Binding {
            name,
            frame: self.frames.len().saturating_sub(1),
            value,
            parameter: false,
        });
    }

    pub fn declare_parameter(&mut self, name: &'a str) {
        self.declare(name, None);
        if let Some(binding) = self.bindings.last_mut() {
            binding.parameter = true;
        }
    }

    pub fn find(&self, name: &str) -> Option<&Binding<'a>> {
        self.bindings.iter().rev().find(|b| b.name == name)
    }

    pub fn alias(&self, name: &str) -> Option<&(&'a str, Option<Rc<Exports>>)> {
        self.aliases.iter().rev().find(|(alias, _)| *alias == name)
    }

    /// The frames between a variable and where we are now, outermost first.
    pub fn between(&self, binding: &Binding<'a>) -> &[Frame<'a>] {
        self.frames.get(binding.frame + 1..).unwrap_or_default()
    }
}
