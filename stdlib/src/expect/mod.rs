//! `expect(x).to_…`: claims about values that explain themselves when they do not hold. `assert` is the neighbour for
//! claims in the script's own words; matchers that wait for a page belong to the browser.

pub mod body;
pub(crate) mod claim;
pub mod error;
mod face;
mod schema;
#[cfg(test)]
mod tests;
mod times;

use crate::Primitive;

pub use claim::Expectation;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "expect",
    guide: include_str!("expect.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "values", face::values::values);
        rhai::plugin::combine_with_exported_module!(module, "order", face::order::order);
        rhai::plugin::combine_with_exported_module!(module, "shape", face::shape::shape);
    },
    globals: &[],
    syntax: None,
};
