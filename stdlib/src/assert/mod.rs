//! `assert` and `verify`: claims in the script's own words. `expect` is the neighbour with named matchers.

mod claim;
mod syntax;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "assert",
    guide: include_str!("assert.md"),
    register: |_| {},
    globals: &[],
    syntax: Some(syntax::register),
};
