//! `exec`: one command to its end, under the guard.

mod body;
mod command;
mod error;
mod face;
mod find;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "exec",
    guide: include_str!("exec.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "exec", face::exec);
        rhai::plugin::combine_with_exported_module!(module, "output", face::output);
    },
    globals: &[],
    syntax: None,
};
