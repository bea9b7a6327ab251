//! `mongo`: the documents of a MongoDB server, and seeding them.

mod body;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;
use rhai::Dynamic;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "mongo",
    guide: include_str!("mongo.md"),
    register: |module| {
        module.set_custom_type::<face::Mongo>("Mongo");
        module.set_custom_type::<face::Documents>("MongoDb");
        module.set_custom_type::<face::Collection>("Collection");
        rhai::plugin::combine_with_exported_module!(module, "mongo", face::functions::mongo);
    },
    globals: &[("mongo", || Dynamic::from(face::Mongo))],
    syntax: None,
};
