//! How things are called. Ids are newtypes, so that no one confuses them; keys locate an attempt within a run.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A name that many hold at a time: clones share its text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Arc<str>);

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.to_string()
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl PartialEq<Name> for &str {
    fn eq(&self, other: &Name) -> bool {
        *self == &*other.0
    }
}

impl PartialEq<String> for Name {
    fn eq(&self, other: &String) -> bool {
        &*self.0 == other.as_str()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run: sorts by the time it began and is short enough to type, such as `20261121-101500-k3f92`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId(pub String);

/// A scenario: `scenarios/login.rhai::login as Ada`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScenarioId(pub Name);

impl ScenarioId {
    /// The id of the scenario `name` of `file` (relative to the project, forward slashes).
    pub fn new(file: &str, name: &str) -> Self {
        Self(format!("{file}::{name}").into())
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
    pub phase: Name,
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
