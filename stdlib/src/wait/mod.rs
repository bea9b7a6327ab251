//! `wait_until`, `never`, `sleep`: time inside a phase. Waiting between phases is the runner's.

mod body;
mod face;
#[cfg(test)]
mod tests;
mod title;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "wait_until",
    guide: include_str!("wait_until.md"),
    register: |module| rhai::plugin::combine_with_exported_module!(module, "wait", face::wait),
    globals: &[],
    syntax: None,
};
