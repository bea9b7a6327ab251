//! Who runs scenarios: loads scripts, schedules phases, records what happens, reports it.
//!
//! Who may import whom is held as a table by `tests/layers.rs`.

pub mod cli;
pub mod complete;
pub mod config;
pub mod draft;
pub mod lsp;
pub mod model;
pub mod plan;
pub mod repl;
pub mod report;
pub mod run;
pub mod source;
pub mod store;
