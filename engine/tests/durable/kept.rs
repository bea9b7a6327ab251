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

/// A service of the run, which one scenario uses and the other does not.
const SHARED: &str = r#"
for name in ["uses it", "does not"] {
    let needs = name == "uses it";
    scenario(name, [
        phase("prepare", |state| {
            if needs { spawn_service("shared", #{ cmd: ["sleep", "600"], scope: "run" }); }
            state.name = name;
        }),
        phase("validate", #{ ready: || env("DONE", "") == "yes", every: "20ms" }, |state| { assert state.name == name; }),
    ]);
}
"#;

#[test]
fn what_the_run_shares_keeps_only_those_from_parking_that_use_it() {
    let (project, _demo) = project(SHARED);
    let ran = project
        .run(&["run", "-j", "1", "--phase", "prepare", "a.rhai"])
        .exits(130);
    ran.says("not parked, because service `shared` would have ended with this run")
        .says("1 parked");
    project
        .run(&["resume", "--env", "DONE=yes"])
        .exits(130)
        .says("1 passed, 1 interrupted");
}

#[test]
fn a_kept_service_is_found_by_its_name_in_the_process_that_goes_on() {
    let script = r#"
        scenario("Long import", [
            phase("prepare", |state| {
                let server = spawn_service("importer", #{
                    cmd: "echo begun with $TOKEN; trap 'echo heard' HUP; while :; do sleep 0.05; done",
                    env: #{ TOKEN: "t-1" }, ports: ["web"], ready: #{ log: "begun" }, keep: true,
                    values: #{ TABLE: "orders" },
                });
                state.pid = server.pid;
                state.port = server.port;
            }),
            phase("look", #{ ready: || env("DONE", "") != "", every: "20ms" }, |state| {
                let server = service("importer");
                assert server.pid == state.pid && server.port == state.port && server.is_running;
                assert server.env.TOKEN == "t-1" && server.values.TABLE == "orders";
                assert "begun with t-1" in server.log;
                server.signal("HUP");
                server.wait_for_log("heard");
            }),
            phase("validate", #{ ready: || env("DONE", "") == "all", every: "20ms" }, |state| {
                assert service("importer").pid == state.pid;
                service("importer").stop();
            }),
        ]);
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    let state = project.run(&["state"]).passes().stdout;
    // Parked again, by the process that took it over.
    project
        .run(&["resume", "--env", "DONE=some", "--max-wait", "100ms"])
        .exits(75);
    assert!(lives(&state), "{state}");
    project.run(&["resume", "--env", "DONE=all"]).passes();
    assert!(!lives(&state), "{state}");
}

#[test]
fn p21_a_reset_ends_what_was_kept_fills_stores_anew_and_says_so() {
    let script = r#"
        scenario("Long import", [
            phase("prepare", |state| {
                let former = env("FORMER", "");
                if former != "" {
                    assert !exec(["kill", "-0", former], #{ may_fail: true }).ok, "the former importer is gone";
                }
                assert state.get("pid") == (), "nothing of the former state";
                let server = spawn_service("importer", #{ cmd: ["sleep", "600"], keep: true });
                state.pid = server.pid;
                let db = sql.connect("sqlite:" + env("STORE"), #{ create: true });
                db.execute("create table if not exists users (id integer primary key, name text)");
                db.load("seed", #{ replace: true });
            }),
            phase("validate", #{ ready: || env("DONE", "") == "yes", every: "20ms" }, |state| {
                let db = sql.connect("sqlite:" + env("STORE"));
                assert db.value("select group_concat(name) from users") == "Ada,Bob";
                db.execute("insert into users (name) values ('stale')");
                assert env("GOOD", "") == "yes";
            }),
        ]);
    "#;
    let (project, _demo) = project(script);
    let project = project.file(
        "seed/users.json",
        r#"[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}]"#,
    );
    let store = format!("STORE={}", project.path("store.db").display());
    let run = |more: &[&str]| {
        let always = ["--env", &store];
        let args: Vec<&str> = more.iter().chain(&always).copied().collect();
        project.run(&args)
    };
    run(&["run", "--phase", "prepare", "a.rhai"]).exits(75);
    let state = project.run(&["state"]).passes().stdout;
    assert!(lives(&state), "{state}");
    // Something is stored that nobody seeded, and the scenario has failed on the way.
    let former =
        serde_json::from_str::<serde_json::Value>(&state).expect("JSON")["pid"].to_string();
    let former = format!("FORMER={former}");
    let reset = ["resume", "--reset", "--env", "DONE=yes", "--env", &former];
    let ran = run(&reset).exits(1);
    let (_, pid) = former.split_once('=').expect("a value");
    ran.says("reset: 1 scenario begins again").says(&format!(
        "reset: service `importer` (pid {pid}), which was left running"
    ));
    assert!(!lives(&state), "{state}");
    // Once more, behind a run that has ended: the stale row is not found again.
    let ran = run(&[
        "resume", "latest", "--reset", "--env", "DONE=yes", "--env", "GOOD=yes",
    ])
    .passes();
    ran.says_nothing_of("left running");
}

#[test]
fn the_ports_of_a_kept_service_are_given_to_nobody_else_by_the_process_that_goes_on() {
    let script = r#"
        scenario("Long import", [
            phase("prepare", |state| {
                // It does not listen: only the lease says that the port is its own.
                let server = spawn_service("importer", #{ cmd: ["sleep", "600"], ports: ["web"], ready: "running", keep: true });
                state.port = server.port;
            }),
            phase("look", #{ ready: || env("DONE", "") != "", every: "20ms" }, |state| {
                assert service("importer").port == state.port;
                let other = exec([run.program, "run", "other.rhai", "--store", "other"],
                    #{ cwd: ".", may_fail: true, env: #{ WANTED: state.port.to_string() } });
                log(`another run: ${other.code}`);
                assert other.code == 3;
            }),
        ]);
    "#;
    let other = "scenario(\"other\", || { let port = env(\"WANTED\"); free_port(`${port}-${port}`); assert true; });";
    let (project, _demo) = project(script);
    let project = project.file("other.rhai", other);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    project
        .run(&["resume", "--env", "DONE=yes", "-v"])
        .passes()
        .says("another run: 3");
}
