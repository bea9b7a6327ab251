//! How things are called. Ids are newtypes, so that no one confuses them; keys locate an attempt within a run.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A run: sorts by the time it began and is short enough to type, such as `20261121-101500-k3f92`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub String);

/// A scenario: `scenarios/login.rhai::login as Ada`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScenarioId(pub String);

impl ScenarioId {
    /// The id of the scenario `name` of `file` (relative to the project, forward slashes).
    pub fn new(file: &str, name: &str) -> Self {
        Self(format!("{file}::{name}"))
    }

    /// The script it is declared in.
    pub fn file(&self) -> &str {
        self.0.split_once("::").map_or(&self.0, |(file, _)| file)
    }

    /// Its name within the script.
    pub fn name(&self) -> &str {
        self.0.split_once("::").map_or("", |(_, name)| name)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ScenarioId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One phase of one try of one scenario. Rounds and tries count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PhaseKey {
    pub scenario: ScenarioId,
    pub round: u32,
    #[serde(rename = "try")]
    pub try_number: u32,
    pub phase: String,
}

impl PhaseKey {
    /// Its `attempt`th execution, counted from 1.
    pub fn attempt(&self, attempt: u32) -> AttemptKey {
        AttemptKey {
            phase: self.clone(),
            attempt,
        }
    }
}

/// The phase that every try has at its end: what outlived the phases is ended there. No script may take its name.
pub const CLEAN_UP: &str = "clean-up";

/// One execution of one phase.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AttemptKey {
    #[serde(flatten)]
    pub phase: PhaseKey,
    pub attempt: u32,
}
