//! `write_file`, `read_file`, `file_exists`, `list_files`, `work_dir`, `temp_dir`: files of the scenario's own.
//! Fixture files that tests bring along are read with the `load_…` functions, which work at load too.

pub(crate) mod body;
mod error;
mod face;
mod place;
#[cfg(test)]
mod tests;

use self::error::FileError;
use crate::Primitive;
use std::path::{Path, PathBuf};

/// The row of this folder.
pub const PRIMITIVE: Primitive = Primitive {
    name: "files",
    guide: include_str!("files.md"),
    register: |module| rhai::plugin::combine_with_exported_module!(module, "files", face::files),
    globals: &[],
    syntax: None,
};

/// `path` below `root`, or why it may not be there: for primitives that write files of their own.
pub(crate) fn below(root: &Path, path: &str) -> Result<PathBuf, String> {
    place::below(root, path).map_err(|error| match error {
        FileError::Outside { why, .. } => why,
        other => other.to_string(),
    })
}
