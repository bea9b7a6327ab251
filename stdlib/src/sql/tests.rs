mod mysql;
mod postgres;
mod sqlite;

use crate::host::fake::{Fake, Ran};
use std::path::Path;

/// Files beside the script.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

/// Runs a script in `folder`, with the address of a database as `url`.
fn run_in(folder: &Path, url: &str, script: &str) -> Ran {
    Fake::new()
        .world(|world| {
            world.project = folder.into();
            world.run_dir = folder.join("work");
        })
        .run(&format!("let url = \"{url}\"; {script}"))
}
