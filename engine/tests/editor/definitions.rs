//! `scenario definitions`.

use crate::common::Project;

#[test]
fn definitions_are_written_and_stay_the_same() {
    let project = Project::bare();
    project.run(&["definitions", "types"]).passes();
    let first = project.read("types/scenario.d.rhai");
    assert!(first.starts_with("module static;\n"));
    assert!(
        first.contains("fn scenario(name: String, body: FnPtr) -> ();"),
        "{first}"
    );
    assert!(
        project
            .read("types/std/postgres.d.rhai")
            .starts_with("module postgres;\n")
    );
    project.run(&["definitions", "types"]).passes();
    assert_eq!(first, project.read("types/scenario.d.rhai"));
}
