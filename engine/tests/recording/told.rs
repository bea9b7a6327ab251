//! What a run has to tell beside its outcome: what its scripts found out, and what to do next.

use super::Project;
use super::page::look;

#[test]
fn c32_what_a_script_finds_out_is_part_of_the_result_in_every_report() {
    let script = r#"
scenario("Finds out");
phase("look", |state| { state.version = "4.2-beta"; log("it runs version 4.2-beta"); assert 1 == 1; });
"#;
    let project = Project::script(script);
    project
        .run(&[
            "run",
            "--reporter=html=report.html",
            "--reporter=json=events.jsonl",
            "--reporter=junit=junit.xml",
            "a.rhai",
        ])
        .passes();
    look(&project, "report.html", "s=a.rhai%3A%3AFinds+out&open=all")
        .is_quiet()
        .shows("State handed on")
        .shows("4.2-beta");
    for file in ["events.jsonl", "junit.xml"] {
        let text = project.read(file);
        assert!(text.contains("4.2-beta"), "{file}: {text}");
    }
    project.run(&["show", "-v"]).passes().says("4.2-beta");
}

#[test]
fn p29_a_failure_says_where_it_happened_and_what_to_type_next() {
    let script = r#"
scenario("First", || { assert 1 == 1; });
scenario("Second", || {
    step("round 2", || assert http.get("/health").status == 201);
});
"#;
    let project = Project::script(script);
    let ran = project.run(&["run", "a.rhai"]).exits(1);
    let ran = ran.says("a.rhai:4:31").says("round 2").says("is 200");
    let line = ran
        .stdout
        .lines()
        .find(|line| line.contains("scenario run "));
    let command = line.expect("a command").trim();
    assert_eq!(command, "scenario run a.rhai::Second");
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    project.run(&words).exits(1).says("1 scenario: 1 failed");
}
