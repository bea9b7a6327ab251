//! What a run leaves behind: its events, its reports, live and replayed, also after a kill, and without secrets.

#[path = "../common/mod.rs"]
mod common;

mod killed;
mod live;
mod odd;
mod origins;
mod page;
mod replay;
mod secrets;
mod together;
mod told;

use common::{Project, Ran};
