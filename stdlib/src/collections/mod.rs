//! What arrays and maps of Rhai lack or do in a way that lets a test pass wrongly.

mod face;
mod natural;
mod parting;
mod sort;
#[cfg(test)]
mod tests;
mod text;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "collections",
    guide: include_str!("collections.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "ordering", face::ordering);
        rhai::plugin::combine_with_exported_module!(module, "predicates", face::predicates);
        rhai::plugin::combine_with_exported_module!(module, "maps", face::maps);
        rhai::plugin::combine_with_exported_module!(module, "natural", natural::functions);
        rhai::plugin::combine_with_exported_module!(module, "parting", parting::functions);
        rhai::plugin::combine_with_exported_module!(module, "text", text::functions);
    },
    globals: &[],
    syntax: None,
};
