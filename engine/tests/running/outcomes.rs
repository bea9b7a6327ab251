//! What became of a scenario, and what the caller is told: failures, errors and usage are kept apart.

use super::{Project, run};
use insta::assert_snapshot;

const PASSES: &str = "scenario(\"passes\", || { assert true; });\n";
const FAILS: &str = "scenario(\"fails\", || { assert http.get(\"/status/500\").ok; });\n";
const ERRS: &str = "scenario(\"errs\", #{ timeout: \"100ms\" }, || { sleep(\"60s\"); });\n";
const MISUSES: &str = "scenario(\"misuses\", || { assert \"1\" == 1; });\n";

#[test]
fn c10_the_product_the_machine_and_the_script_have_an_exit_code_each() {
    for (parts, code) in [
        (&[PASSES][..], 0),
        (&[PASSES, FAILS], 1),
        (&[PASSES, ERRS], 3),
        (&[PASSES, FAILS, ERRS], 3),
        (&[PASSES, FAILS, ERRS, MISUSES], 2),
    ] {
        run(&parts.concat()).exits(code);
    }
}

#[test]
fn c10_each_is_told_by_its_own_word() {
    let ran = Project::script(&[PASSES, FAILS, ERRS, MISUSES].concat())
        .run(&["run", "-j", "1", "a.rhai"]);
    assert_snapshot!(ran.story(), @"");
}

#[test]
fn o21_what_went_wrong_on_our_side_is_errored_and_never_failed() {
    let ran = Project::script(ERRS)
        .run(&["run", "--json", "a.rhai"])
        .exits(3);
    let ended: Vec<_> = ran
        .events()
        .into_iter()
        .filter(|e| e["event"] == "scenario_ended")
        .collect();
    assert_eq!(ended[0]["outcome"], "errored");
    let project = Project::script(ERRS);
    project
        .run(&["run", "--reporter", "junit=j.xml", "a.rhai"])
        .exits(3);
    let junit = project.read("j.xml");
    assert!(junit.contains("failures=\"0\" errors=\"1\""), "{junit}");
}

#[test]
fn nothing_to_run_is_never_green() {
    Project::new().run(&["run"]).exits(4);
    Project::script(PASSES)
        .run(&["run", "-k", "nothing like it", "a.rhai"])
        .exits(4);
}

#[test]
fn a_script_may_fail_in_its_own_words() {
    let script = "let state = http.get(\"/health\").json.status;\nif state != \"down\" { fail(`the service is ${state}`) }";
    assert_snapshot!(run(script).exits(1).story(), @"");
}

#[test]
fn soft_claims_are_all_told() {
    let script = "let me = http.get(\"/api/me\");\nverify me.status == 200;\nverify me.json.get(\"email\") == \"ada@example.com\", \"signed in as ada\";\nlog(\"went on\");";
    assert_snapshot!(run(script).exits(1).story(), @"");
}

#[test]
fn a20_a_failure_explains_itself() {
    let script = r##"
scenario("Order a rug");
phase("order", |state| {
    state.user = "ada";
    step("put it into the cart", || {
        let res = http.post("/api/items", #{ json: #{ sku: "RUG-1", name: "Rug", price: "cheap" } });
        log(`asked for ${res.json.error}`);
        attach("answer.json", res.json);
        expect(res.json).to_match(#{ sku: "RUG-1", price: "#number" });
    });
});
"##;
    assert_snapshot!(run(script).exits(1).story(), @"");
}
