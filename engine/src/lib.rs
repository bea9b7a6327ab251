//! Who runs scenarios: loads scripts, schedules phases, records what happens, reports it.
//!
//! Who may import whom is held as a table by `tests/layers.rs`.

pub mod model;
pub mod store;
