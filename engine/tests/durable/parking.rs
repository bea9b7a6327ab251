use super::common::{Project, Signal};
use super::{EXPORT, logged, project, texts};

#[test]
fn o2_prepare_in_one_process_and_validate_in_another() {
    let (project, _demo) = project(EXPORT);
    let first = project
        .run(&["run", "--phase", "prepare", "--json", "a.rhai"])
        .exits(75);
    assert_eq!(logged(&first), ["preparing"]);
    assert_eq!(
        texts(&first, "event", "scenario_ended", "outcome"),
        ["parked"]
    );
    let second = project
        .run(&["resume", "--phase", "validate", "--json"])
        .passes();
    assert_eq!(logged(&second).len(), 1, "{:?}", logged(&second));
    assert!(logged(&second)[0].starts_with("validating "));
    project
        .run(&["show"])
        .says("PASS   a.rhai  Export")
        .says("1 scenario: 1 passed");
}

#[test]
fn o11_a_parked_run_says_so_and_how_and_when_to_go_on() {
    let script = r#"
        scenario("Later");
        phase("prepare", |state| { state.n = 1; });
        phase("validate", #{ not_before: "30m" }, |state| { assert state.n == 1; });
    "#;
    let project = Project::script(script);
    // Nobody can look at it for half an hour: this run does not even begin to wait.
    let ran = project
        .run(&[
            "run",
            "--max-wait",
            "5m",
            "-u",
            "http://127.0.0.1:9",
            "a.rhai",
        ])
        .exits(75);
    let ran = ran.says("--max-wait 5m");
    ran.says("go on with: scenario resume ")
        .says(", useful from ");
    let runs = project.run(&["runs"]).passes();
    runs.says("1 parked")
        .says("\"validate\" (not looked at yet");
}

#[test]
fn o3_a_wait_beyond_max_wait_is_parked_and_goes_on_later() {
    let script = r#"
        scenario("Waits");
        phase("prepare", |state| { log("once"); state.n = 1; });
        phase("validate", #{ ready: |state| env("OPEN", "") == "yes", every: "20ms" }, |state| {
            assert state.n == 1;
        });
    "#;
    let (project, _demo) = project(script);
    let ran = project
        .run(&["run", "--max-wait", "200ms", "--json", "a.rhai"])
        .exits(75);
    assert_eq!(logged(&ran), ["once"]);
    let again = project
        .run(&["resume", "--max-wait", "200ms", "--json"])
        .exits(75);
    assert!(logged(&again).is_empty());
    project
        .run(&["resume", "--env", "OPEN=yes"])
        .passes()
        .says("1 passed");
}

#[test]
fn ctrl_c_parks_what_waits_without_its_clean_up_and_resume_ends_it() {
    let script = r#"
        scenario("Waits", [
            phase("prepare", |state| { state.db = "trial"; log("began"); }),
            phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms" }, || { assert true; }),
            phase("drop", #{ always: true }, |state| log(`dropped ${state.db}`)),
        ]);
    "#;
    let (project, _demo) = project(script);
    let running = project.start(&["run", "--json", "a.rhai"]);
    running.until("\"to\":\"waiting\"");
    running.signal(Signal::INT);
    let ran = running.end().exits(75);
    assert_eq!(
        logged(&ran),
        ["began"],
        "a parked scenario is not cleaned up"
    );
    let ran = project
        .run(&["resume", "--env", "OPEN=yes", "--json"])
        .passes();
    assert_eq!(logged(&ran), ["dropped trial"]);
}

#[test]
fn p18_a_run_with_nothing_left_to_do_is_not_green() {
    let (project, _demo) = project(EXPORT);
    project.run(&["run", "a.rhai"]).passes();
    let none = project.run(&["resume"]).exits(4);
    none.says("there is no run to go on with: none is parked, none was killed");
    let ended = project.run(&["resume", "latest"]).exits(4);
    ended.says("has nothing left to do: its 1 scenario ended");
}

#[test]
fn an_unknown_run_is_named_with_those_that_are_meant() {
    let (project, _demo) = project(EXPORT);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    project
        .run(&["resume", "20991231"])
        .exits(2)
        .says("no run is called `20991231`");
    let report = project.run(&["report", "latest", "--reporter", "json"]);
    let run = texts(&report, "event", "run_started", "run").remove(0);
    let slip = run.replace('-', "_");
    project
        .run(&["resume", &slip])
        .exits(2)
        .says(&format!("did you mean `{run}`?"));
}

#[test]
fn a_phase_that_no_scenario_has_is_a_slip() {
    let (project, _demo) = project(EXPORT);
    let ran = project
        .run(&["run", "--phase", "prepair", "a.rhai"])
        .exits(2);
    ran.says("no selected scenario has a phase \"prepair\"")
        .says("did you mean `prepare`?");
}

#[test]
fn a_scenario_without_the_phase_is_left_out_and_named() {
    let script = format!("{EXPORT}\nscenario(\"Other\", || {{ assert true; }});");
    let (project, _demo) = project(&script);
    let ran = project
        .run(&["run", "--phase", "prepare", "--json", "a.rhai"])
        .exits(75);
    let left = texts(&ran, "event", "scenario_not_selected", "reason");
    assert_eq!(left, ["it has no phase \"prepare\""]);
}

#[test]
fn the_embedded_demo_cannot_be_left_waiting() {
    let project = Project::script(EXPORT);
    let ran = project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(130);
    ran.says("the system of `demo:` ends with this run");
}

#[test]
fn the_second_of_two_resumers_is_told_who_is_first() {
    let script = r#"
        scenario("Waits");
        phase("prepare", || log("began"));
        phase("validate", #{ ready: || false, every: "20ms" }, || {});
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    let first = project.start(&["resume", "--json"]);
    first.until("\"event\":\"scenario_resumed\"");
    let second = project.run(&["resume", "latest"]).exits(3);
    second.says("is held by process ");
    first.signal(Signal::INT);
    first.end().exits(75);
}

#[test]
fn abandoning_runs_what_must_always_run_and_nothing_else() {
    let script = r#"
        scenario("Waits", [
            phase("prepare", |state| { state.db = "trial"; }),
            phase("validate", #{ ready: || { log("polled"); false } }, || log("never")),
            phase("drop", #{ always: true }, |state| log(`dropped ${state.db}`)),
        ]);
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    let ran = project.run(&["abandon", "--json"]).passes();
    assert_eq!(logged(&ran), ["dropped trial"]);
    assert_eq!(
        texts(&ran, "event", "scenario_ended", "outcome"),
        ["interrupted"]
    );
    project.run(&["resume"]).exits(4);
}

#[test]
fn p20_a_reset_begins_again_from_the_first_phase() {
    let script = r#"
        scenario("Waits", [
            phase("prepare", |state| { log("prepared"); state.n = 1; }),
            phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms" }, || { assert true; }),
            phase("drop", #{ always: true }, || log("dropped")),
        ]);
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    let ran = project
        .run(&["resume", "--reset", "--env", "OPEN=yes", "--json"])
        .passes();
    assert_eq!(logged(&ran), ["dropped", "prepared", "dropped"]);
}

#[test]
fn p20_a_reset_of_a_failed_run_begins_again_what_did_not_pass() {
    let script = r#"
        scenario("Rounds", #{ rounds: 2 }, [
            phase("one", || log(`one of round ${run.round}`)),
            phase("two", || { assert run.round == 1 || env("GOOD", "") == "yes"; }),
        ]);
        scenario("Passes", || { log("passes"); assert true; });
    "#;
    let (project, _demo) = project(script);
    project.run(&["run", "a.rhai"]).exits(1);
    let ran = project
        .run(&["resume", "latest", "--reset", "--env", "GOOD=yes", "--json"])
        .passes();
    assert_eq!(logged(&ran), ["one of round 1", "one of round 2"]);
    project.run(&["resume", "latest", "--reset"]).exits(4);
}

#[test]
fn p17_from_a_phase_on_is_repeated_on_purpose() {
    let script = r#"
        scenario("Two", [
            phase("prepare", |state| { log("prepared"); state.n = 1; }),
            phase("validate", |state| { log(`n is ${state.n}`); assert env("GOOD", "") == "yes"; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    project.run(&["run", "a.rhai"]).exits(1);
    let ran = project
        .run(&[
            "resume", "latest", "--from", "validate", "--env", "GOOD=yes", "--json",
        ])
        .passes();
    assert_eq!(logged(&ran), ["n is 1"]);
    project
        .run(&["resume", "latest", "--from", "validate"])
        .exits(2)
        .says("all with that phase passed");
    project
        .run(&["resume", "latest", "--from", "valid"])
        .exits(2)
        .says("did you mean `validate`?");
}

#[test]
fn time_that_nobody_watched_does_not_count_and_a_resume_looks_once() {
    let script = r#"
        scenario("Waits");
        phase("prepare", || log("began"));
        phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms", within: "300ms" }, || { assert true; });
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--max-wait", "50ms", "a.rhai"])
        .exits(75);
    std::thread::sleep(std::time::Duration::from_millis(400));
    project
        .run(
            &["resume", "--max-wait", "50ms", "a.rhai"]
                .map(|arg| if arg == "a.rhai" { "-q" } else { arg }),
        )
        .exits(75);
    project.run(&["resume", "--env", "OPEN=yes"]).passes();
}

#[test]
fn expires_bounds_the_time_by_the_calendar() {
    let script = r#"
        scenario("Waits");
        phase("prepare", || log("began"));
        phase("validate", #{ ready: || false, every: "20ms", expires: "300ms" }, || {});
    "#;
    let (project, _demo) = project(script);
    project
        .run(&["run", "--max-wait", "50ms", "a.rhai"])
        .exits(75);
    std::thread::sleep(std::time::Duration::from_millis(400));
    project
        .run(&["resume"])
        .exits(1)
        .says("expired 300ms after it began to wait");
}

#[test]
fn a_scenario_with_a_service_is_not_left_waiting_without_it() {
    let script = r#"
        scenario("Waits", [
            phase("prepare", || { spawn_service("api", #{ cmd: "exec sleep 600" }); log("up"); }),
            phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms" }, || { assert true; }),
            phase("tidy", #{ always: true }, || log("tidied")),
        ]);
    "#;
    let (project, _demo) = project(script);
    let ran = project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(130);
    ran.says("not parked, because service `api` would have ended with this run");
    // One that was stopped holds nobody back.
    project.write(
        "a.rhai",
        script.replace("log(\"up\")", "service(\"api\").stop()"),
    );
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
}

#[test]
fn a_variable_that_held_a_secret_is_said_again_because_it_is_never_stored() {
    let script = r#"
        scenario("Follows a link");
        phase("prepare", |state| { state.n = 1; assert vars.link.len > 10; });
        phase("validate", #{ ready: || env("DONE", "") == "yes", every: "20ms" }, |state| {
            assert vars.link == "https://host/?token=s3cret-value-7" && vars.plain == 5;
        });
    "#;
    let (project, _demo) = project(script);
    project.write(
        "scenario.toml",
        project.read("scenario.toml") + "secrets = [\"TOKEN\"]\n",
    );
    let project = project.env("TOKEN", "s3cret-value-7");
    let link = "link=https://host/?token=s3cret-value-7";
    project
        .run(&[
            "run",
            "--var",
            link,
            "--var=plain=5",
            "--phase",
            "prepare",
            "a.rhai",
        ])
        .exits(75);
    let ran = project.run(&["resume", "--env", "DONE=yes"]).exits(2);
    ran.says("was begun with values that hold a secret, which is never stored: --var link=VALUE")
        .says("say it again: scenario resume ");
    project
        .run(&["resume", "--env", "DONE=yes", "--var", link])
        .passes();
}

#[test]
fn p22_rows_that_only_this_process_can_delete_hold_their_scenario_and_are_deleted() {
    let script = r#"
        scenario("Seeds", [
            phase("prepare", || {
                let db = sql.connect(`sqlite://${env("STORE")}`, #{ create: true });
                db.execute("create table items (id integer primary key, name text)");
                db.execute("insert into items values (9, 'of somebody else')");
                write_file("seed/items.json", [#{ id: 1, name: "a" }, #{ id: 2, name: "b" }]);
                db.load(work_dir() + "/seed", #{ cleanup: true });
            }),
            phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms" }, || { assert true; }),
        ]);
    "#;
    let (project, _demo) = project(script);
    let store = project.path("store.db");
    let project = project
        .env("STORE", &store.display().to_string())
        .file("look.rhai", "let db = sql.connect(`sqlite://${env(\"STORE\")}`);\nlog(`left: ${db.query(\"select name from items\")}`);");
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(130)
        .says("not parked, because what was loaded into items, with `cleanup`, would have ended with this run");
    project
        .run(&["run", "-v", "look.rhai"])
        .passes()
        .says("of somebody else")
        .says_nothing_of("\"a\"");
}
