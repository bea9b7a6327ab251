//! What the fifth seed asks for: steps with an order, their arguments, and workers as they are described.

use super::Project;

/// A script with the demo system, and what its run logged.
fn logged(project: &Project, args: &[&str], code: i32) -> Vec<String> {
    let ran = project
        .run(&[&["run", "--json"], args, &["a.rhai"]].concat())
        .exits(code);
    let events = ran.events();
    let logs = events.iter().filter(|event| event["record"] == "log");
    logs.map(|event| event["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// A step as the seed knows it: three closures, of which the last is optional.
const STEPS: &str = r#"
fn prepare(state) { log("prepare"); #{ todo: 7 } }
fn execute(state) { log(`execute ${state.todo}`); #{ success: true } }
fn validate(state) { log("validate"); assert state.todo == 7 && state.success; }
scenario("Do a todo", [
    phase("prepare", |state| prepare(state)),
    phase("execute", |state| execute(state)),
    phase("validate", |state| validate(state)),
]);
"#;

#[test]
fn p1_prepare_execute_and_validate_are_each_called_in_order() {
    assert_eq!(
        logged(&Project::script(STEPS), &[], 0),
        ["prepare", "execute 7", "validate"]
    );
}

#[test]
fn p2_a_phase_has_one_signature_and_another_is_a_load_error() {
    let script = STEPS.replace(
        "phase(\"execute\", |state|",
        "phase(\"execute\", |state, data|",
    );
    let ran = Project::script(&script).run(&["run", "a.rhai"]).exits(2);
    ran.says("a.rhai:7").says_nothing_of("prepare\n");
}

#[test]
fn p4_further_arguments_are_captured_or_curried() {
    let script = r#"
        fn greet(name, state) { log(`${name} ${state.n}`); assert true; }
        let worker = "worker1";
        scenario("Arguments", [
            phase("captured", |state| { state.n = 1; log(worker); }),
            phase("curried", Fn("greet").curry("worker2")),
        ]);
    "#;
    assert_eq!(
        logged(&Project::script(script), &[], 0),
        ["worker1", "worker2 1"]
    );
}

#[test]
fn p10_only_what_has_a_file_is_loaded_and_no_table_is_touched_besides() {
    let script = r#"
        let db = sql.connect("sqlite::memory:");
        db.execute("create table users (id int)");
        db.execute("create table todos (id int)");
        db.execute("insert into todos values (1)");
        let loaded = db.load("seed", #{ replace: true, required: #{ users: 1 } });
        assert loaded.keys() == ["users"];
        assert db.value("select count(*) from todos") == 1;
    "#;
    Project::script(script)
        .file("seed/users.json", "[{\"id\": 1}]")
        .run(&["run", "a.rhai"])
        .passes();
}

#[test]
fn p12_a_worker_finds_its_variables_and_its_directory() {
    let script = r#"
        spawn_service("worker1", #{
            cmd: "echo db=$DATABASE_PATH port=$PORT buffered=$PYTHONUNBUFFERED in=$(basename $(pwd)); exec sleep 60",
            cwd: "tests", ports: ["web"], ready: #{ log: "port=" },
            env: #{ DATABASE_PATH: "{{ data }}/database_worker1.db", PYTHONUNBUFFERED: "1" },
        });
        let worker = service("worker1");
        let told = worker.log;
        assert `port=${worker.port} buffered=1 in=tests` in told;
        assert `db=${worker.dir}/data/database_worker1.db` in told;
    "#;
    Project::script(script)
        .file("tests/conftest.py", "")
        .run(&["run", "a.rhai"])
        .passes();
}

/// A worker that listens on a port it was given, and does not mind SIGTERM.
const DEAF: &str = r#"
let port = parse_int(env("WORKER_PORT"));
spawn_service("worker1", #{
    cmd: ["python3", "-c", "import http.server, os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nhttp.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), http.server.SimpleHTTPRequestHandler).serve_forever()"],
    ports: #{ web: port }, ready: "/", grace: "100ms",
});
assert http.get(service("worker1").url).status == 200;
"#;

#[test]
fn p15_a_worker_that_ignores_sigterm_is_gone_before_the_next_run_needs_its_port() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port().to_string();
    drop(free);
    let project = Project::script(DEAF).env("WORKER_PORT", &port);
    for _ in 0..2 {
        let ran = project.run(&["run", "--json", "a.rhai"]).passes();
        let needed: Vec<String> = ran
            .events()
            .iter()
            .filter(|event| event["what"] == "stopped")
            .map(|event| event["data"]["needed"].to_string())
            .collect();
        assert_eq!(needed.len(), 1);
        assert!(needed[0].contains("killed after its grace"), "{needed:?}");
        // Nobody has to wait: when the run has ended, so has the worker.
        std::net::TcpListener::bind(format!("127.0.0.1:{port}")).expect("the port is free");
    }
}

#[test]
fn p28_the_program_alone_is_enough() {
    let project = Project::bare().file(
        "a.rhai",
        "phase(\"all built in\", || { assert sha256(\"abc\").len == 64; assert http.get(\"/health\").ok; });",
    );
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_scenario"));
    // No PATH, no home, no runtime directory: nothing is looked for beside the program.
    let output = command
        .args(["run", "--base-url", "demo:", "a.rhai"])
        .current_dir(project.path(""))
        .env_clear()
        .output()
        .expect("it runs");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
