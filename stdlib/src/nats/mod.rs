//! `nats`: publishing, requesting and waiting for messages of a NATS server.

mod body;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;
use rhai::Dynamic;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "nats",
    guide: include_str!("nats.md"),
    register: |module| {
        module.set_custom_type::<face::Nats>("Nats");
        module.set_custom_type::<face::Bus>("Bus");
        module.set_custom_type::<face::Subscription>("Subscription");
        rhai::plugin::combine_with_exported_module!(module, "nats", face::nats);
    },
    globals: &[("nats", || Dynamic::from(face::Nats))],
    syntax: None,
};
