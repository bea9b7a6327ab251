//! Which attempt it is.

use crate::host::work_dir::WorkDir;
use std::path::PathBuf;

/// Which attempt this is. Shown, and mixed into the seed.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// `file.rhai::name of the scenario`.
    pub scenario: String,
    pub phase: String,
    pub round: u32,
    pub try_number: u32,
    pub attempt: u32,
    /// Seeds the randomness of this attempt.
    pub seed: u64,
    /// Directory of the script; its fixture files are relative to it.
    pub script_dir: PathBuf,
    /// The scenario's own directory, made on first need.
    pub work_dir: WorkDir,
}

impl Identity {
    /// The script the scenario was declared in.
    pub fn file(&self) -> &str {
        match self.scenario.split_once("::") {
            Some((file, _)) => file,
            None => &self.scenario,
        }
    }
}
