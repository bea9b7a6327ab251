//! `amqp`: queues of RabbitMQ and of others that speak AMQP 0.9.1.

mod body;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;
use rhai::Dynamic;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "amqp",
    guide: include_str!("amqp.md"),
    register: |module| {
        module.set_custom_type::<face::Amqp>("Amqp");
        module.set_custom_type::<face::Broker>("Broker");
        rhai::plugin::combine_with_exported_module!(module, "amqp", face::amqp);
    },
    globals: &[("amqp", || Dynamic::from(face::Amqp))],
    syntax: None,
};
