//! Values that come from the run: its id, its seed, what must be unique, what is kept.

use super::{Project, run};
use std::collections::BTreeSet;

fn state(ran: &super::Ran, key: &str) -> Vec<serde_json::Value> {
    ran.events()
        .iter()
        .filter(|event| event["record"] == "state" && event["key"] == key)
        .map(|event| event["value"].clone())
        .collect()
}

#[test]
fn o17_the_id_of_a_run_is_constant_and_what_is_unique_differs() {
    let script = r#"
phase("prepare", |state| { state.run = run.id; state.name = unique("ada"); });
phase("validate", |state| { assert state.run == run.id; state.run_again = run.id; state.name_again = unique("ada"); });
"#;
    let project = Project::script(script);
    let first = project.run(&["run", "--json", "a.rhai"]).passes();
    let second = project.run(&["run", "--json", "a.rhai"]).passes();
    assert_eq!(state(&first, "run"), state(&first, "run_again"));
    assert_ne!(state(&first, "run"), state(&second, "run"));
    let names: BTreeSet<String> = [&first, &second]
        .iter()
        .flat_map(|ran| [state(ran, "name"), state(ran, "name_again")].concat())
        .map(|name| name.to_string())
        .collect();
    assert_eq!(names.len(), 4);
}

#[test]
fn o17_a_random_pick_prints_its_seed_and_the_seed_brings_it_back() {
    let script = "phase(\"pick\", |state| { state.pick = random.int(1..1000000000); });";
    let project = Project::script(script);
    let pick = |args: &[&str]| {
        let ran = project
            .run(&[&["run", "--json"], args, &["a.rhai"]].concat())
            .passes();
        state(&ran, "pick")
    };
    let first = pick(&["--seed", "7"]);
    assert_eq!(first, pick(&["--seed", "7"]));
    assert_ne!(first, pick(&["--seed", "8"]));
    project
        .run(&["run", "--seed", "7", "a.rhai"])
        .says("seed 7");
}

#[test]
fn a9_unique_names_do_not_meet_and_say_when_they_were_made() {
    let script = r#"
let names = parallel(#{ limit: 8 }, (0..8).map(|n| || (0..250).map(|m| unique("ada"))));
let all = #{};
for list in names { for name in list { all[name] = true; } }
assert all.len() == 2000;
let made = from_epoch_ms(parse_int(names[0][0].split("-")[1]));
expect(made).to_be_within("10m");
assert time(now().to_string()) <= now();
assert now() + "1h" > now();
"#;
    run(script).passes();
}

#[test]
fn c31_files_are_collected_on_failure_only_and_always_on_request() {
    let script = |ok: bool| {
        format!(
            "attach_file(\"logs/*.log\", #{{ when: \"failed\" }});\nattach_file(\"trace.txt\", #{{ when: \"always\" }});\nwrite_file(\"logs/app.log\", \"started\");\nwrite_file(\"logs/db.log\", \"ready\");\nwrite_file(\"trace.txt\", \"traced\");\nassert {ok};"
        )
    };
    let attached = |ok: bool| {
        let project = Project::script(&script(ok));
        let ran = project
            .run(&["run", "--json", "a.rhai"])
            .exits(i32::from(!ok));
        let events = ran.events();
        let files = events.iter().filter(|event| event["record"] == "attached");
        let mut found: Vec<(String, String)> = files
            .map(|event| {
                let run = events[0]["run"].as_str().expect("a run");
                let path = event["path"].as_str().expect("a path");
                let text = project.read(&format!(".scenario/runs/{run}/{path}"));
                (event["name"].as_str().unwrap_or_default().to_owned(), text)
            })
            .collect();
        found.sort();
        found
    };
    let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(attached(true), [pair("trace.txt", "traced")]);
    assert_eq!(
        attached(false),
        [
            pair("logs/app.log", "started"),
            pair("logs/db.log", "ready"),
            pair("trace.txt", "traced")
        ]
    );
}

#[test]
fn a10_a_post_goes_out_once_even_where_a_get_is_repeated() {
    let script = r#"
let api = http.client(#{ retry: #{ times: 3, backoff: "1ms" } });
let got = api.get("/flaky?key=get&fail=2");
assert got.status == 200 && got.attempts.len == 3;
let posted = api.post("/flaky?key=post&fail=2");
assert posted.status == 503 && posted.attempts.len == 1;
"#;
    run(script).passes();
}

#[test]
fn a11_two_sessions_side_by_side() {
    let script = r#"
fn login(email, password) {
    let client = http.client(#{});
    let res = client.post("/api/login", #{ form: #{ email: email, password: password } });
    assert res.status == 200;
    client
}
let email = `${unique("bob")}@example.com`;
http.post("/api/register", #{ form: #{ email: email, password: "password", name: "Bob" } });
let ada = login("ada@example.com", "lovelace");
let bob = login(email, "password");
assert ada.get("/api/me").json.email == "ada@example.com";
assert bob.get("/api/me").json.email == email;
bob.post("/api/logout");
assert bob.get("/api/me").status == 401;
assert ada.get("/api/me").status == 200;
"#;
    run(script).passes();
}
