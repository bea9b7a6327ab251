//! `state`: the JSON a scenario carries from phase to phase. Each assignment is an event.

mod face;
#[cfg(test)]
mod tests;

pub use face::State;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "state",
    guide: include_str!("state.md"),
    register: |module| {
        module.set_custom_type::<State>("State");
        rhai::plugin::combine_with_exported_module!(module, "state", face::functions);
    },
    globals: &[],
    syntax: None,
};
