//! What a run is doing, asked while it goes on.

use super::common::{Project, Signal};
use std::time::{Duration, Instant};

fn waiting() -> Project {
    Project::script(
        "scenario(\"export\");\nphase(\"prepare\", |state| { state.n = 1; assert true; });\nphase(\"validate\", #{ ready: |state| { let seen = \"PENDING\"; assert seen == \"SUCCESS\"; true }, every: \"50ms\", within: \"10m\" }, || { assert true; });\nscenario(\"busy\", || { step(\"work hard\", || sleep(\"10m\")); assert true; });\n",
    )
}

#[test]
fn another_process_is_told_what_runs_and_what_waits_for_what() {
    let project = waiting();
    project.run(&["status"]).passes().says("no run is going on");
    let run = project.start(&["run", "a.rhai"]);
    let mut told = String::new();
    let began = Instant::now();
    while !(told.contains("validate waits: ") && told.contains("work hard")) {
        told = project.run(&["status"]).passes().stdout;
        assert!(began.elapsed() < Duration::from_secs(60), "{told}");
    }
    assert!(
        told.contains("0 of 2 ended; 1 executing, 1 waiting"),
        "{told}"
    );
    assert!(told.contains("▶ busy › work hard"), "{told}");
    assert!(
        told.contains("◌ export › validate waits: assertion failed"),
        "{told}"
    );
    run.signal(Signal::USR1);
    run.until("1 executing, 1 waiting");
    run.signal(Signal::INT);
    let ran = run.end();
    assert_eq!(ran.code, 130, "{}", ran.stderr);
    project.run(&["status"]).passes().says("no run is going on");
    project
        .run(&["status", "latest"])
        .passes()
        .says("exit code 130");
}

#[test]
fn a_key_tells_it_on_the_terminal_of_the_run() {
    let project = waiting();
    let mut screen = project.terminal(&["run", "a.rhai"], 100);
    screen.until("validate waits: ");
    screen.press("s");
    screen.until("0 of 2 ended; 1 executing, 1 waiting");
    screen.press("\u{3}");
    assert_eq!(screen.end(), 130);
}
