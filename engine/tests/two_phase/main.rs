//! The system of the first seed, as its users would build it: Flask, Celery and Redis. What it needs is put there by
//! .ci/install; without it these tests fail, they are never left out.

#[path = "../common/mod.rs"]
mod common;

use common::{Project, Ran, Running, Signal, repository};
use std::path::Path;

const DEMO: &str = "scenarios/two_phase";

/// A project of its own with all files of the demo. What its application needs is installed once, for this repository.
fn project() -> Project {
    let mut project = Project::bare().env("CI", "true");
    for name in names(&repository().join(DEMO)) {
        let text = std::fs::read_to_string(repository().join(DEMO).join(&name)).expect("a text");
        project = project.file(&format!("{DEMO}/{name}"), text);
    }
    let venvs = repository().join(".scenario/venvs");
    std::fs::create_dir_all(&venvs).expect("created");
    std::fs::create_dir_all(project.path(".scenario")).expect("created");
    std::os::unix::fs::symlink(venvs, project.path(".scenario/venvs")).expect("linked");
    project
}

/// The files of a folder and of those in it.
fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the demo is there") {
        let entry = entry.expect("readable");
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(['.', '_']) {
            continue;
        }
        match entry.path().is_dir() {
            true => names.extend(
                self::names(&entry.path())
                    .into_iter()
                    .map(|inner| format!("{name}/{inner}")),
            ),
            false => names.push(name),
        }
    }
    names
}

/// The application, up for as long as this value lives: a run of its own keeps it.
struct Application {
    keeper: Option<Running>,
    url: String,
}

impl Application {
    fn start(project: &Project) -> Self {
        project.write(
            "scenarios/two_phase/keeper.rhai",
            r#"
            import "stack" as stack;
            scenario("The application is up", || {
                log(`it is at ${stack::address()} now`);
                wait_for_signal("enough");
            });
            "#,
        );
        let keeper = project.start(&[
            "run",
            "--store",
            ".keeper",
            "--json",
            "scenarios/two_phase/keeper.rhai",
        ]);
        keeper.until("it is at http://");
        let said = keeper.said();
        let url = said
            .split("it is at ")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        Self {
            url: url.expect("an address").to_owned(),
            keeper: Some(keeper),
        }
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        let Some(keeper) = self.keeper.take() else {
            return;
        };
        keeper.signal(Signal::INT);
        if !std::thread::panicking() {
            keeper.end();
        }
    }
}

fn outcomes(ran: &Ran) -> Vec<(String, String)> {
    let events = ran.events();
    let ended = events
        .iter()
        .filter(|event| event["event"] == "scenario_ended");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    ended
        .map(|event| (text(&event["scenario"]), text(&event["outcome"])))
        .collect()
}

/// All changes of the phases of a scenario, in order.
fn changes(ran: &Ran, scenario: &str) -> Vec<String> {
    let events = ran.events();
    let changed = events.iter().filter(|event| {
        event["event"] == "phase_changed"
            && event["scenario"]
                .as_str()
                .is_some_and(|name| name.starts_with(scenario))
    });
    changed
        .map(|event| {
            let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("phase"), text("to"))
        })
        .collect()
}

/// The state of the one scenario of the newest run.
fn state(project: &Project) -> serde_json::Value {
    let shown = project.run(&["state"]).passes();
    serde_json::from_str(&shown.stdout).expect("JSON")
}

#[test]
fn o4_o5_o7_o8_o9_o10_the_scenarios_of_the_demo_pass_on_the_real_thing() {
    let project = project();
    let ran = project.run(&["run", "--json", DEMO]).passes();
    let outcomes = outcomes(&ran);
    assert_eq!(outcomes.len(), 18, "{outcomes:?}");
    let passed = |(_, outcome): &(String, String)| outcome == "passed";
    assert!(outcomes.iter().all(passed), "{outcomes:?}");
    let stages = changes(&ran, "scenarios/two_phase/export.rhai");
    let told = [
        "prepare executing",
        "prepare passed",
        "see it begin waiting",
        "see it begin executing",
        "see it begin passed",
        "validate waiting",
        "validate executing",
        "validate passed",
    ];
    assert_eq!(stages, told);
}

#[test]
fn o2_prepare_in_one_process_and_validate_in_another() {
    let project = project();
    let application = Application::start(&project);
    let url = application.url.as_str();
    let there = format!("two_phase={url}");
    let export = "scenarios/two_phase/export.rhai";
    let ran = project
        .run(&["run", "--phase", "prepare", "--var", &there, export])
        .exits(75);
    ran.says("1 scenario: 1 parked")
        .says("go on with: scenario resume ");
    let before = state(&project);
    let ran = project
        .run(&["resume", "--phase", "validate", "--json"])
        .passes();
    assert_eq!(
        changes(&ran, export).last().map(String::as_str),
        Some("validate passed")
    );
    assert_eq!(
        ran.times("\"to\":\"executing\""),
        2,
        "prepare is not repeated"
    );
    assert_eq!(state(&project), before, "and it is the same task");
}

#[test]
fn o3_preparing_does_not_wait_for_the_work() {
    let project = project();
    let application = Application::start(&project);
    project.write(
        "scenarios/two_phase/long.rhai",
        r#"
        import "stack" as stack;
        scenario("A long export", [
            phase("prepare", |state| {
                state.app = stack::address();
                state.task = stack::start_task(state.app, #{ kind: "export", seconds: 60 });
            }),
            phase("validate", #{ ready: |state| stack::has_come_to(state.app, state.task, ["SUCCESS"]) }, || {}),
        ]);
        "#,
    );
    let url = application.url.as_str();
    let there = format!("two_phase={url}");
    let long = "scenarios/two_phase/long.rhai";
    project
        .run(&["run", "--phase", "prepare", "--var", &there, long])
        .exits(75);
    // The process is gone, and the work is not done.
    project.write(
        "scenarios/two_phase/look.rhai",
        "let task = http.get(`/tasks/${vars.task}`).json; assert task.state in [\"PENDING\", \"STARTED\"]; assert task.finished_at == ();",
    );
    let task = format!(
        "task={}",
        state(&project)["task"].as_str().unwrap_or_default()
    );
    project
        .run(&[
            "run",
            "--base-url",
            url,
            "--var",
            &task,
            "scenarios/two_phase/look.rhai",
        ])
        .passes();
}

#[test]
fn o7_o11_a_run_waits_for_its_end_and_is_red_at_once_when_a_task_failed() {
    let project = project();
    project.write(
        "scenarios/two_phase/red.rhai",
        r#"
        import "stack" as stack;
        scenario("A broken export", [
            phase("prepare", |state| {
                state.app = stack::address();
                state.task = stack::start_task(state.app, #{ kind: "export", seconds: 0.2, fail: true });
            }),
            phase("validate", #{
                ready: |state| stack::has_come_to(state.app, state.task, ["SUCCESS"]),
                every: "50ms", within: "1h",
            }, || {}),
        ]);
        "#,
    );
    let ran = project
        .run(&[
            "run",
            "scenarios/two_phase/red.rhai",
            "scenarios/two_phase/export.rhai",
        ])
        .exits(1);
    ran.says("ended in FAILURE: the disk was full after 0.2 s")
        .says("2 scenarios: 1 passed, 1 failed");
}
