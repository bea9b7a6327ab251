//! Random values that a printed seed brings back.

pub mod body;
pub mod error;
