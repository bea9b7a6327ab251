//! Files that declare badly: loading tells it before anything runs.

use super::{Project, refused, run};
use insta::assert_snapshot;

#[test]
fn a_scenario_without_phases() {
    assert_snapshot!(refused("scenario(\"Checkout\", #{ tags: [\"smoke\"] });"), @r#"
    exit 2
    --- stderr
    error: scenario "Checkout" has no phases
      --> a.rhai:1:1
       |
     1 | scenario("Checkout", #{ tags: ["smoke"] });
       | ^^^^^^^^
      hint: declare them in the same file: phase("…", || { … })
    "#);
}

#[test]
fn a_scenario_with_an_empty_list_of_phases() {
    assert_snapshot!(refused("scenario(\"Checkout\", []);"), @r#"
    exit 2
    --- stderr
    error: scenario "Checkout" has no phases
      --> a.rhai:1:1
       |
     1 | scenario("Checkout", []);
       | ^^^^^^^^
    "#);
}

#[test]
fn a_list_that_holds_something_else() {
    assert_snapshot!(refused("scenario(\"Checkout\", [|| { assert true; }]);"), @r#"
    exit 2
    --- stderr
    error: the list of `scenario("Checkout", …)` holds a closure
      --> a.rhai:1:1
       |
     1 | scenario("Checkout", [|| { assert true; }]);
       | ^^^^^^^^
      hint: list phases only: [phase("prepare", || { … }), …]
    "#);
}

#[test]
fn a_phase_in_the_lists_of_two_scenarios() {
    let script = "let pay = phase(\"pay\", || { assert true; });\nscenario(\"one\", [pay]);\nscenario(\"two\", [pay]);";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: the list of `scenario("two", …)` holds a phase that is in a list already
      --> a.rhai:3:1
       |
     3 | scenario("two", [pay]);
       | ^^^^^^^^
      hint: declare it once for each scenario, with a call of `phase` in the list or in a function
    "#);
}

#[test]
fn two_scenarios_of_one_name() {
    let script = "for user in [\"ada\", \"bob\"] {\n    scenario(\"login\", || { assert user != \"\"; });\n}";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: there are two scenarios named "login"
      --> a.rhai:2:5
       |
     2 |     scenario("login", || { assert user != ""; });
       |     ^^^^^^^^
      the first: a.rhai:2
      hint: in a loop, put what differs into the name: scenario(`login as ${user}`, …)
    "#);
}

#[test]
fn two_phases_of_one_name() {
    assert_snapshot!(refused("phase(\"buy\", || { assert true; });\nphase(\"buy\", || { assert true; });"), @r#"
    exit 2
    --- stderr
    error: scenario "a" has two phases named "buy"
      --> a.rhai:2:1
       |
     2 | phase("buy", || { assert true; });
       | ^^^^^
    "#);
}

#[test]
fn a_need_nobody_declares() {
    assert_snapshot!(refused("phase(\"prepare\", || { assert true; });\nphase(\"check\", #{ needs: [\"prepar\"] }, || { assert true; });"), @r#"
    exit 2
    --- stderr
    error: phase "check" needs "prepar", and there is no such phase
      --> a.rhai:2:1
       |
     2 | phase("check", #{ needs: ["prepar"] }, || { assert true; });
       | ^^^^^
      hint: did you mean `prepare`?
    "#);
}

#[test]
fn a_wait_that_is_shorter_than_the_pause_between_its_looks() {
    let script = "phase(\"prepare\", || { assert true; });\nphase(\"check\", #{ ready: || true, every: \"10s\", within: \"2s\" }, || { assert true; });";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: `within` is shorter than `every`: it would be polled only once
      --> a.rhai:2:1
       |
     2 | phase("check", #{ ready: || true, every: "10s", within: "2s" }, || { assert true; });
       | ^^^^^
    "#);
}

#[test]
fn pauses_that_would_shrink() {
    let script = "phase(\"check\", #{ ready: || true, backoff: 0.5 }, || { assert true; });";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: option `backoff` of `phase` must be at least 1
      --> a.rhai:1:1
       |
     1 | phase("check", #{ ready: || true, backoff: 0.5 }, || { assert true; });
       | ^^^^^
    "#);
}

#[test]
fn needs_that_go_in_a_circle() {
    let script = "\
phase(\"a\", #{ needs: [\"c\"] }, || { assert true; });
phase(\"b\", #{ needs: [\"a\"] }, || { assert true; });
phase(\"c\", #{ needs: [\"b\"] }, || { assert true; });";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: phases of scenario `a.rhai::a` need each other in a circle: a -> c -> b -> a
      --> a.rhai:1:7
       |
     1 | phase("a", #{ needs: ["c"] }, || { assert true; });
       |       ^^^
      hint: an arrow points to what is needed; take one of them out of its `needs`
    "#);
}

#[test]
fn a_state_no_phase_can_have() {
    assert_snapshot!(refused("phase(\"a\", || { assert true; });\nphase(\"b\", #{ needs: #{ a: [\"pased\"] } }, || { assert true; });"), @r#"
    exit 2
    --- stderr
    error: option `needs` of `phase`: there is no state `pased`
      --> a.rhai:2:1
       |
     2 | phase("b", #{ needs: #{ a: ["pased"] } }, || { assert true; });
       | ^^^^^
      hint: did you mean `passed`?
    "#);
}

#[test]
fn loading_does_not_act() {
    let script = "let token = http.post(\"/api/login\").json.token;\nscenario(\"a\", || { assert token != \"\"; });";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: `http.post` acts, and loading a file only declares
      --> a.rhai:1:18
       |
     1 | let token = http.post("/api/login").json.token;
       |                  ^^^^
      hint: move it into a phase: phase("…", || { … http.post(…) … })
    "#);
}

#[test]
fn loading_does_not_sleep() {
    assert_snapshot!(refused("sleep(\"1s\");\nphase(\"a\", || { assert true; });"), @r#"
    exit 2
    --- stderr
    error: `sleep` acts, and loading a file only declares
      --> a.rhai:1:1
       |
     1 | sleep("1s");
       | ^^^^^
      hint: move it into a phase: phase("…", || { … sleep(…) … })
    "#);
}

#[test]
fn what_differs_in_every_process_is_no_value_of_loading() {
    assert_snapshot!(refused("let name = unique(\"ada\");\nphase(\"a\", || { assert name != \"\"; });"), @r#"
    exit 2
    --- stderr
    error: `unique` gives another value in every process, and loading a file is done in each
      --> a.rhai:1:12
       |
     1 | let name = unique("ada");
       |            ^^^^^^
      hint: call it in a phase and put the value on `state`; `run.id` is constant
    "#);
}

#[test]
fn the_present_time_is_no_value_of_loading() {
    assert_snapshot!(refused("let began = now();\nphase(\"a\", || { assert began < now(); });"), @r#"
    exit 2
    --- stderr
    error: `now` acts, and loading a file only declares
      --> a.rhai:1:13
       |
     1 | let began = now();
       |             ^^^
      hint: move it into a phase: phase("…", || { … now(…) … })
    "#);
}

#[test]
fn only_json_fits_on_state() {
    let script =
        "phase(\"a\", |state| {\n    state.seen = #{ list: [http.get(\"/health\")] };\n});";
    assert_snapshot!(run(script).exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: state.seen.list[0] is an Answer, which is not JSON
        --> a.rhai:2:10
         |
       2 |     state.seen = #{ list: [http.get("/health")] };
         |          ^
        hint: state crosses processes: put plain data on it, such as an id or a URL

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn a_phase_declares_nothing() {
    let script = "scenario(\"a\", || {\n    scenario(\"b\", || { assert true; });\n});";
    assert_snapshot!(run(script).exits(2).story(), @r#"
    exit 2

    ERROR  a.rhai  a  [time]

      a.rhai::a
      usage: `scenario` declares, and a running phase only acts
        --> a.rhai:2:5
         |
       2 |     scenario("b", || { assert true; });
         |     ^^^^^^^^
        hint: call `scenario` at the top level of the file

    1 scenario: 1 errored, 0 assertions, [time]
    "#);
}

#[test]
fn a_module_is_never_run() {
    let project = Project::new().file("lib.rhai", "const LIMIT = 3;\nfn limit() { global::LIMIT }");
    assert_snapshot!(project.run(&["run", "lib.rhai"]).exits(2).whole(), @"
    exit 2
    --- stderr
    error: `lib.rhai` is a module: there is nothing to run in it
      hint: import it from a script, or declare a scenario in it
    ");
}

#[test]
fn a_branch_that_did_not_declare() {
    assert_snapshot!(refused("if env(\"NIGHTLY\", \"\") == \"yes\" {\n    scenario(\"a\", || { assert true; });\n}"), @r#"
    exit 2
    --- stderr
    error: the file declares no scenario, though it calls `scenario` or `phase`
      --> a.rhai:1:1
       |
     1 | if env("NIGHTLY", "") == "yes" {
       | ^^
      hint: was it called in a branch or loop that did not run?
    "#);
}

#[test]
fn an_expired_date_is_a_date() {
    let script = "scenario(\"a\", #{ quarantine: #{ expires: \"soon\", owner: \"ada\" } }, || { assert true; });";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: `expires` of a quarantine is no date: "soon"
      --> a.rhai:1:1
       |
     1 | scenario("a", #{ quarantine: #{ expires: "soon", owner: "ada" } }, || { assert true; });
       | ^^^^^^^^
      hint: write it like "2026-12-31"
    "#);
}

#[test]
fn wrong_options_are_told_together_with_other_slips() {
    let script = "scenario(\"a\", #{ tgas: [\"x\"] }, || {\n    assert undefined_name == 1;\n});";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: unknown variable `undefined_name`
      --> a.rhai:2:12
       |
     2 |     assert undefined_name == 1;
       |            ^^^^^^^^^^^^^^

    error: `scenario` has no option `tgas`
      --> a.rhai:1:1
       |
     1 | scenario("a", #{ tgas: ["x"] }, || {
       | ^^^^^^^^
      hint: did you mean `tags`?

    2 errors
    "#);
}

#[test]
fn everything_that_is_wrong_with_a_module_is_told() {
    let project = Project::script("import \"lib\" as lib;\nassert lib::f() == 1;")
        .file("lib.rhai", "fn f() { htpp.get(\"/\") }\nfn g() { nope }");
    assert_snapshot!(project.run(&["check", "a.rhai"]).whole(), @r#"
    exit 2
    --- stderr
    error: unknown variable `htpp`
      --> lib.rhai:1:10
       |
     1 | fn f() { htpp.get("/") }
       |          ^^^^
      hint: did you mean `http`?

    error: unknown variable `nope`
      --> lib.rhai:2:10
       |
     2 | fn g() { nope }
       |          ^^^^

    2 errors
    "#);
}

#[test]
fn a_scenario_in_which_nothing_counts() {
    let script =
        "scenario(\"a\", [phase(\"p\", #{ ignore_outcome: true }, || { assert false; })]);";
    assert_snapshot!(refused(script), @r#"
    exit 2
    --- stderr
    error: scenario "a" could never fail: each of its phases has `ignore_outcome`
      --> a.rhai:1:1
       |
     1 | scenario("a", [phase("p", #{ ignore_outcome: true }, || { assert false; })]);
       | ^^^^^^^^
      hint: leave it off a phase whose outcome is to count
    "#);
}

#[test]
fn a_slip_in_a_module_is_told_once_however_many_files_import_it() {
    let importer = "import \"shop\" as shop;\nassert shop::stock() == 1;";
    let project = Project::new()
        .file("shop.rhai", "fn stock() { let shared = 1; shared }")
        .file("a.rhai", importer)
        .file("b.rhai", importer);
    let ran = project.run(&["check", "a.rhai", "b.rhai"]).exits(2);
    assert_eq!(
        ran.stderr.matches("--> shop.rhai:1").count(),
        1,
        "{}",
        ran.stderr
    );
}
