//! `expect(locator).to_…` and `expect(page).to_…`: claims that are looked at again until they hold, inside the page. What
//! `expect` says of plain values lives in the folder of that name.
//!
//! | file | question |
//! |---|---|
//! | `expected` | what did the script expect, and how is it sent to the page? |
//! | `judge` | how is a claim put to the page, and what is said when it does not hold? |
//! | `template` | what does an aria snapshot in a script or file say? |

mod expected;
mod hints;
mod judge;
mod template;

pub use expected::{Expected, Options};
pub use judge::{Subject, judge};
pub use template::{template, unindented};

use crate::browser::locator::{Locator, Place};

/// What `expect(locator)` gives: elements that wait for a claim about them.
#[derive(Clone)]
pub struct LocatorClaim {
    pub locator: Locator,
    pub message: Option<String>,
}

/// What `expect(page)` gives.
#[derive(Clone)]
pub struct PageClaim {
    pub place: Place,
    pub message: Option<String>,
}
