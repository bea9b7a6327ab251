//! Runs that are not whole, and terminals that can next to nothing: each is told as what it is.

use super::Project;
use super::common::Signal;
use super::page::look;
use scenario::model::View;
use scenario::report::{Options, Reporters, Spec};

const SLOW: &str = r#"
scenario("Quick", || { assert http.get("/health").ok; });
scenario("Slow", || { step("the long step", || { log("began"); sleep("10m"); }); });
"#;

fn page(project: &Project) {
    project
        .run(&["report", "latest", "--reporter=html=report.html"])
        .passes();
}

#[test]
fn the_page_of_a_run_that_goes_on_and_then_of_one_that_was_killed_says_so() {
    let project = Project::script(SLOW);
    let running = project.start(&["run", "-j", "1", "--json", "a.rhai"]);
    running.until("\"text\":\"began\"");
    page(&project);
    look(&project, "report.html", "")
        .is_quiet()
        .shows("1 running")
        .shows("1 passed");
    running.signal(Signal::KILL);
    assert_eq!(running.end().code, -1);
    page(&project);
    look(&project, "report.html", "")
        .is_quiet()
        .shows("1 cut off")
        .shows("the run was killed")
        .shows("none: killed");
    look(&project, "report.html", "s=a.rhai%3A%3ASlow&open=all")
        .is_quiet()
        .shows("the long step")
        .shows("began");
}

#[test]
fn a_run_of_nothing_has_a_page() {
    let project = Project::bare();
    let spec = Spec::parse(&format!("html={}", project.path("report.html").display()));
    let specs = [spec.expect("a reporter")];
    let mut reporters = Reporters::open(&specs, &Options::default()).expect("it opens");
    assert!(reporters.finish(&View::default()).is_empty());
    look(&project, "report.html", "")
        .is_quiet()
        .shows("nothing was run")
        .shows("Nothing was run.");
    look(&project, "report.html", "s=a.rhai%3A%3Agone")
        .is_quiet()
        .shows("This run has no scenario of that name.");
}

#[test]
fn files_that_are_gone_are_named_and_the_rest_is_there() {
    let script = r#"
        attach("note.txt", "a note");
        attach("more.txt", "more of it");
        assert 1 == 2;
    "#;
    let project = Project::script(script);
    project.run(&["run", "a.rhai"]).exits(1);
    let runs = std::fs::read_dir(project.path(".scenario/runs")).expect("runs");
    for run in runs.flatten() {
        std::fs::remove_dir_all(run.path()).expect("removed");
    }
    page(&project);
    look(&project, "report.html", "s=a.rhai%3A%3Aa&open=all")
        .is_quiet()
        .shows("note.txt")
        .shows("the file is no longer there")
        .shows("assertion failed");
    project.run(&["show"]).passes().says("assertion failed");
    project
        .run(&["report", "latest", "--reporter=allure=out"])
        .passes();
}

#[test]
fn a_terminal_without_colour_or_width_is_written_to_plainly() {
    let project = Project::script(
        "scenario(\"a name that is long enough to be cut on a narrow terminal\", || { assert 1 == 2; });",
    )
    .env("TERM", "dumb");
    let mut command = std::process::Command::new("script");
    let program = env!("CARGO_BIN_EXE_scenario");
    let line = format!("stty rows 0 cols 0; TERM=dumb exec '{program}' run a.rhai");
    command.args(["-q", "-e", "-c", &line, "/dev/null"]);
    let ran = project.spawn(command).end().exits(1);
    assert!(!ran.stdout.contains('\u{1b}'), "{:?}", ran.stdout);
    ran.says("a name that is long enough to be cut on a narrow terminal")
        .says("assertion failed")
        .says("1 scenario: 1 failed");
}
