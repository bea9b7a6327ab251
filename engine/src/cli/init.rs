//! `scenario init`: the first files of a project. Overwrites nothing.

use super::exit::Exit;
use super::tell::{Done, say};
use scenario_stdlib::host::failure::Failure;
use std::path::{Path, PathBuf};

/// Writes scenario.toml, a first scenario and a line into .gitignore.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the project
    #[arg(default_value = ".")]
    folder: PathBuf,
}

const FILES: &[(&str, &str)] = &[
    ("scenario.toml", include_str!("init/scenario.toml")),
    ("scenarios/first.rhai", include_str!("init/first.rhai")),
];

pub fn main(args: &Args) -> Done {
    for (name, text) in FILES {
        let path = args.folder.join(name);
        if path.exists() {
            say(format_args!("kept     {name}"));
            continue;
        }
        write(&path, text)?;
        say(format_args!("wrote    {name}"));
    }
    let ignore = args.folder.join(".gitignore");
    let mut lines = std::fs::read_to_string(&ignore).unwrap_or_default();
    if !lines
        .lines()
        .any(|line| line.trim().trim_matches('/') == ".scenario")
    {
        if !lines.is_empty() && !lines.ends_with('\n') {
            lines.push('\n');
        }
        lines.push_str("/.scenario/\n");
        write(&ignore, &lines)?;
        say(format_args!("wrote    .gitignore"));
    }
    say(format_args!("\nNow: scenario run"));
    Ok(Exit::Passed)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::fault(format!("cannot write {}: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
