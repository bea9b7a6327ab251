//! `expect(x).to_…`: claims about values that explain themselves when they do not hold.

pub mod body;
pub mod error;
