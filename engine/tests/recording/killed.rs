//! A run that was killed still has its report: everything up to the kill.

use super::Project;
use super::common::Signal;
use quick_junit::Report;

const SCRIPT: &str = r#"
scenario("Done", || { assert http.get("/health").ok; });
scenario("Under way", #{ tags: ["slow"] }, [
    phase("prepare", |state| { state.id = 7; assert true; }),
    phase("work", |state| { step("the long step", || { log("began"); sleep("60s"); }); }),
    phase("later", |state| { assert true; }),
]);
scenario("Not begun", #{ locks: ["x"] }, || { assert true; });
"#;

#[test]
fn what_was_told_before_a_kill_is_stored_and_the_report_says_it_was_cut_off() {
    let project = Project::script(SCRIPT);
    let running = project.start(&["run", "-j", "1", "--json", "a.rhai"]);
    running.until("\"text\":\"began\"");
    running.signal(Signal::KILL);
    let live = running.end();
    assert_eq!(live.code, -1);

    let replay = project
        .run(&["report", "latest", "--reporter", "json"])
        .passes();
    let told: Vec<&str> = live
        .stdout
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .collect();
    let told = told.concat();
    assert!(
        replay.stdout.starts_with(&told),
        "{}\n-- is not the beginning of --\n{}",
        told,
        replay.stdout
    );

    let shown = project.run(&["show"]).passes();
    let shown = shown.says("cut off: the run was killed, or ended without saying so");
    let shown = shown.says("PASS   a.rhai  Done");
    let shown = shown.says("the long step");
    shown.says("3 scenarios: 1 passed");

    let junit = project
        .run(&["report", "latest", "--reporter", "junit"])
        .passes()
        .stdout;
    let report =
        Report::deserialize_from_str(&junit).unwrap_or_else(|error| panic!("{error}\n{junit}"));
    let cases = report
        .test_suites
        .iter()
        .map(|suite| suite.test_cases.len())
        .sum::<usize>();
    assert_eq!(cases, 3, "{junit}");
    let tap = project
        .run(&["report", "latest", "--reporter", "tap"])
        .passes();
    tap.says("Bail out!");
}

#[test]
fn after_a_kill_the_next_run_is_as_any_other() {
    let project = Project::script(
        "log(\"began\");\nif env(\"LONG\", \"\") == \"yes\" { sleep(\"60s\"); }\nassert true;",
    )
    .env("LONG", "yes");
    let running = project.start(&["run", "--json", "a.rhai"]);
    running.until("\"text\":\"began\"");
    running.signal(Signal::KILL);
    running.end();
    project.run(&["run", "--env", "LONG=no", "a.rhai"]).passes();
    let list = project.run(&["runs"]).passes();
    let runs: Vec<&str> = list
        .stdout
        .lines()
        .filter(|line| !line.starts_with(' '))
        .collect();
    assert_eq!(runs.len(), 2, "{}", list.stdout);
    assert!(runs[1].contains("killed"), "{}", list.stdout);
    list.says("a.rhai::a: \"run\" comes next");
}
