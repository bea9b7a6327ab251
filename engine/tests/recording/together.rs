//! Several runs in one store at the same time.

use super::Project;

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let script = "for n in 0..20 { scenario(`number ${n}`, |state| { state.n = n; assert http.get(\"/health\").ok; }); }";
    let project = Project::script(script);
    let runs: Vec<_> = (0..3)
        .map(|_| project.start(&["run", "--json", "a.rhai"]))
        .collect();
    let mut streams: Vec<String> = runs
        .into_iter()
        .map(|run| run.end().passes().stdout)
        .collect();
    let list = project.run(&["runs"]).passes();
    let mut stored: Vec<String> = list
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(|id| {
            project
                .run(&["report", id, "--reporter", "json"])
                .passes()
                .stdout
        })
        .collect();
    streams.sort();
    stored.sort();
    assert_eq!(stored.len(), 3);
    assert!(streams == stored, "each run is stored as it was told");
}

#[test]
fn a_run_that_goes_on_can_be_looked_at() {
    let project = Project::script("log(\"began\");\nsleep(\"60s\");");
    let running = project.start(&["run", "--json", "a.rhai"]);
    running.until("\"text\":\"began\"");
    let shown = project.run(&["show", "-v"]).passes();
    shown.says("began");
    project
        .run(&["runs"])
        .passes()
        .says("scenario run --json a.rhai");
}
