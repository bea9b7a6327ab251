//! Which scenarios run: tags, names, places, shards, what failed last. What is left out is always told.

use super::{Project, Ran, named};
use insta::assert_snapshot;

fn shop() -> Project {
    let mut script = String::new();
    for (name, tags) in [
        ("prepare one", "\"preparation\", \"tier1\""),
        ("prepare two", "\"preparation\", \"tier3\""),
        ("prepare three", "\"preparation\", \"slow\", \"tier2\""),
        ("check one", "\"validation\", \"tier1\""),
        ("check two", ""),
    ] {
        script.push_str(&format!("scenario(\"{name}\", #{{ tags: [{tags}] }}, || {{ assert http.get(\"/health\").ok; }});\n"));
    }
    Project::script(&script)
}

/// The names of those that ran, in the order in which they began.
fn ran(ran: &Ran) -> Vec<String> {
    let names = named(ran, "try_started", "scenario");
    names
        .iter()
        .map(|id| id.split("::").last().unwrap_or_default().to_owned())
        .collect()
}

fn chosen(args: &[&str]) -> Vec<String> {
    let all = [&["run", "--json", "-j", "1"], args, &["a.rhai"]].concat();
    ran(&shop().run(&all))
}

#[test]
fn o1_tags_run_exactly_those_and_name_the_rest() {
    let shown = shop()
        .run(&["run", "-j", "1", "--tags", "preparation", "a.rhai"])
        .passes();
    assert_snapshot!(shown.story(), @r"
    exit 0

    PASS   a.rhai  prepare one  [time]
    PASS   a.rhai  prepare three  [time]
    PASS   a.rhai  prepare two  [time]

    not selected  1 × it has no tags, and `preparation` was asked for
                  1 × its tags [validation, tier1] do not match `preparation`

    tier1: 1 passed
    tier2: 1 passed
    tier3: 1 passed

    3 scenarios: 3 passed, 3 assertions, [time]
    ");
    assert_eq!(
        chosen(&["-g", "validation,slow"]),
        ["check one", "prepare three"]
    );
}

#[test]
fn a16_tag_expressions() {
    assert_eq!(
        chosen(&["--tags", "preparation and not slow"]),
        ["prepare one", "prepare two"]
    );
    assert_eq!(
        chosen(&["--tags", "slow or (tier1 and validation)"]),
        ["check one", "prepare three"]
    );
    assert_eq!(
        chosen(&["--tags", "not preparation"]),
        ["check one", "check two"]
    );
}

#[test]
fn a17_tiers_run_in_their_order_and_the_header_says_against_what() {
    assert_eq!(
        chosen(&[]),
        [
            "prepare one",
            "check one",
            "prepare three",
            "prepare two",
            "check two"
        ]
    );
    let shown = shop()
        .run(&["run", "--seed", "7", "-j", "2", "a.rhai"])
        .passes();
    let shown = shown.says("base URL http://127.0.0.1:");
    shown.says("seed 7, 2 jobs");
}

#[test]
fn a19_a_tier_stops_at_the_first_failure_and_totals_stand_by_tier() {
    let project = Project::script(
        "scenario(\"timer\", #{ tags: [\"tier1\"] }, || { assert false; });\n\
         scenario(\"timer again\", #{ tags: [\"tier1\"] }, || { assert true; });\n\
         scenario(\"other\", #{ tags: [\"tier1\"] }, || { assert true; });\n\
         scenario(\"later\", #{ tags: [\"tier2\"] }, || { assert true; });",
    );
    let tier = project.run(&[
        "run",
        "--tags",
        "tier1",
        "--fail-fast",
        "-k",
        "timer",
        "-j",
        "1",
        "a.rhai",
    ]);
    assert_snapshot!(tier.exits(1).story(), @r#"
    exit 1

    FAIL   a.rhai  timer  [time]

      a.rhai::timer
      failure: assertion failed: `false`
        --> a.rhai:1:53
         |
       1 | scenario("timer", #{ tags: ["tier1"] }, || { assert false; });
         |                                                     ^^^^^ is false

    SKIP   a.rhai  timer again           not started: stopped after 1 failure

    ────────────────────────────────────────────────────────────────────────────────
    FAIL   timer
           assertion failed: `false`: is false
           a.rhai:1:53
           scenario run a.rhai::timer

    skipped       1 × not started: stopped after 1 failure
    not selected  1 × its name does not match `timer`
                  1 × its tags [tier2] do not match `tier1`

    tier1: 1 failed, 1 skipped

    2 scenarios: 1 failed, 1 skipped, 1 assertion, [time]
    "#);
    let all = project
        .run(&["run", "a.rhai"])
        .exits(1)
        .says("tier1: 2 passed, 1 failed");
    all.says("tier2: 1 passed");
}

#[test]
fn o13_names_are_found_by_text_or_pattern() {
    assert_eq!(chosen(&["-k", "check"]), ["check one", "check two"]);
    assert_eq!(
        chosen(&["-k", "/(prepare|check) one$/"]),
        ["prepare one", "check one"]
    );
}

#[test]
fn a_scenario_is_found_by_its_line_or_name() {
    let project = shop();
    assert_eq!(
        ran(&project.run(&["run", "--json", "a.rhai:2"])),
        ["prepare two"]
    );
    assert_eq!(
        ran(&project.run(&["run", "--json", "a.rhai::check two"])),
        ["check two"]
    );
}

#[test]
fn shards_share_everything_and_run_nothing_twice() {
    let project = shop();
    let mut all: Vec<String> = ["1/2", "2/2"]
        .iter()
        .flat_map(|shard| {
            ran(&project
                .run(&["run", "--json", "--shard", shard, "a.rhai"])
                .passes())
        })
        .collect();
    all.sort();
    assert_eq!(
        all,
        [
            "check one",
            "check two",
            "prepare one",
            "prepare three",
            "prepare two"
        ]
    );
}

#[test]
fn what_failed_last_runs_again() {
    let project = Project::script(
        "scenario(\"good\", || { assert true; });\nscenario(\"bad\", || { assert env(\"FIXED\", \"\") == \"yes\"; });",
    );
    project.run(&["run", "a.rhai"]).exits(1);
    let again = project
        .run(&[
            "run",
            "--json",
            "--last-failed",
            "--env",
            "FIXED=yes",
            "a.rhai",
        ])
        .passes();
    assert_eq!(ran(&again), ["bad"]);
    project.run(&["run", "--last-failed", "a.rhai"]).exits(4);
}

#[test]
fn a_list_shows_what_a_run_would_choose() {
    assert_snapshot!(shop().run(&["list", "--tags", "slow,validation", "a.rhai"]).whole(), @r"
    exit 0
    --- stdout
    a.rhai:4  check one  [validation, tier1]
    a.rhai:3  prepare three  [preparation, slow, tier2]
    --- stderr

    not selected:
      a.rhai::prepare one  (its tags [preparation, tier1] do not match `slow,validation`)
      a.rhai::prepare two  (its tags [preparation, tier3] do not match `slow,validation`)
      a.rhai::check two  (it has no tags, and `slow,validation` was asked for)
    ");
}

#[test]
fn a_plan_shows_the_order_and_what_waits_for_what() {
    let script = r#"
scenario("An export");
phase("prepare", || { assert true; });
phase("validate", #{ ready: || true, within: "10m" }, || { assert true; });
phase("tidy", #{ always: true }, || { assert true; });
"#;
    let project = Project::script(script);
    assert_snapshot!(project.run(&["plan", "a.rhai"]).whole(), @r"
    exit 0
    --- stdout
       1  a.rhai::An export
            prepare
            validate  (after prepare; when ready within 10m 00s)
            tidy  (always)

    1 scenario, 8 at a time, seed [seed]
    ");
}

#[test]
fn o12_environment_variables_and_flags_reach_the_script_and_the_report() {
    let script = "assert vars.rows == 20 && vars.name == \"ada\";\nassert env(\"GREETING\") == \"hello\";\nassert run.profile == \"staging\";";
    let project = Project::script(script).file(
        "scenario.toml",
        "base_url = \"demo:\"\n[profile.staging]\nvars = { name = \"ada\" }\n",
    );
    let ran = project
        .run(&[
            "run",
            "-p",
            "staging",
            "--var",
            "rows=20",
            "--env",
            "GREETING=hello",
            "--json",
            "a.rhai",
        ])
        .passes();
    let started = &ran.events()[0];
    assert_eq!(started["profile"], "staging");
    assert_eq!(
        started["vars"],
        serde_json::json!({ "name": "ada", "rows": 20 })
    );
}

#[test]
fn o20_the_command_below_a_failure_runs_exactly_that_scenario() {
    let script = r#"for user in ["Ada", "it's \"me\" $HOME", "Ada L"] {
    scenario(`login as ${user}`, |state| { assert user == "Ada L"; });
}"#;
    let project = Project::script(script);
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    let again: Vec<&str> = ran
        .stdout
        .lines()
        .filter_map(|line| line.trim().strip_prefix("scenario run "))
        .collect();
    assert_eq!(again.len(), 2, "{}", ran.stdout);
    for (rest, name) in again
        .iter()
        .zip(["login as Ada", "login as it's \"me\" $HOME"])
    {
        let mut shell = std::process::Command::new("sh");
        let line = format!("exec \"$0\" run {rest}");
        shell.args(["-c", &line, env!("CARGO_BIN_EXE_scenario")]);
        let one = project.spawn(shell).end().exits(1);
        let one = one.says("1 of 3 scenarios").says("1 scenario: 1 failed");
        one.says(&format!("FAIL   a.rhai  {name} "));
    }
}

fn behind_a_precheck(check: &str) -> Project {
    let mut script = String::from("scenario(\"order\", || { assert 1 == 1; });\n");
    script.push_str(&format!(
        "scenario(\"the shop is there\", #{{ precheck: true {check} }});\nphase(\"look\", |state| {{ state.there = true; assert http.get(\"/status/404\").ok; }});\n"
    ));
    let other = "scenario(\"pay\", #{ tags: [\"smoke\"] }, |state| { assert state.there; });";
    Project::script(&script).file("b.rhai", other)
}

#[test]
fn a15_a_precheck_that_fails_stops_everything_with_one_error_and_a_code_of_its_own() {
    let shown = behind_a_precheck("")
        .run(&["run", "a.rhai", "b.rhai"])
        .exits(5);
    assert_eq!(shown.times("failure:"), 1, "{}", shown.stdout);
    shown
        .says("the precheck \"the shop is there\" did not pass")
        .says("3 scenarios: 1 failed, 2 skipped");
    // Also when something else was asked for, and in every part.
    for args in [["--tags", "smoke"], ["--shard", "1/2"], ["--shard", "2/2"]] {
        let project = behind_a_precheck("");
        let all = [&["run", "--json"], &args[..], &["a.rhai", "b.rhai"]].concat();
        let shown = project.run(&all).exits(5);
        assert_eq!(ran(&shown), ["the shop is there"], "{args:?}");
    }
}

#[test]
fn a15_behind_a_precheck_that_passes_or_is_left_out_all_goes_on() {
    let project = behind_a_precheck("");
    let script = std::fs::read_to_string(project.path("a.rhai")).expect("the script");
    project.write("a.rhai", script.replace("/status/404", "/health"));
    let shown = project.run(&["run", "--json", "a.rhai", "b.rhai"]).passes();
    assert_eq!(ran(&shown)[0], "the shop is there");
    assert_eq!(ran(&shown).len(), 3);
    let shown = behind_a_precheck(", skip: \"not today\"")
        .run(&["run", "--json", "a.rhai::order"])
        .passes();
    assert_eq!(ran(&shown), ["order"]);
}

#[test]
fn what_is_pending_needs_a_name_and_a_reason_and_no_body() {
    let script = r#"
        for wanted in ["roles", "quotas"] { scenario(`T3 ${wanted}`, #{ skip: `waits for ${wanted}` }); }
        scenario("is there", || { assert 1 == 1; });
    "#;
    let shown = Project::script(script).run(&["run", "a.rhai"]).passes();
    shown
        .says("waits for roles")
        .says("waits for quotas")
        .says("3 scenarios: 1 passed, 2 skipped");
}
