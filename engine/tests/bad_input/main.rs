//! What is wrong is told in one exact sentence, with its place and the next move: bad scripts, bad command lines, bad
//! configuration, and systems that answer badly.

#[path = "../common/mod.rs"]
mod common;

mod closures;
mod commands;
mod configuration;
mod declaring;
mod hostile;
mod machine;
mod names;
mod swallowed;
mod traffic;
mod traps;

use common::{Project, Ran};

/// What `check` says about a script that it refuses.
#[track_caller]
fn refused(script: &str) -> String {
    Project::script(script)
        .run(&["check", "a.rhai"])
        .exits(2)
        .whole()
}

/// A run of a single script.
fn run(script: &str) -> Ran {
    Project::script(script).run(&["run", "a.rhai"])
}
