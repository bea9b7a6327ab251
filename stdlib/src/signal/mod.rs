//! `signal` and `wait_for_signal`: messages from people and other systems to a scenario that waits for them.

mod face;
#[cfg(test)]
mod tests;

pub use face::{Condition, check_name};

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "signal",
    guide: include_str!("signal.md"),
    register: |module| {
        module.set_custom_type::<Condition>("Signal");
        rhai::plugin::combine_with_exported_module!(module, "signal", face::signal);
    },
    globals: &[],
    syntax: None,
};

/// Whether `value` is what `signal(..)` gives: a name, nothing live.
pub fn is_condition(value: &rhai::Dynamic) -> bool {
    value.is::<Condition>()
}
