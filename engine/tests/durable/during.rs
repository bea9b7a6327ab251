use super::project;

fn script(check: &str, options: &str) -> String {
    format!(
        r#"
        scenario("Export while the page stays up", [
            phase("export", |state| {{
                let id = http.post("/tasks", #{{ json: #{{ kind: "export", seconds: 0.6 }} }}).json.id;
                wait_until(#{{ every: "20ms" }}, || http.get(`/tasks/${{id}}`).json.state == "SUCCESS");
            }}),
            phase("page stays up", #{{ during: "export", every: "30ms"{options} }}, || {check}),
            phase("after", || {{ assert true; }}),
        ]);
        "#
    )
}

#[test]
fn what_holds_during_another_phase_passes_with_it() {
    let (project, _demo) = project(&script("http.get(\"/health\").status == 200", ""));
    let ran = project.run(&["run", "a.rhai"]).passes().says("1 passed");
    assert!(
        regex::Regex::new(r"page stays up +\d+ms  held\n")
            .expect("a pattern")
            .is_match(&ran.stdout),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_does_not_hold_is_told_as_gaps() {
    let (project, _demo) = project(&script("http.get(\"/no-such-page\").status == 200", ""));
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    let ran = ran.says(
        "phase \"page stays up\" did not hold during \"export\": broken once, the longest for ",
    );
    ran.says("polls:").says("max_gap");
}

#[test]
fn gaps_may_be_as_long_as_is_said() {
    let (project, _demo) = project(&script(
        "http.get(\"/no-such-page\").status == 200",
        ", max_gap: \"1m\"",
    ));
    let ran = project.run(&["run", "a.rhai"]).passes();
    ran.says("held, but for ").says("no-such-page");
}

#[test]
fn a_slip_in_what_has_to_hold_ends_it_at_once() {
    let (project, _demo) = project(&script("http.get(\"/health\").statis == 200", ""));
    project.run(&["run", "a.rhai"]).exits(2).says("statis");
}

#[test]
fn options_that_make_no_sense_together_are_refused() {
    let (project, _demo) = project(&script("true", ", retries: 2"));
    project
        .run(&["run", "a.rhai"])
        .exits(2)
        .says("option `retries` of `phase` has no meaning with `during`");
    project.write(
        "a.rhai",
        script("true", "").replace("during: \"export\"", "during: \"exprot\""),
    );
    project
        .run(&["run", "a.rhai"])
        .exits(2)
        .says("did you mean `export`?");
}
