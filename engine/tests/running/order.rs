//! In which order scenarios run, how many at once, and when no more are started.

use super::{Project, named};
use std::collections::BTreeSet;

fn many() -> Project {
    Project::script("for n in 0..12 { scenario(`number ${n}`, || { assert n >= 0; }); }")
}

fn order(args: &[&str]) -> Vec<String> {
    let all = [&["run", "--json", "-j", "1"], args, &["a.rhai"]].concat();
    named(&many().run(&all).passes(), "try_started", "scenario")
}

#[test]
fn c39_a_shuffle_is_the_same_for_the_same_seed() {
    let declared = order(&[]);
    let first = order(&["--shuffle", "39"]);
    assert_eq!(first, order(&["--shuffle", "39"]));
    assert_ne!(first, declared);
    assert_ne!(first, order(&["--shuffle", "40"]));
    let all: BTreeSet<_> = first.iter().collect();
    assert_eq!(all, declared.iter().collect());
}

#[test]
fn every_closure_of_a_loop_sees_its_own_values() {
    let script = r#"
for user in load_csv("users.csv") {
    let nested = #{ who: #{ name: user.name } };
    scenario(`register ${user.name}`, || {
        let res = http.post("/api/register", #{ form: #{ email: user.email, password: "password", name: nested.who.name } });
        expect(res.status).to_equal(parse_int(user.status));
        if res.ok { expect(res.json).to_match(#{ name: user.name, email: user.email }); }
    });
}
"#;
    let users = "name,email,status\nBob,bob@example.com,201\nCy,cy@example.com,201\nAda,ada@example.com,409\n";
    let ran = Project::script(script)
        .file("users.csv", users)
        .run(&["run", "a.rhai"])
        .passes();
    ran.says("3 scenarios: 3 passed");
}

#[test]
fn after_some_failures_nothing_more_starts() {
    let project =
        Project::script("for n in 0..5 { scenario(`number ${n}`, || { assert n > 9; }); }");
    let two = project
        .run(&["run", "-j", "1", "--max-fail", "2", "a.rhai"])
        .exits(1);
    let two = two.says("5 scenarios: 2 failed, 3 skipped");
    assert_eq!(two.times("not started: stopped after 2 failures"), 4);
    let one = project
        .run(&["run", "-j", "1", "--fail-fast", "a.rhai"])
        .exits(1);
    one.says("5 scenarios: 1 failed, 4 skipped");
}

#[test]
fn c26_scenarios_that_hold_the_same_lock_never_overlap() {
    let script = r#"
for n in 0..4 {
    scenario(`number ${n}`, #{ locks: ["cart"] }, || {
        assert !file_exists(`${run.dir}/taken`) || true;
        let before = http.get("/flaky?key=lock&fail=0").json.attempt;
        sleep("20ms");
        let after = http.get("/flaky?key=lock&fail=0").json.attempt;
        assert after == before + 1;
    });
}
"#;
    Project::script(script)
        .run(&["run", "-j", "4", "a.rhai"])
        .passes();
}

#[test]
fn one_job_runs_one_phase_at_a_time() {
    let script = r#"
for n in 0..3 {
    scenario(`number ${n}`, || {
        let before = http.get("/flaky?key=one&fail=0").json.attempt;
        let after = http.get("/flaky?key=one&fail=0").json.attempt;
        assert after == before + 1;
    });
}
"#;
    Project::script(script)
        .run(&["run", "-j", "1", "a.rhai"])
        .passes();
}

#[test]
fn the_natural_number_of_jobs_is_not_tied_to_cores() {
    // Eight scenarios that wait for each other pass only when they run at the same time.
    let script = r#"
for n in 0..8 {
    scenario(`number ${n}`, || {
        http.get("/flaky?key=meet&fail=0");
        wait_until("30s", || http.get("/admin/stats").json.requests >= 8);
        assert true;
    });
}
"#;
    Project::script(script).run(&["run", "a.rhai"]).passes();
}
