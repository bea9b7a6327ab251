//! The stacks in `scenarios`, run as their users would.

use super::common::{Project, Ran};
use super::{project, repository};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Runs the program in the repository; what it writes down goes to `aside`.
fn run(aside: &Project, args: &[&str]) -> Ran {
    // Servers that refuse to be root's run as somebody else, who must come to their files.
    let passable = std::fs::Permissions::from_mode(0o711);
    std::fs::set_permissions(aside.path(""), passable).expect("set");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scenario"));
    command
        .current_dir(repository())
        .env("PATH", format!("target/servers/bin:{path}"))
        .args(args)
        .arg("--store")
        .arg(aside.path("store"));
    Ran::of(command.output().expect("it runs"), &repository())
}

#[test]
fn g18_g22_the_journey_through_the_platform_passes() {
    let ran = run(
        &project(),
        &["run", "scenarios/platform/journey.rhai", "--color", "never"],
    )
    .passes();
    ran.says_nothing_of("skipped");
}

#[test]
fn p11_p14_workers_are_ready_side_by_side_and_heard_by_name() {
    let ran = run(
        &project(),
        &["run", "scenarios/workers/*.rhai", "-v", "--color", "never"],
    )
    .passes();
    ran.says("[worker1] database").says("[worker2] database");
}

#[test]
fn c22_c28_the_trials_pass() {
    run(
        &project(),
        &["run", "scenarios/trial/*.rhai", "--color", "never"],
    )
    .passes();
}
