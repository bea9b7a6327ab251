use super::{logged, project};

#[test]
fn what_a_failed_attempt_started_is_ended_before_the_phase_is_repeated() {
    let script = r#"
        scenario("Retried", [
            phase("base", || { spawn_service("base", #{ cmd: ["sleep", "60"] }); }),
            phase("work", #{ retries: 1 }, |state| {
                let mine = spawn_service("mine", #{ cmd: ["sleep", "60"] });
                log(`mine is ${mine.pid}`);
                log(`base runs: ${service("base").is_running}`);
                let count = exec(["sh", "-c", "echo x >> count; wc -l < count"]).stdout.trim();
                if count == "1" { fail("the first time") }
                assert mine.is_running;
            }),
            phase("after", || { assert service("mine").is_running; assert service("base").is_running; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    let ran = project.run(&["run", "--json", "a.rhai"]).passes();
    let said = logged(&ran);
    let pids: Vec<&String> = said
        .iter()
        .filter(|text| text.starts_with("mine is "))
        .collect();
    assert_eq!(pids.len(), 2, "{said:?}");
    assert_ne!(pids[0], pids[1], "each attempt has its own");
    let running = said
        .iter()
        .filter(|text| text.as_str() == "base runs: true");
    assert_eq!(running.count(), 2, "what another phase started goes on");
}
