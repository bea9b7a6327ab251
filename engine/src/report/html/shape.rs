//! The data of the page as the page reads it. Times are microseconds since the run began.

use crate::model::declared::Declared;
use crate::model::outcome::{Cause, Outcome, PhaseState};
use scenario_stdlib::host::details::Details;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{Level, ServiceNews, StepId, StepOutcome};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Everything about one scenario.
#[derive(Serialize)]
pub struct Detail<'a> {
    pub declared: &'a Declared,
    pub took: u64,
    pub assertions: u64,
    pub reason: &'a str,
    pub tries: Vec<Try<'a>>,
    /// file -> line -> its text.
    pub sources: BTreeMap<&'a str, BTreeMap<u32, String>>,
    /// Files that were changed after the run began.
    pub edited: Vec<&'a str>,
    /// By path.
    pub files: BTreeMap<Cow<'a, str>, File>,
    /// What services wrote, by the path of the attachment it was kept in.
    pub lines: BTreeMap<&'a str, Log>,
    /// `round.try` -> trace id.
    pub traces: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub struct Try<'a> {
    pub round: u32,
    pub number: u32,
    pub at: i64,
    pub outcome: Option<Outcome>,
    pub took: u64,
    pub phases: Vec<Phase<'a>>,
    pub services: Vec<Service<'a>>,
}

#[derive(Serialize)]
pub struct Phase<'a> {
    pub name: &'a str,
    pub state: PhaseState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'a Cause>,
    pub changes: Vec<(i64, PhaseState)>,
    pub observed: Vec<Seen<'a>>,
    pub failures: &'a [Failure],
    pub attempts: Vec<Attempt<'a>>,
}

#[derive(Serialize)]
pub struct Seen<'a> {
    pub at: i64,
    pub seen: &'a str,
    pub polls: u64,
}

#[derive(Serialize)]
pub struct Attempt<'a> {
    pub number: u32,
    pub seed: u64,
    pub at: i64,
    pub state: Option<PhaseState>,
    pub took: u64,
    pub failures: &'a [Failure],
    pub steps: Vec<Step<'a>>,
    pub logs: Vec<Line<'a>>,
    pub attachments: Vec<Attachment<'a>>,
    pub writes: &'a [(String, Option<Value>)],
}

#[derive(Serialize)]
pub struct Step<'a> {
    pub id: StepId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<StepId>,
    pub kind: &'a str,
    pub title: &'a str,
    pub site: &'a str,
    pub at: i64,
    pub outcome: Option<StepOutcome>,
    pub took: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'a Details>,
    pub observed: Vec<Seen<'a>>,
}

#[derive(Serialize)]
pub struct Line<'a> {
    pub at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    pub level: Level,
    pub text: &'a str,
}

#[derive(Serialize)]
pub struct Attachment<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepId>,
    pub name: &'a str,
    pub path: &'a str,
    pub media_type: &'a str,
    pub bytes: u64,
}

#[derive(Serialize)]
pub struct Service<'a> {
    pub name: &'a str,
    pub phase: &'a str,
    pub news: Vec<News<'a>>,
}

#[derive(Serialize)]
pub struct News<'a> {
    pub at: i64,
    pub what: ServiceNews,
    #[serde(skip_serializing_if = "Details::is_empty")]
    pub data: &'a Details,
}

/// Where the bytes of an attachment are.
#[derive(Clone, Debug, Default, Serialize)]
pub struct File {
    /// In the page, in this part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk: Option<usize>,
    /// Beside the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// As what it may be shown: a picture, or text.
    pub shown: &'static str,
}

/// What a service wrote, line by line: time, whether to standard error, text.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Log {
    pub service: String,
    pub round: u32,
    pub number: u32,
    pub lines: Vec<(i64, u8, String)>,
    /// Only its end is kept.
    pub cut: bool,
}
