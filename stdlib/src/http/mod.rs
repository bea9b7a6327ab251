//! The `http` primitive: requests to the system under test.
//!
//! `body` is plain Rust and knows neither Rhai nor scenarios.

pub mod body;
