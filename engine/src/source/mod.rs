//! Scripts: which there are.

pub mod discover;
