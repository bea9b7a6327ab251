//! `scenario repl` as a person has it: on a terminal, through a pipe, in the midst of a run; and `run --watch`.

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod guest;
mod piped;
mod status;
mod typed;
mod watching;

use common::{Project, Ran};
use std::io::Write;
use std::process::Stdio;

/// Feeds `input` to `scenario repl` and waits for its end.
fn repl(project: &Project, args: &[&str], input: &str) -> Ran {
    let mut words = vec!["repl"];
    words.extend(args);
    let mut command = project.command(&words);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    Ran::of(
        child.wait_with_output().expect("it ends"),
        &project.path(""),
    )
}
