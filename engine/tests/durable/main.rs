//! Scenarios that outlive the process that began them: parked, killed, resumed, signalled, watched.

#[path = "../common/mod.rs"]
mod common;

mod clocks;
mod during;
mod edits;
mod kept;
mod killed;
mod locks;
mod machines;
mod parking;
mod pipeline;
mod retries;
mod rounds;
mod signals;
mod state;
mod together;
mod trials;

use common::{Project, Ran, Running};

/// A system under test that outlives the processes of a run.
pub struct Demo {
    _running: Running,
    pub url: String,
}

impl Demo {
    pub fn start(project: &Project) -> Self {
        let running = project.start(&["demo", "--port", "0"]);
        running.until("http://127.0.0.1:");
        let said = running.said();
        let from = said.find("http://127.0.0.1:").expect("an address");
        let url = said[from..].split_whitespace().next().expect("an address");
        Self {
            url: url.trim_end_matches('/').to_owned(),
            _running: running,
        }
    }
}

/// The export of the first seed: started in one phase, validated when it is done.
pub const EXPORT: &str = r#"
scenario("Export", #{ tags: ["export"] });
phase("prepare", |state| {
    log("preparing");
    let task = http.post("/tasks", #{ json: #{ kind: "export", seconds: 0.6 } });
    assert task.status == 202;
    state.task = task.json.id;
});
phase("validate", #{
    ready: |state| {
        let task = http.get(`/tasks/${state.task}`).json;
        if task.state == "FAILURE" { give_up(`task ended in ${task.state}`) }
        task.state == "SUCCESS"
    },
    every: "50ms", within: "20s",
}, |state| {
    log(`validating ${state.task}`);
    assert http.get(`/tasks/${state.task}`).json.state == "SUCCESS";
});
"#;

/// A project with `a.rhai`, and a system of its own to test.
pub fn project(script: &str) -> (Project, Demo) {
    let bare = Project::bare();
    let demo = Demo::start(&bare);
    let settings = format!("base_url = \"{}\"\n", demo.url);
    (
        bare.file("scenario.toml", settings).file("a.rhai", script),
        demo,
    )
}

/// What a run with `--json` logged.
pub fn logged(ran: &Ran) -> Vec<String> {
    texts(ran, "record", "log", "text")
}

/// The field `want` of all events whose `key` is `value`.
pub fn texts(ran: &Ran, key: &str, value: &str, want: &str) -> Vec<String> {
    let events = ran.events();
    let found = events.iter().filter(|event| event[key] == value);
    found
        .map(|event| event[want].as_str().unwrap_or_default().to_owned())
        .collect()
}
