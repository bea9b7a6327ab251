//! The names scripts use. Each matcher has a twin with `not_` before its name, which claims the opposite.
//!
//! `expect(Dynamic)` is the general case: a primitive with values of its own, such as a browser, registers `expect` for
//! its type and gives back a claim with its own matchers.

pub mod order;
pub mod shape;
pub mod values;
