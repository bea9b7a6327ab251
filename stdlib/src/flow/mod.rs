//! `step`, `skip`, `fail`, `give_up`, `defer`: structure inside a phase, and ways to end it.

mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "flow",
    guide: include_str!("flow.md"),
    register: |module| rhai::plugin::combine_with_exported_module!(module, "flow", face::flow),
    globals: &[],
    syntax: None,
};
