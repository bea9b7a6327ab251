//! `mock_server`: a server of the scenario's own that stands in for somebody else's: it answers as the script says, and
//! remembers what it was asked. It receives webhooks, too.
//!
//! `route` says which requests are meant, `answer` what they are given, `rules` which answer is next, `log` what came,
//! `server` puts it on the wire. Whose a server is and how long it lives, `face` says.

mod answer;
mod error;
mod face;
mod handler;
mod log;
mod route;
mod rules;
mod server;
#[cfg(test)]
mod tests;

pub use error::MockError;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "mock",
    guide: include_str!("mock.md"),
    register: |module| {
        rhai::plugin::combine_with_exported_module!(module, "mock", face::mock);
    },
    globals: &[],
    syntax: None,
};
