//! `stack`: services that belong together, described once and brought up with one call.
//!
//! `description` reads what the script says, `order` finds out who waits for whom, `start` (on a `board`) starts
//! them, `up` knows and ends them, `folder` keeps their directory, `exports` tells the world outside, `attach` finds one
//! that is up already. What a service is, `crate::service` knows.

mod attach;
mod board;
mod description;
mod error;
mod exports;
mod face;
mod folder;
mod order;
mod start;
#[cfg(test)]
mod tests;
mod up;

pub use attach::Existing;
pub use description::{Description, Stack};
pub use error::StackError;
pub use exports::{Exports, lines};
pub use up::{Up, bring_up_own, find};

use crate::Primitive;
use crate::host::attempt::Cleanup;
use crate::host::extensions::Extensions;
use crate::host::scope::Scope;
use rhai::Dynamic;
use std::sync::{Arc, Mutex};

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "stack",
    guide: include_str!("stack.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "stack", face::stack);
    },
    globals: &[],
    syntax: None,
};

/// Whether a value is a description, which a closure that runs later may capture.
pub fn is_description(value: &Dynamic) -> bool {
    value.is::<Stack>()
}

/// The stacks that a file describes while it is loaded, with those of the modules it imports.
#[derive(Default)]
pub struct Declarations(Mutex<Vec<Stack>>);

impl Declarations {
    fn add(&self, stack: Stack) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).push(stack);
    }

    /// All of them, in order.
    pub fn all(&self) -> Vec<Stack> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

/// Where the descriptions of a file are collected, for commands that bring one up.
pub fn declared(loading: &Extensions) -> Arc<Declarations> {
    loading.get()
}

/// Ends a stack with its owner.
fn end_with(scope: &Arc<Scope>, phase: &str, up: &Up) {
    let owner = Arc::downgrade(scope);
    let up = up.clone();
    let cleanup = Cleanup {
        title: format!("stop stack `{}`", up.name()),
        run: Box::new(move |attempt| {
            let failed = owner.upgrade().is_some_and(|scope| scope.has_failed());
            up.end_once(attempt, failed)
        }),
    };
    scope.on_end_of(phase, cleanup);
}
