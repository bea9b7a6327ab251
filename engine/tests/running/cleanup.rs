//! What ends with a scenario, in which order, and whatever happened before.

use super::{Project, run};

/// The lines logged by a run, in order.
fn logged(project: &Project, args: &[&str], code: i32) -> Vec<String> {
    let ran = project
        .run(&[&["run", "--json"], args, &["a.rhai"]].concat())
        .exits(code);
    ran.events()
        .iter()
        .filter(|event| event["record"] == "log")
        .map(|event| event["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn o15_deferred_work_runs_in_reverse_order_also_after_a_failure_in_the_middle() {
    let script = r#"
phase("work", || {
    defer(|| log("first set up, last put back"));
    step("inside", || { defer("second", || log("second")); });
    assert http.get("/status/500").ok;
    defer(|| log("never set up"));
});
"#;
    assert_eq!(
        logged(&Project::script(script), &[], 1),
        ["second", "first set up, last put back"]
    );
}

#[test]
fn what_was_deferred_sees_the_latest_values() {
    let script = "let id = 0;\ndefer(|| log(`removing ${id}`));\nid = 7;\nassert true;";
    assert_eq!(logged(&Project::script(script), &[], 0), ["removing 7"]);
}

#[test]
fn a_clean_up_that_fails_is_bad_news_of_its_own() {
    let script = "defer(\"remove the rug\", || { assert http.delete(\"/api/items/999\").ok; });\nassert true;";
    let ran = run(script);
    assert_ne!(ran.code, 0);
    assert_eq!(ran.times("failure: "), 1);
    ran.says("› remove the rug");
}

#[test]
fn c19_always_phases_run_on_pass_fail_skip_and_timeout() {
    for (body, code) in [
        ("assert true;", 0),
        ("assert false;", 1),
        ("skip(\"not today\");", 0),
        ("sleep(\"60s\");", 3),
        ("assert \"1\" == 1;", 2),
    ] {
        let script = format!(
            "scenario(\"a\");\nphase(\"work\", #{{ timeout: \"200ms\" }}, |state| {{ state.db = \"trial\"; {body} }});\nphase(\"drop\", #{{ always: true }}, |state| log(`dropping ${{state.db}}`));"
        );
        assert_eq!(
            logged(&Project::script(&script), &[], code),
            ["dropping trial"],
            "{body}"
        );
    }
}

#[test]
fn a_clean_up_has_time_of_its_own() {
    let script = "scenario(\"a\", #{ timeout: \"200ms\" }, || { defer(|| { sleep(\"300ms\"); log(\"put back\"); }); sleep(\"60s\"); });";
    assert_eq!(logged(&Project::script(script), &[], 3), ["put back"]);
}

#[test]
fn a12_a_fixture_is_computed_once_and_set_up_and_put_back_per_scenario() {
    let script = r#"
for n in 0..4 {
    scenario(`number ${n}`, || {
        let pack = fixture("pack", || #{ id: http.get("/flaky?key=pack&fail=0").json.attempt });
        let client = http.client(#{ headers: #{ "X-Client": `${n}` } });
        defer(|| client.get("/flaky?key=closed&fail=0"));
        assert pack.id == 1;
    });
}
scenario("all were put back", || {
    wait_until("30s", || http.get("/flaky?key=closed&fail=0").json.attempt >= 5);
    assert true;
});
"#;
    run(script).passes();
}

#[test]
fn private_directories_go_with_a_green_run_and_stay_on_request() {
    let project = Project::script("log(write_file(\"note.txt\", \"hello\"));\nassert true;");
    let kept = |args: &[&str]| {
        let ran = project
            .run(&[&["run", "--json"], args, &["a.rhai"]].concat())
            .passes();
        let events = ran.events();
        let line = events
            .iter()
            .find(|event| event["record"] == "log")
            .expect("a line");
        let path = line["text"]
            .as_str()
            .expect("a path")
            .replace("[project]", &project.path("").to_string_lossy());
        std::path::Path::new(&path).exists()
    };
    assert!(!kept(&[]));
    assert!(kept(&["--keep"]));
}

#[test]
fn of_a_red_run_only_what_failed_keeps_its_directory_and_its_path_is_told() {
    let script = r#"for n in 1..4 {
    scenario(`number ${n}`, || { write_file("note.txt", `${n}`); assert n != 2; });
}"#;
    let project = Project::script(script);
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    let kept: Vec<&str> = ran.stderr.lines().collect();
    let [line] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    let path = line.strip_prefix("kept: ").expect("a path");
    assert_eq!(project.read(&format!("{path}/note.txt")), "2");
    let beside = project.path(path).parent().expect("work").read_dir();
    assert_eq!(beside.expect("a folder").count(), 1);
}

#[test]
fn c20_the_service_ends_before_its_database_is_dropped_and_the_directory_goes_last() {
    let script = r#"
        scenario("Trial", [
            phase("set up", |state| {
                spawn_service("db", #{ cmd: "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done", ready: #{ log: "up" } });
                spawn_service("api", #{ cmd: "exec sleep 600", needs: ["db"] });
                state.dir = service("db").dir;
            }),
            phase("test", || { assert service("api").is_running; log("test"); }),
            phase("drop db", #{ always: true }, |state| {
                service("api").stop();
                assert service("db").is_running, "the database is there until it was dropped";
                log(`drop ${state.dir}`);
            }),
        ]);
    "#;
    let project = Project::script(script);
    let ran = project.run(&["run", "--json", "a.rhai"]).passes();
    let events = ran.events();
    let story: Vec<String> = events
        .iter()
        .filter_map(|event| match event["record"].as_str()? {
            "log" => Some(event["text"].as_str()?.split(' ').next()?.to_owned()),
            "service" if event["what"] == "stopped" => {
                Some(format!("{} stopped", event["name"].as_str()?))
            }
            _ => None,
        })
        .collect();
    assert_eq!(story, ["test", "api stopped", "drop", "db stopped"]);
    let dir = events
        .iter()
        .filter_map(|event| event["text"].as_str()?.strip_prefix("drop "))
        .next()
        .expect("its directory");
    assert!(!std::path::Path::new(dir).exists(), "{dir}");
}
