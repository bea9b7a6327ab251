//! Digests, encodings and a look into tokens. Nothing here verifies or keeps a secret.

pub mod body;
pub mod error;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "crypto",
    guide: include_str!("crypto.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "digests", face::digests);
        rhai::plugin::combine_with_exported_module!(module, "encodings", face::encodings);
    },
    globals: &[],
    syntax: None,
};
