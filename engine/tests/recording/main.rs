//! What a run leaves behind: its events, its reports, live and replayed, also after a kill, and without secrets.

#[path = "../common/mod.rs"]
mod common;

mod killed;
mod live;
mod origins;
mod page;
mod replay;
mod secrets;
mod together;

use common::{Project, Ran};
