//! Pictures compared with those of before: `expect(page).to_have_screenshot(…)`.
//!
//! | file | question |
//! |---|---|
//! | `compare` | how much do two pictures differ, as an eye sees it? |
//! | `baseline` | where is the picture of before, and what becomes of a new one? |
//! | `take` | how is a page made to hold still for it? |

mod baseline;
mod compare;
mod take;

pub use baseline::{Baseline, file_of};
pub use compare::{Difference, Tolerance};
pub use take::{Shot, take};
