//! The requests of pages: which are meant, what they are answered with, and how they are told.
//!
//! | file | question |
//! |---|---|
//! | `pattern` | which addresses are meant? |
//! | `answer` | what does a request get instead of its response? |
//! | `hold` | who answers a request that is held back? |
//! | `body` | what was in a response? |
//! | `har` | how is the traffic told to other tools? |

mod answer;
mod body;
mod har;
mod hold;
mod pattern;

pub use answer::{Answer, Held, Sent, pairs};
pub use har::har;
pub use hold::{Handler, Route, Routes};
pub use pattern::Pattern;
