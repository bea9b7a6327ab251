use super::{logged, project};

const SCRIPT: &str = r#"
fn amount() { 7 }
scenario("Order", [
    phase("prepare", |state| { state.amount = amount(); }),
    phase("validate", #{ ready: || env("OPEN", "") == "yes", every: "20ms" }, |state| { assert state.amount == 7; }),
]);
"#;

#[test]
fn p19_a_passed_phase_that_was_edited_is_refused_with_what_was_edited() {
    let (project, _demo) = project(SCRIPT);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    // A function that the phase reaches counts as its code.
    project.write("a.rhai", SCRIPT.replace("{ 7 }", "{ 8 }"));
    let refused = project.run(&["resume", "--env", "OPEN=yes"]).exits(2);
    let refused = refused.says(
        "scenario \"Order\" has passed phases whose code is another by now: \"prepare\" was edited",
    );
    let refused = refused
        .says("-fn amount() { 7 }")
        .says("+fn amount() { 8 }");
    refused.says("--accept-edits goes on all the same, --restart begins the scenario again");
    project
        .run(&["resume", "--accept-edits", "--env", "OPEN=yes"])
        .passes();
}

#[test]
fn what_has_not_run_yet_may_be_edited_and_comments_never_count() {
    let (project, _demo) = project(SCRIPT);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    let edited = SCRIPT
        .replace(
            "assert state.amount == 7;",
            "log(\"new\"); assert state.amount > 0;",
        )
        .replace("fn amount() { 7 }", "// seven\nfn amount() {\n    7\n}");
    project.write("a.rhai", edited);
    let ran = project
        .run(&["resume", "--env", "OPEN=yes", "--json"])
        .passes();
    assert_eq!(logged(&ran), ["new"]);
}

#[test]
fn a_module_counts_as_a_whole() {
    let script = SCRIPT
        .replace(
            "fn amount() { 7 }",
            "import \"shop\" as shop;\nfn amount() { 7 }",
        )
        .replace("amount();", "shop::amount();");
    let (project, _demo) = project(&script);
    project.write("shop.rhai", "fn amount() { 7 }");
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    project.write("shop.rhai", "fn amount() { 7 } fn other() { 1 }");
    project
        .run(&["resume"])
        .exits(2)
        .says("\"prepare\" was edited");
}

#[test]
fn a_deleted_script_or_scenario_is_named() {
    let (project, _demo) = project(SCRIPT);
    project
        .run(&["run", "--phase", "prepare", "a.rhai"])
        .exits(75);
    project.write("a.rhai", SCRIPT.replace("\"Order\"", "\"Orders\""));
    let ran = project.run(&["resume"]).exits(2);
    ran.says("a.rhai no longer declares the scenario \"Order\"")
        .says("did you mean `Orders`?");
    std::fs::remove_file(project.path("a.rhai")).expect("removed");
    project
        .run(&["resume"])
        .exits(2)
        .says("a.rhai is gone, and scenarios of this run are declared in it");
}
