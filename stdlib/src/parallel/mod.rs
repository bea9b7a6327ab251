//! `parallel`: closures side by side, each on a thread of its own.

mod body;
mod error;
mod face;
#[cfg(test)]
mod tests;

pub(crate) use body::side_by_side;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "parallel",
    guide: include_str!("parallel.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "parallel", face::parallel);
    },
    globals: &[],
    syntax: None,
};
