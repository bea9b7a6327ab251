use crate::host::fake::{Fake, starts};

#[test]
fn a9_the_prefix_milliseconds_and_eight_hex_digits() {
    let ran = Fake::new()
        .run("state.u = unique(\"trial\"); state.bare = unique(\"\"); state.id = uuid();");
    ran.passes();
    let form = regex::Regex::new("^trial-[0-9]{13}-[0-9a-f]{8}$").unwrap();
    assert!(
        form.is_match(ran.state["u"].as_str().unwrap()),
        "{:?}",
        ran.state
    );
    let form = regex::Regex::new("^[0-9]{13}-[0-9a-f]{8}$").unwrap();
    assert!(
        form.is_match(ran.state["bare"].as_str().unwrap()),
        "{:?}",
        ran.state
    );
    assert!(uuid::Uuid::parse_str(ran.state["id"].as_str().unwrap()).is_ok());
}

#[test]
fn o17_two_runs_with_the_same_seed_differ() {
    let once = || Fake::new().run("state.u = [unique(\"t\"), uuid()];").state["u"].clone();
    assert_ne!(once(), once());
}

#[test]
fn a9_parallel_branches_never_get_the_same() {
    Fake::new()
        .run(
            "let hundred = []; hundred.pad(100, 0); let inner = hundred;
             let lists = parallel(#{ limit: 50 }, hundred.map(|item| || inner.map(|item| unique(\"t\"))));
             let seen = #{}; for list in lists { for name in list { seen[name] = true; } }
             assert seen.len() == 10000;",
        )
        .passes();
}

#[test]
fn both_are_refused_while_a_file_is_loaded() {
    let text = Fake::new().load("unique(\"a\")").unwrap_err();
    assert_eq!(
        text,
        "`unique` gives another value in every process, and loading a file is done in each\n  --> test.rhai:1:1\n   |\n 1 | \
         unique(\"a\")\n   | ^^^^^^\n  hint: call it in a phase and put the value on `state`; `run.id` is constant"
    );
    starts(
        &Fake::new().load("uuid()").unwrap_err(),
        "`uuid` gives another value",
    );
}
