//! Ctrl-C and its kin: once ends in order, twice ends now.

use super::Project;
use super::common::{Ran, Running, Signal};

const SCRIPT: &str = r#"
scenario("Long", [
    phase("work", |state| {
        state.db = "trial";
        defer("put it back", || log("put back"));
        log("began");
        sleep("60s");
        log("never");
    }),
    phase("more", || log("never either")),
    phase("drop", #{ always: true }, |state| log(`dropped ${state.db}`)),
]);
scenario("Behind it", || { log("never begun"); assert true; });
"#;

fn begun(project: &Project) -> Running {
    let running = project.start(&["run", "-j", "1", "--json", "a.rhai"]);
    running.until("\"text\":\"began\"");
    running
}

fn logged(ran: &Ran) -> Vec<String> {
    ran.events()
        .iter()
        .filter(|event| event["record"] == "log")
        .map(|event| event["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn outcomes(ran: &Ran) -> Vec<String> {
    let events = ran.events();
    let ended = events
        .iter()
        .filter(|event| event["event"] == "scenario_ended");
    ended
        .map(|event| event["outcome"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn c18_ctrl_c_once_cleans_up_runs_what_always_runs_and_reports() {
    let project = Project::script(SCRIPT);
    let running = begun(&project);
    running.signal(Signal::INT);
    let ran = running.end().exits(130);
    assert_eq!(logged(&ran), ["began", "put back", "dropped trial"]);
    assert_eq!(outcomes(&ran), ["interrupted", "interrupted"]);
    let ended = ran.events().pop().expect("an event");
    assert_eq!(
        (ended["event"].as_str(), ended["exit"].as_u64()),
        (Some("run_ended"), Some(130))
    );
    project.run(&["show"]).says("interrupted: Ctrl-C");
}

#[test]
fn sigterm_ends_in_order_too() {
    let project = Project::script(SCRIPT);
    let running = begun(&project);
    running.signal(Signal::TERM);
    let ran = running.end().exits(130);
    assert_eq!(logged(&ran), ["began", "put back", "dropped trial"]);
}

/// Cleans up for a minute, which a second Ctrl-C does not wait for.
const SLOW_TO_CLEAN: &str = r#"
scenario("Long", [
    phase("work", || {
        defer("put it back", || { log("putting back"); sleep("60s"); log("put back"); });
        log("began");
        sleep("60s");
    }),
    phase("drop", #{ always: true }, || log("dropped")),
]);
"#;

#[test]
fn ctrl_c_twice_ends_now() {
    let project = Project::script(SLOW_TO_CLEAN).file(
        "scenario.toml",
        "base_url = \"demo:\"\ncleanup_timeout = \"10m\"\n",
    );
    let running = begun(&project);
    running.signal(Signal::INT);
    running.until("putting back");
    running.signal(Signal::INT);
    let ran = running.end().exits(130);
    assert!(!logged(&ran).iter().any(|line| line == "put back"));
    project.run(&["show"]).says("ending now");
}

#[test]
fn ctrl_c_while_a_phase_waits_to_be_ready() {
    let script = r#"
scenario("Waiting", [
    phase("prepare", |state| { state.db = "trial"; log("began"); }),
    phase("validate", #{ ready: || false, every: "20ms", within: "10m" }, || log("never")),
    phase("drop", #{ always: true }, |state| log(`dropped ${state.db}`)),
]);
"#;
    let project = Project::script(script);
    let running = begun(&project);
    running.until("\"to\":\"waiting\"");
    running.signal(Signal::INT);
    let ran = running.end();
    assert!(matches!(ran.code, 75 | 130), "{}", ran.code);
    assert!(!logged(&ran).contains(&"never".to_owned()));
}

#[test]
fn c38_the_report_says_who_or_what_ended_a_run() {
    let waits = r#"
        scenario("Long", [
            phase("work", || { log("began"); sleep("60s"); }),
        ]);
    "#;
    for (signal, reason) in [(Signal::INT, "Ctrl-C"), (Signal::TERM, "SIGTERM")] {
        let project = Project::script(waits);
        let running = begun(&project);
        running.signal(signal);
        let _ = running.end().exits(130);
        project.run(&["show"]).says(reason);
        let junit = project.run(&["report", "latest", "--reporter", "junit"]);
        junit.says(reason);
    }
    let project = Project::script(waits);
    project
        .run(&["run", "--timeout", "200ms", "a.rhai"])
        .exits(130)
        .says("the run took longer than 200ms");
    project
        .run(&["show"])
        .says("the run took longer than 200ms");
    let parked = Project::script(
        "scenario(\"Waits\"); phase(\"one\", |state| { state.n = 1; }); phase(\"two\", #{ ready: || false, every: \"20ms\" }, |state| { assert state.n == 1; });",
    )
    .file("scenario.toml", "base_url = \"http://127.0.0.1:9\"\n");
    parked.run(&["run", "--phase", "one", "a.rhai"]).exits(75);
    parked.run(&["abandon"]).passes();
    parked.run(&["show"]).says("abandon");
}

/// Two limits that run out while the program is stopped, of a wait inside a phase and of a phase that waits.
const STOPPED: &str = r#"
scenario("Stopped", [
    phase("wait", #{ timeout: "5s" }, || {
        log("begun");
        wait_until("5s", || env_file("go"));
        log("went on");
    }),
    phase("ready", #{ ready: || env_file("further"), within: "5s", every: "20ms" }, || { assert true; }),
]);
fn env_file(name) { exec(["test", "-e", name], #{ cwd: ".", may_fail: true }).ok }
"#;

#[test]
fn row_3_time_for_which_the_program_is_stopped_counts_against_no_limit() {
    let project = Project::script(STOPPED);
    let running = project.start(&["run", "--json", "a.rhai"]);
    for (said, file) in [
        ("\"text\":\"begun\"", "go"),
        ("\"to\":\"waiting\"", "further"),
    ] {
        running.until(said);
        running.signal(Signal::TSTP);
        running.until_stopped();
        // Longer than the limits: all of this is the time that must not count.
        std::thread::sleep(std::time::Duration::from_secs(6));
        project.write(file, "");
        running.signal(Signal::CONT);
    }
    running.end().passes();
}
