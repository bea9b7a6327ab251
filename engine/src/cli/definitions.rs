//! `scenario definitions`: what a script can say, as `.d.rhai` files for tools that read them.

use super::exit::Exit;
use super::tell::{Done, say};
use crate::complete;
use scenario_stdlib::catalog;
use scenario_stdlib::host::failure::Failure;
use std::path::PathBuf;

/// Writes the signatures and documentation of everything a script can say as .d.rhai files.
#[derive(clap::Args)]
pub struct Args {
    /// Folder to write into
    #[arg(default_value = "definitions")]
    folder: PathBuf,
}

pub fn main(args: &Args) -> Done {
    for (name, text) in catalog::definitions(complete::book(), scenario_stdlib::MODULES) {
        let path = args.folder.join(name);
        let failed = |error: std::io::Error| {
            Failure::fault(format!("cannot write {}: {error}", path.display()))
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&path, text).map_err(failed)?;
        say(format_args!("wrote    {}", path.display()));
    }
    Ok(Exit::Passed)
}
