//! `unique`, `uuid`: values that nobody else has. The constant of a run is `run.id`.

mod body;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "unique",
    guide: include_str!("unique.md"),
    register: |module| rhai::plugin::combine_with_exported_module!(module, "unique", face::unique),
    globals: &[],
    syntax: None,
};
