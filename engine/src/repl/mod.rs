//! The primitives live: statements are evaluated as they are typed, in one attempt that lasts as long as the session.
//!
//! `session` evaluates, `show` and its neighbours draw values, `complete` and `help` say what there is, `command` reads what begins with a colon, `desk` does it, `read` gets lines from a terminal or a
//! pipe, `save` makes a scenario of what worked. How runs are scheduled, stored and configured is none of its business.

mod account;
mod command;
mod complete;
mod desk;
mod help;
mod known;
mod markdown;
mod paint;
mod pretty;
mod read;
mod response;
mod save;
mod script;
mod services;
mod session;
mod show;
mod switch;
mod table;

pub use account::Account;
pub use desk::{Desk, Errand, Leave, Setting};
pub use read::{Manner, converse};
pub use session::{Ended, Session, Trouble};
pub use show::Look;
pub use switch::Switch;
