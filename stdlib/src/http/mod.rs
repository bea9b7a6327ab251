//! The `http` primitive: requests to the system under test.
//!
//! `body` is plain Rust and knows neither Rhai nor attempts; `face` is what scripts see of it.

pub mod body;
mod face;
#[cfg(test)]
mod tests;

use rhai::Dynamic;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "http",
    guide: include_str!("http.md"),
    register: face::register,
    globals: &[("http", face::standard)],
    syntax: None,
};

/// Whether a value is a client: only a description, so a closure that runs later may capture it.
pub fn is_client(value: &Dynamic) -> bool {
    value.is::<face::Http>()
}

/// The response that a value is, for whoever shows it.
pub fn response_of(value: &Dynamic) -> Option<std::sync::Arc<body::Response>> {
    Some(value.read_lock::<face::Answer>()?.response().clone())
}
