//! Points in time: `now`, reading and writing them, moving and comparing them.

pub mod body;
pub mod error;
