//! Runs that end in order, or are asked to.

use super::House;
use super::common::house::{alive, gone, until};
use super::common::{Project, Signal};

#[test]
fn g11_signals_end_what_is_running() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let house = House::new("exec(\"(setsid sleep 700 &) ; sleep 701\");");
        let (running, run) = house.start();
        until("it runs", || alive(&run).len() >= 4);
        running.signal(signal);
        let ran = running.end();
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        // The run has waited for its guard.
        until("nothing is left", || alive(&run).is_empty());
        assert!(house.directories().is_empty() && house.ledgers().is_empty());
    }
}

#[test]
fn g11_ctrl_c_of_a_terminal_reaches_the_run_alone() {
    let house = House::new(
        "exec(\"trap 'echo interrupted > seen; exit' INT; while :; do sleep 0.02; done\");",
    );
    let (running, run) = house.start();
    until("it runs", || {
        let alive = alive(&run);
        alive
            .iter()
            .any(|one| one.command.starts_with("/bin/sh -c trap"))
    });
    let groups: Vec<i32> = alive(&run)
        .iter()
        .filter_map(|one| {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", one.pid)).ok()?;
            let (_, fields) = stat.rsplit_once(") ")?;
            fields.split(' ').nth(3)?.parse().ok()
        })
        .collect();
    // No session of the run is that of this test, whose terminal it would be.
    let mine = std::fs::read_to_string("/proc/self/stat").expect("/proc");
    let mine: i32 = mine
        .rsplit_once(") ")
        .and_then(|(_, fields)| fields.split(' ').nth(3)?.parse().ok())
        .expect("a session");
    assert!(
        !groups.is_empty() && !groups.contains(&mine),
        "{groups:?} {mine}"
    );
    running.signal(Signal::INT);
    running.end();
    gone(&run).expect("nothing is left");
    assert!(!house.project.path("seen").exists());
}

#[test]
fn c16_what_a_command_left_is_ended_and_told() {
    let house = House::new("exec(\"setsid sleep 702 & exit 0\"); assert 1 == 1;");
    let (running, run) = house.start();
    let ran = running.end().passes();
    ran.says("had left a process: escaped, ended: pid ")
        .says("`sleep 702`");
    gone(&run).expect("nothing is left");
}

#[test]
fn a_failing_command_reads_well() {
    let ran = Project::script("exec(\"echo looking; echo 'no such table' >&2; exit 3\");")
        .run(&["run", "a.rhai"]);
    let ran = ran.exits(1);
    let ran = ran.says("`echo looking; echo 'no such table' >&2; exit 3`: exit code 3 after ");
    ran.says("no such table");
}

#[test]
fn secrets_do_not_leak_through_commands() {
    let project = Project::script(
        "exec(`echo ${secret(\"TOKEN\")}; echo ${secret(\"TOKEN\")} >&2; exit 1`);",
    )
    .env("TOKEN", "s3cr3t-canary");
    let ran = project.run(&["run", "--json", "a.rhai"]).exits(1);
    ran.says_nothing_of("s3cr3t-canary").says("[masked:TOKEN]");
}

#[test]
fn doctor_says_what_contains_processes() {
    let ran = Project::new().run(&["doctor"]);
    let line = ran
        .stdout
        .lines()
        .find(|line| line.starts_with("containment  guard"));
    assert!(line.is_some(), "{}", ran.stdout);
}

#[test]
fn doctor_says_what_the_level_means_and_less_can_be_asked_for() {
    let project = Project::new().env("SCENARIO_CONTAINMENT", "guard");
    let ran = project.run(&["doctor"]);
    assert!(
        ran.stdout.contains("containment  guard\n"),
        "{}",
        ran.stdout
    );
    ran.says("host, guard or both killed: nothing is left")
        .says("found by its environment; no control group");
}
