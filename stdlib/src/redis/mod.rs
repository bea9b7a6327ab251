//! `redis`: keys, lists, hashes and sets of a Redis server, and any other command.

mod body;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;
use rhai::Dynamic;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "redis",
    guide: include_str!("redis.md"),
    register: |module| {
        module.set_custom_type::<face::Redis>("Redis");
        module.set_custom_type::<face::Store>("RedisStore");
        rhai::plugin::combine_with_exported_module!(module, "redis", face::redis);
    },
    globals: &[("redis", || Dynamic::from(face::Redis))],
    syntax: None,
};
