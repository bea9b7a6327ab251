use super::{logged, project};

#[test]
fn c27_a_lock_holds_between_two_processes() {
    let script = r#"
        scenario("Uses the printer", #{ locks: ["LOCK"] }, [
            phase("print", || {
                log("begins");
                if env("HOLD", "") == "yes" { wait_for_signal("done"); }
                assert true;
            }),
        ]);
    "#;
    // A name of its own: locks are shared by all processes of the user.
    let name = format!("printer-{}", std::process::id());
    let (project, _demo) = project(&script.replace("LOCK", &name));
    let first = project.start(&["run", "--env", "HOLD=yes", "--json", "a.rhai"]);
    first.until("\"text\":\"begins\"");
    let second = project.start(&["run", "--json", "a.rhai"]);
    second.until("waits for a lock");
    assert!(!second.said().contains("\"text\":\"begins\""));
    let run = first.said();
    let run = run
        .split("\"run\":\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    project
        .run(&["signal", run.expect("a run"), "done"])
        .passes();
    first.end().passes();
    let second = second.end().passes();
    assert_eq!(logged(&second), ["begins"]);
}
