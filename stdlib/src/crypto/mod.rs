//! Digests, encodings and a look into tokens.

pub mod body;
pub mod error;
