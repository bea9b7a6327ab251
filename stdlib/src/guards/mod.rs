//! `pad`, `blob` and `tag`: built-in functions of the language done again, because Rhai's own would hang, take all memory,
//! or lose what a script writes. They shadow Rhai's because they come later.

mod error;
mod pad;
mod tag;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "guards",
    guide: include_str!("guards.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "pad", pad::functions);
        tag::register(module);
    },
    globals: &[],
    syntax: None,
};
