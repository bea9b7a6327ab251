//! Services and parking: what is kept lives on, and nothing else is left behind silently.

use super::project;
use std::path::Path;

fn script(keep: &str) -> String {
    format!(
        r#"
        scenario("Long import", [
            phase("prepare", |state| {{
                let server = spawn_service("importer", #{{ cmd: ["sleep", "600"]{keep} }});
                state.pid = server.pid;
            }}),
            phase("validate", #{{ ready: || env("DONE", "") == "yes", every: "20ms" }}, |state| {{
                assert exec(["kill", "-0", `${{state.pid}}`]).ok, "the importer is still there";
            }}),
        ]);
        "#
    )
}

fn lives(state: &str) -> bool {
    let pid = serde_json::from_str::<serde_json::Value>(state).expect("JSON")["pid"].to_string();
    Path::new("/proc").join(pid).exists()
}

#[test]
fn a_service_that_is_kept_lives_on_while_its_scenario_is_parked_and_ends_with_it() {
    let (project, _demo) = project(&script(", keep: true"));
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    let state = project.run(&["state"]).passes().stdout;
    assert!(lives(&state), "{state}");
    project.run(&["resume", "--env", "DONE=yes"]).passes();
    let began = std::time::Instant::now();
    while lives(&state) {
        assert!(began.elapsed().as_secs() < 30, "it was left behind");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_scenario_with_live_services_is_not_parked_silently() {
    let (project, _demo) = project(&script(""));
    let ran = project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(130);
    ran.says("not parked, because service `importer` would have ended with this run; `keep: true` keeps a service");
    let state = project.run(&["state"]).passes().stdout;
    assert!(!lives(&state), "{state}");
}
