//! An editor's session with `scenario lsp`, and scenarios made of what other tools wrote down.

#[path = "../common/mod.rs"]
mod common;

mod client;
mod definitions;
mod drafts;
mod grammar;
mod nonsense;
mod session;
