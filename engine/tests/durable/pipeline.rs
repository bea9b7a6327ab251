//! The pipeline of the guide, as it stands there.

use super::{EXPORT, project};
use std::path::Path;
use std::process::Command;

#[test]
fn o2_the_two_jobs_of_the_guide() {
    let (project, _demo) = project(EXPORT);
    let settings = project.read("scenario.toml");
    project.write(
        "scenario.toml",
        format!("scripts = [\"*.rhai\"]\n{settings}"),
    );
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/samples/two_jobs.sh");
    let guide = guide.canonicalize().expect("it is in the book");
    // The script calls the program by its name.
    let programs = project.path("bin");
    std::fs::create_dir(&programs).expect("a directory");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_scenario"), programs.join("scenario"))
        .expect("a link");
    let path = std::env::var("PATH").unwrap_or_default();
    let project = project.env("PATH", &format!("{}:{path}", programs.display()));
    let job = |name: &str| {
        let mut command = Command::new("sh");
        command.arg(&guide).arg(name);
        project.spawn(command).end()
    };
    job("prepare")
        .exits(0)
        .says("1 parked")
        .says("not done yet: come back later");
    job("validate")
        .exits(0)
        .says("1 passed")
        .says("all is well");
    job("validate").exits(4).says("red: exit code 4");
}
