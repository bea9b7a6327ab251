//! `sql`: asking, changing and seeding PostgreSQL, MySQL and SQLite.
//!
//! `body` is plain Rust and knows neither Rhai nor attempts; `face` is what scripts see of it.

pub mod body;
mod face;
#[cfg(test)]
mod tests;

use crate::Primitive;

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "sql",
    guide: include_str!("sql.md"),
    register: face::register,
    globals: &[("sql", face::standard)],
    syntax: None,
};
