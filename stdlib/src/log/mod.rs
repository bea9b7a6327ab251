//! `log`, `attach`, `attach_file`: what a script adds to its own account.

pub mod artifact;
mod collect;
mod error;
mod face;
mod media;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "log",
    guide: include_str!("log.md"),
    register: |module| rhai::plugin::combine_with_exported_module!(module, "log", face::log),
    globals: &[],
    syntax: None,
};
