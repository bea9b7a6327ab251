//! `spawn_service`, `service`, `free_port`: supervised processes with ports, readiness and logs of their own.
//!
//! `options` reads what the script says into a [`spec::Spec`]; `start` makes a [`running::Service`] of it, by way of `env`,
//! `template`, `lease`, `place` and `ready`; `registry` knows whose it is; `adopt` finds it again in a later process of
//! the run. Processes are the guard's.

mod adopt;
pub mod env;
mod error;
mod face;
mod filter;
mod handle;
mod holder;
pub mod lease;
mod lines;
pub mod options;
mod place;
mod prepare;
mod probe;
mod publish;
mod ready;
pub mod registry;
pub mod running;
pub mod spec;
pub mod start;
mod tell;
pub mod template;
#[cfg(test)]
pub(crate) mod tests;
mod unready;
mod user;

pub use adopt::{left_running, take_over_the_rest};
pub use error::ServiceError;
pub use place::{make_dirs, of_extent};

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "service",
    guide: include_str!("service.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "service", face::service);
        rhai::plugin::combine_with_exported_module!(module, "handle", handle::handle);
    },
    globals: &[],
    syntax: None,
};
