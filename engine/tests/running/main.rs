//! Scenarios run against the demo system: their phases, tries and limits, which of them run, and how a run ends.

#[path = "../common/mod.rs"]
mod common;

mod cleanup;
mod conditions;
mod fleet;
mod interrupt;
mod limits;
mod order;
mod outcomes;
mod phases;
mod roads;
mod selecting;
mod tries;
mod values;
mod waiting;

use common::{Project, Ran};

/// A run of a single script.
fn run(script: &str) -> Ran {
    Project::script(script).run(&["run", "a.rhai"])
}

/// The names of scenarios or phases in the order in which `event` told of them.
fn named(ran: &Ran, event: &str, name: &str) -> Vec<String> {
    ran.events()
        .iter()
        .filter(|line| line["event"] == event)
        .map(|line| line[name].as_str().unwrap_or_default().to_owned())
        .collect()
}
