//! Points in time: `now`, reading and writing them, moving and comparing them. Waiting is another folder's.

pub mod body;
pub mod error;
mod face;
#[cfg(test)]
mod tests;
mod value;

use crate::Primitive;

pub use value::Time;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "time",
    guide: include_str!("time.md"),
    register: |module| {
        module.set_custom_type::<Time>("Time");
        rhai::plugin::combine_with_exported_module!(module, "making", face::making);
        rhai::plugin::combine_with_exported_module!(module, "arithmetic", face::arithmetic);
        rhai::plugin::combine_with_exported_module!(module, "reading", face::reading);
    },
    globals: &[],
    syntax: None,
};
