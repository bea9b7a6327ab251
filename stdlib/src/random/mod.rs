//! `random`: values that the seed of the run brings back. Names that must never come twice are another folder's.

pub mod body;
pub mod error;
mod face;
#[cfg(test)]
mod tests;

use rhai::Dynamic;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "random",
    guide: include_str!("random.md"),
    register: |module| {
        module.set_custom_type::<face::Source>("Random");
        rhai::plugin::combine_with_exported_module!(module, "drawing", face::drawing);
        rhai::plugin::combine_with_exported_module!(module, "inventing", face::inventing);
    },
    globals: &[("random", || Dynamic::from(face::Source))],
    syntax: None,
};

/// `random` holds nothing itself, so a closure that runs later may capture it.
pub(crate) fn is_source(value: &Dynamic) -> bool {
    value.is::<face::Source>()
}
