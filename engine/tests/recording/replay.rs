//! A stored run is told as it was live, by every reporter.

use super::{Project, Ran};
use insta::assert_snapshot;
use quick_junit::Report;

const SCRIPT: &str = r##"
scenario("Export", #{ tags: ["tier1"] });
phase("prepare", |state| {
    state.task = http.post("/tasks", #{ json: #{ kind: "export", seconds: 1 } }).json.id;
    attach("note.txt", "a note");
});
phase("validate", #{ ready: |state| http.get(`/tasks/${state.task}`).json.state == "SUCCESS", every: "20ms", within: "30s" }, |state| {
    step("look at it", || { log("looking"); expect(http.get(`/tasks/${state.task}`).json).to_match(#{ state: "FAILURE", id: "#string" }); });
});
scenario("Flaky", #{ retries: 1, tags: ["tier2"] }, || { assert http.get("/flaky?key=x&fail=1").ok; });
scenario("Skipped", || skip("not today"));
scenario("Slow", #{ timeout: "100ms" }, || sleep("60s"));
"##;

fn project() -> Project {
    Project::new()
        .file(
            "a.rhai",
            SCRIPT
                .split("scenario(\"Flaky\"")
                .next()
                .expect("the first part"),
        )
        .file(
            "b.rhai",
            format!(
                "scenario(\"Flaky\"{}",
                SCRIPT.split("scenario(\"Flaky\"").nth(1).expect("the rest")
            ),
        )
}

fn live(project: &Project) -> Ran {
    project
        .run(&[
            "run",
            "--color=never",
            "--reporter=terminal",
            "--reporter=junit=junit.xml",
            "--reporter=tap=run.tap",
            "--reporter=json=run.json",
            "--reporter=github=run.github",
            "--reporter=markdown=run.md",
            "--reporter=html=run.html",
            "--reporter=ctrf=ctrf.json",
            "--reporter=digest=digest.json",
            "--reporter=perfetto=trace.json",
            "--reporter=otlp=otlp.json",
            "--reporter=notify=notify.json",
            "a.rhai",
            "b.rhai",
        ])
        .exits(3)
}

#[test]
fn every_report_of_the_stored_run_is_that_of_the_live_run() {
    let project = project();
    let live = live(&project);
    for (reporter, file) in [
        ("junit", "junit.xml"),
        ("tap", "run.tap"),
        ("json", "run.json"),
        ("github", "run.github"),
        ("markdown", "run.md"),
        ("html", "run.html"),
        ("ctrf", "ctrf.json"),
        ("digest", "digest.json"),
        ("perfetto", "trace.json"),
        ("otlp", "otlp.json"),
        ("notify", "notify.json"),
    ] {
        let replay = project
            .run(&["report", "latest", "--reporter", reporter])
            .passes();
        assert_eq!(
            replay.stdout,
            project
                .read(file)
                .replace(&*project.path("").to_string_lossy(), "[project]/"),
            "{reporter}"
        );
    }
    let shown = project.run(&["show"]).passes();
    assert_eq!(shown.stdout, live.stdout);
}

#[test]
fn a_report_can_be_written_to_a_file() {
    let project = project();
    live(&project);
    project
        .run(&["report", "latest", "--reporter", "junit=again/junit.xml"])
        .passes();
    assert_eq!(project.read("again/junit.xml"), project.read("junit.xml"));
}

#[test]
fn the_event_stream_is_versioned_lines_without_gaps() {
    let project = project();
    live(&project);
    let text = project.read("run.json");
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an event a line"))
        .collect();
    assert_eq!(events[0]["event"], "run_started");
    assert_eq!(events[0]["version"], 2);
    let numbers: Vec<u64> = events
        .iter()
        .map(|event| event["seq"].as_u64().expect("a number"))
        .collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    assert!(events.iter().all(|event| event["at"].is_string()));
    let last = events.last().expect("an event");
    assert_eq!(
        (last["event"].as_str(), last["exit"].as_u64()),
        (Some("run_ended"), Some(3))
    );
}

#[test]
fn junit_keeps_tries_phases_and_times() {
    let project = project();
    live(&project);
    let text = project.read("junit.xml");
    let report =
        Report::deserialize_from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let sums: Vec<_> = report
        .test_suites
        .iter()
        .map(|suite| {
            (
                suite.name.to_string(),
                suite.tests,
                suite.failures,
                suite.errors,
            )
        })
        .collect();
    assert_eq!(
        sums,
        [
            ("a.rhai".to_owned(), 1, 1, 0),
            ("b.rhai".to_owned(), 3, 0, 1)
        ]
    );
    assert!(text.contains("flakyFailure"), "{text}");
    assert!(
        report
            .test_suites
            .iter()
            .flat_map(|suite| &suite.test_cases)
            .all(|case| case.time.is_some())
    );
}

#[test]
fn o4_the_stages_are_shown_in_order_with_their_durations() {
    let script = SCRIPT
        .split("scenario(\"Flaky\"")
        .next()
        .expect("the first part")
        .replace("FAILURE", "SUCCESS")
        .replace("#string", "#integer");
    let ran = Project::script(&script).run(&["run", "a.rhai"]).passes();
    assert_snapshot!(ran.story(), @"
    exit 0

    PASS   a.rhai  Export  [time]
           prepare [time]
           wait for validate [time]
           validate [time]

    tier1: 1 passed

    1 scenario: 1 passed, 1 assertion, [time]
    ");
}

#[test]
fn a_verbose_replay_tells_every_step() {
    let project = project();
    live(&project);
    let shown = project.run(&["show", "-v"]).passes();
    let shown = shown.says("look at it");
    shown.says("looking");
}

#[test]
fn runs_are_listed_and_found_by_a_part_of_their_id() {
    let project = Project::script("assert env(\"FAIL\", \"\") == \"\";");
    project.run(&["run", "a.rhai"]).passes();
    project
        .run(&["run", "--env", "FAIL=yes", "a.rhai"])
        .exits(1);
    let list = project.run(&["runs"]).passes();
    let ids: Vec<&str> = list
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(ids.len(), 2, "{}", list.stdout);
    assert!(
        list.stdout
            .lines()
            .next()
            .expect("a line")
            .contains("exit 1"),
        "the latest first: {}",
        list.stdout
    );
    project.run(&["show"]).says(ids[0]);
    project.run(&["show", "latest"]).says(ids[0]);
    project.run(&["show", ids[1]]).says(ids[1]);
    // Only what differs needs to be typed.
    let common = ids[0]
        .chars()
        .zip(ids[1].chars())
        .take_while(|(a, b)| a == b)
        .count();
    project.run(&["show", &ids[1][..=common]]).says(ids[1]);
    project
        .run(&["show", &ids[1][..8]])
        .exits(2)
        .says("is the beginning of several runs");
}

#[test]
fn a_folder_of_runs_can_be_elsewhere() {
    let project = Project::script("assert true;");
    project
        .run(&["run", "--store", "results/here", "a.rhai"])
        .passes();
    project
        .run(&["show", "--store", "results/here"])
        .passes()
        .says("1 passed");
    project.run(&["show"]).exits(2);
}
