//! What the matchers decide: pure functions over JSON values, without Rhai, clocks or files.
//!
//! [`Matcher`] is the one entrance: it says what was claimed, whether the claim holds, and if not, why, as a
//! [`Mismatch`] that can be printed or stored. The files behind it hold one family of claims each.

mod align;
mod assign;
mod compare;
mod contain;
mod diff;
mod equal;
mod kind;
mod marker;
mod matcher;
mod mismatch;
mod moment;
mod path;
mod pattern;
mod project;
#[cfg(test)]
mod properties;
mod schema;
mod shape;
mod show;
mod text;
mod walk;

pub use kind::Kind;
pub use matcher::{Matcher, Order};
pub use mismatch::{Difference, Mismatch, PathMismatch, Verdict};
pub use pattern::Pattern;
pub use show::{show, show_at_most};

/// The diff between two texts, if either has several lines.
pub fn diff_of_texts(expected: &str, received: &str) -> Option<String> {
    diff::texts(expected, received)
}
