//! The program run in this repository, on what stands in it.

use super::{Project, Ran};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the whole repository.
pub fn repository() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().expect("it is there")
}

/// Runs the program in the repository; what it writes down goes to `aside`.
pub fn run(aside: &Project, args: &[&str]) -> Ran {
    // Servers that refuse to be root's run as somebody else, who must come to their files.
    let passable = std::fs::Permissions::from_mode(0o711);
    std::fs::set_permissions(aside.path(""), passable).expect("set");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(env!("CARGO_BIN_EXE_scenario"));
    command
        .current_dir(repository())
        .env("PATH", format!("target/servers/bin:{path}"))
        .args(args)
        .args(["--color", "never", "--store"])
        .arg(aside.path("store"));
    Ran::of(command.output().expect("it runs"), &repository())
}
