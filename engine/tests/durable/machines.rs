//! One run over several machines: parts of equal weight, and one report in the end.

use super::common::Project;
use std::collections::BTreeSet;

const SCRIPT: &str = r#"
for n in 0..6 {
    scenario(`s${n}`, || { log(`did ${n}`); if n == 5 { assert env("BAD", "") != "yes"; } assert n >= 0; });
}
"#;

fn project() -> Project {
    Project::script(SCRIPT)
}

/// The scenarios of one part.
fn part(project: &Project, args: &[&str]) -> BTreeSet<String> {
    let ran = project.run(&[&["run", "--json", "a.rhai"], args].concat());
    super::texts(&ran, "event", "scenario_ended", "scenario")
        .into_iter()
        .collect()
}

#[test]
fn c35_parts_are_balanced_by_recorded_times_and_the_same_for_the_same_times() {
    let project = project();
    // One takes as long as all the others together.
    project.write("times.json", r#"{"a.rhai::s3": 10, "a.rhai::s0": 2, "a.rhai::s1": 2, "a.rhai::s2": 2, "a.rhai::s4": 2, "a.rhai::s5": 2}"#);
    let shard = |k: &str| part(&project, &["--shard", k, "--times", "times.json"]);
    let (first, second) = (shard("1/2"), shard("2/2"));
    assert_eq!(first, BTreeSet::from(["a.rhai::s3".to_owned()]));
    assert_eq!(second.len(), 5);
    assert_eq!(shard("2/2"), second);
    project
        .run(&["run", "--shard", "1/2", "--times", "none.json", "a.rhai"])
        .exits(2)
        .says("--reporter times");
}

#[test]
fn the_reporter_times_writes_what_shards_are_balanced_by() {
    let project = project();
    project
        .run(&["run", "--reporter", "times=times.json", "a.rhai"])
        .passes();
    let times: serde_json::Value = serde_json::from_str(&project.read("times.json")).expect("JSON");
    assert_eq!(times.as_object().map(serde_json::Map::len), Some(6));
    project
        .run(&["run", "--shard", "1/2", "--times", "times.json", "a.rhai"])
        .passes();
    project
        .run(&["plan", "a.rhai"])
        .passes()
        .says("by what they took before: about ");
}

#[test]
fn parts_are_merged_into_one_run() {
    let project = project();
    project
        .run(&["run", "--shard", "1/2", "--store", "one", "a.rhai"])
        .passes();
    project.run(&[
        "run",
        "--shard",
        "2/2",
        "--json",
        "--env",
        "BAD=yes",
        "--reporter",
        "json=two.jsonl",
        "a.rhai",
    ]);
    let merged = project.run(&["merge", "one", "two.jsonl"]);
    let bad = merged.code == 1;
    let merged = merged.says("merged 2 runs into ");
    merged.says("6 scenarios");
    let shown = project.run(&["show"]);
    shown.says(if bad {
        "5 passed, 1 failed"
    } else {
        "6 passed"
    });
    let junit = project
        .run(&["report", "latest", "--reporter", "junit"])
        .passes();
    assert_eq!(junit.times("<testcase "), 6);
}

#[test]
fn work_done_twice_is_named_and_counts_once() {
    let project = project();
    project.run(&["run", "--store", "one", "a.rhai"]).passes();
    project.run(&["run", "--store", "two", "a.rhai:3"]);
    project
        .run(&["merge", "one", "two"])
        .passes()
        .says("6 scenarios, 6 passed");
    project.run(&["show"]).says("ran in both one and two");
    project
        .run(&["merge", "nowhere"])
        .exits(2)
        .says("cannot read nowhere");
    project.write("bad.jsonl", "{}\n");
    project
        .run(&["merge", "bad.jsonl"])
        .exits(2)
        .says("bad.jsonl:1: this is no event");
}

#[test]
fn a_merged_run_judges_flaky_scenarios_as_the_settings_say() {
    let script =
        r#"scenario("Shaky", #{ retries: 1 }, || { assert http.get("/flaky?key=a&fail=1").ok; });"#;
    let (project, _demo) = super::project(script);
    project
        .run(&["run", "--reporter", "json=run.jsonl", "a.rhai"])
        .passes()
        .says("flaky");
    project.run(&["merge", "run.jsonl"]).passes();
    let settings = project.read("scenario.toml") + "flaky = \"fail\"\n";
    project.write("scenario.toml", settings);
    project.run(&["merge", "run.jsonl"]).exits(1);
}
