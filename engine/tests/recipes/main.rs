//! The recipes of `stdlib/rhai`, each with its real server under the real program. What they start is put there by .ci/install;
//! without it these tests fail, they are never left out.

#[path = "../common/mod.rs"]
mod common;

mod examples;
mod servers;
mod trouble;

use common::{Project, repository};

/// An empty project that finds all servers.
fn project() -> Project {
    let installed = repository().join("target/servers/bin");
    assert!(
        installed.join("weed").exists(),
        "{} is not there: run .ci/install",
        installed.display()
    );
    let path = std::env::var("PATH").unwrap_or_default();
    Project::bare().env("PATH", &format!("{}:{path}", installed.display()))
}

/// A project with one script, whose body is a scenario that imports what it uses.
fn script(imports: &str, body: &str) -> Project {
    let imports: String = imports
        .split_whitespace()
        .map(|name| format!("import \"std/{name}\" as {name}_server;\n"))
        .collect();
    project().file(
        "a.rhai",
        format!("{imports}\nscenario(\"it\", || {{\n{body}\n}});\n"),
    )
}
