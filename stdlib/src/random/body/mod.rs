//! Random values that can be had again: each attempt draws from its own seed. Reads no clock and no system randomness.

mod fake;
mod random;
mod words;

pub use random::{LONGEST_STRING, Random, Seed};
