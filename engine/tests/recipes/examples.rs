//! The stacks in `scenarios`, run as their users would.

use super::common::run;
use super::project;

#[test]
fn g18_g22_the_journey_through_the_platform_passes() {
    let ran = run(&project(), &["run", "scenarios/platform/journey.rhai"]).passes();
    ran.says_nothing_of("skipped");
}

#[test]
fn p11_p14_workers_are_ready_side_by_side_and_heard_by_name() {
    let ran = run(&project(), &["run", "scenarios/workers/*.rhai", "-v"]).passes();
    ran.says("[worker1] database").says("[worker2] database");
}

#[test]
fn c22_c28_the_trials_pass() {
    run(&project(), &["run", "scenarios/trial/*.rhai"]).passes();
}
