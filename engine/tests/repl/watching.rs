//! `run --watch`: an edit is followed by the scenarios it touches.

use super::common::{Project, Signal};

/// Writes a file as careful editors do: whole or not at all.
fn edit(project: &Project, name: &str, text: &str) {
    let half = format!("{name}.tmp");
    project.write(&half, text);
    std::fs::rename(project.path(&half), project.path(name)).expect("renamed");
}

#[test]
fn an_edit_runs_again_what_it_touches_and_nothing_else() {
    let project = Project::new()
        .file("lib/price.rhai", "fn price() { 3 }\n")
        .file("a.rhai", "import \"lib/price\" as shop;\nscenario(\"alpha\", || { assert shop::price() == 3; });\n")
        .file("b.rhai", "scenario(\"beta\", || { assert load_json(\"data.json\").n == 1; });\n")
        .file("data.json", "{ \"n\": 1 }\n");
    let run = project.start(&["run", "--watch", "a.rhai", "b.rhai"]);
    run.until("watch: 2 passed");
    edit(
        &project,
        "b.rhai",
        "scenario(\"beta\", || { assert 1 == 2; });\n",
    );
    run.until("watch: 1 failed after b.rhai changed");
    edit(
        &project,
        "b.rhai",
        "scenario(\"beta\", || { assert load_json(\"data.json\").n == 1; });\n",
    );
    run.until("watch: 1 passed after b.rhai changed");
    edit(&project, "lib/price.rhai", "fn price() { 4 }\n");
    run.until("watch: 1 failed after lib/price.rhai changed");
    edit(&project, "a.rhai", "let = \n");
    run.until("watch: nothing ran after a.rhai changed");
    edit(
        &project,
        "a.rhai",
        "scenario(\"alpha\", || { assert true; });\n",
    );
    run.until("watch: 1 passed after a.rhai changed");
    edit(&project, "data.json", "{ \"n\": 2 }\n");
    run.until("watch: 1 failed after data.json changed");
    edit(&project, "README.md", "nobody's business\n");
    run.signal(Signal::INT);
    let ran = run.end();
    assert!(!ran.stderr.contains("README"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("2 passed after"), "{}", ran.stderr);
}

#[test]
fn services_of_the_run_stay_between_rounds_and_end_with_the_watch() {
    let script = |n: u8| {
        format!(
            "import \"web\" as web;\nscenario(\"served\", || {{ let s = web::up(); log(`pid ${{s.pid}} in round {n}`); assert s.is_running; }});\n"
        )
    };
    let project = Project::bare()
        .file(
            "web.rhai",
            "fn up() { spawn_service(\"web\", #{ cmd: \"exec sleep 600\", scope: \"run\" }) }\n",
        )
        .file("a.rhai", script(1));
    let run = project.start(&["run", "--watch", "-v", "a.rhai"]);
    run.until("watch: 1 passed");
    edit(&project, "a.rhai", &script(2));
    run.until("watch: 1 passed after a.rhai changed");
    edit(
        &project,
        "web.rhai",
        "fn up() { spawn_service(\"web\", #{ cmd: \"exec sleep 601\", scope: \"run\" }) }\n",
    );
    run.until("watch: 1 passed after web.rhai changed");
    run.signal(Signal::INT);
    let said = run.end().stdout;
    let pids: Vec<i32> = said
        .lines()
        .filter(|line| line.contains(" in round "))
        .filter_map(|line| line.split("pid ").nth(1)?.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(pids.len(), 3, "{said}");
    assert_eq!(pids[0], pids[1], "it was started again: {said}");
    assert_ne!(pids[1], pids[2], "its description was edited: {said}");
    for pid in pids {
        assert!(
            !std::path::Path::new(&format!("/proc/{pid}")).exists(),
            "{pid} is left"
        );
    }
}

#[test]
fn keys_run_all_or_what_failed_and_end_it() {
    let project = Project::new()
        .file("a.rhai", "scenario(\"alpha\", || { assert true; });\n")
        .file("b.rhai", "scenario(\"beta\", || { assert false; });\n");
    let mut screen = project.terminal(&["run", "--watch", "a.rhai", "b.rhai"], 120);
    screen.until("watch: 1 passed, 1 failed");
    screen.until("f: failed, q: quit");
    screen.press("f");
    screen.until("watch: 1 failed of what had failed");
    screen.until("q: quit");
    screen.press("\r");
    screen.until("watch: 1 passed, 1 failed");
    screen.until("q: quit");
    screen.press("q");
    assert_eq!(screen.end(), 1);
}
