//! `scenario lsp`: scenarios in an editor, over the Language Server Protocol. What is right or wrong comes from
//! `source`, what may be written from `complete`; here both are put into the protocol's words. How a project is opened
//! and where runs are stored is told by whoever starts it.

mod answer;
mod desk;
mod diagnose;
mod documents;
mod frames;
mod lenses;
mod outline;
mod position;
mod server;

use crate::model::Outcome;
use crate::source::Library;
use scenario_stdlib::host::failure::Failure;
use std::path::{Path, PathBuf};

pub use server::serve;

/// An opened project.
pub struct Project {
    pub root: PathBuf,
    pub library: Library,
}

/// What the server cannot do itself.
pub trait Host: Send + Sync + 'static {
    /// The project that the folder is in.
    fn open(&self, folder: &Path) -> Result<Project, String>;

    /// What scenarios came to in the run that ended last; empty if nothing was stored yet.
    fn last(&self) -> Vec<Ran>;
}

/// What a scenario came to.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Relative to the project.
    pub file: String,
    pub name: String,
    pub line: u32,
    pub outcome: Option<Outcome>,
    pub failures: Vec<Failure>,
}
