//! On what terms a scenario is run, and how a declaration is read.

use super::declared::{CodeHash, Declared, Phase};
use super::ids::ScenarioId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// What a scenario declares beside its phases: most have nothing of it, and those of a loop the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Terms {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Always written, so that whoever reads a list can go through them.
    pub tags: Vec<String>,
    /// Further tries after a failed one; `None` leaves it to the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// First pause before a retry; it doubles each time.
    #[serde(skip_serializing_if = "Duration::is_zero")]
    pub retry_pause: Duration,
    /// Whether passing only after a failed try or attempt fails it; `None` leaves it to the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flaky_fails: Option<bool>,
    /// Executing time of all phases of a try together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// How many times the whole is done, each time with an empty state, until one fails.
    #[serde(skip_serializing_if = "is_one")]
    pub rounds: u32,
    /// Names of the signals its script waits for; `*` is one that it computes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// Names held while it runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<String>,
    /// How many slots it takes.
    #[serde(skip_serializing_if = "is_one")]
    pub slots: u32,
    /// Other scenarios, by name, that must have passed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Things the machine must have: `browser`, `postgres`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// Why it is not to be run at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
    /// Profiles it is not run in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_in: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Box<Quarantine>>,
    /// All others begin only when it has passed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub precheck: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            description: String::new(),
            tags: Vec::new(),
            retries: None,
            retry_pause: Duration::ZERO,
            flaky_fails: None,
            timeout: None,
            rounds: 1,
            signals: Vec::new(),
            locks: Vec::new(),
            slots: 1,
            needs: Vec::new(),
            requires: Vec::new(),
            skip: None,
            skip_in: Vec::new(),
            quarantine: None,
            precheck: false,
        }
    }
}

/// Runs and is reported, but does not gate, until it expires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Last day, `2026-12-31`.
    pub expires: jiff::civil::Date,
    pub owner: String,
    #[serde(default)]
    pub ticket: String,
}

/// A declaration as it is written, its terms side by side with the rest. Serde would read them through a buffer if they were
/// flattened, and a resume reads many.
#[derive(Deserialize)]
pub(super) struct Written {
    id: ScenarioId,
    line: u32,
    phases: Arc<Vec<Phase>>,
    #[serde(default)]
    hashes: Vec<CodeHash>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    retries: Option<u32>,
    #[serde(default)]
    retry_pause: Duration,
    #[serde(default)]
    flaky_fails: Option<bool>,
    #[serde(default)]
    timeout: Option<Duration>,
    #[serde(default = "one")]
    rounds: u32,
    #[serde(default)]
    signals: Vec<String>,
    #[serde(default)]
    locks: Vec<String>,
    #[serde(default = "one")]
    slots: u32,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    requires: Vec<String>,
    #[serde(default)]
    skip: Option<String>,
    #[serde(default)]
    skip_in: Vec<String>,
    #[serde(default)]
    quarantine: Option<Box<Quarantine>>,
    #[serde(default)]
    precheck: bool,
}

fn one() -> u32 {
    1
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

pub(super) fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl From<Written> for Declared {
    fn from(written: Written) -> Self {
        let terms = Terms {
            description: written.description,
            tags: written.tags,
            retries: written.retries,
            retry_pause: written.retry_pause,
            flaky_fails: written.flaky_fails,
            timeout: written.timeout,
            rounds: written.rounds,
            signals: written.signals,
            locks: written.locks,
            slots: written.slots,
            needs: written.needs,
            requires: written.requires,
            skip: written.skip,
            skip_in: written.skip_in,
            quarantine: written.quarantine,
            precheck: written.precheck,
        };
        Self {
            id: written.id,
            line: written.line,
            phases: written.phases,
            hashes: written.hashes,
            terms: Arc::new(terms),
        }
    }
}
