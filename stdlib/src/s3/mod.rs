//! `s3`: the buckets and objects of an object store.

mod body;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;
use rhai::Dynamic;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "s3",
    guide: include_str!("s3.md"),
    register: |module| {
        module.set_custom_type::<face::S3>("S3");
        module.set_custom_type::<face::Bucket>("Bucket");
        rhai::plugin::combine_with_exported_module!(module, "s3", face::s3);
    },
    globals: &[("s3", || Dynamic::from(face::S3))],
    syntax: None,
};
