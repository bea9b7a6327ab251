//! What the list of scenarios and the first page need: a row a scenario, short, so that ten thousand open at once.

use crate::model::view::{ScenarioView, View};
use crate::model::{Outcome, ScenarioId};
use crate::report::setback::{Setback, decisive};
use crate::report::verdict::{Verdict, reason};
use crate::report::{Former, Options};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Longest text in a row.
const TEXT: usize = 240;

const QUARANTINED: u8 = 1;
const VACUOUS: u8 = 2;

/// The verdicts as the page numbers them: what somebody has to look at comes first.
fn number(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Failed => 0,
        Verdict::Errored => 1,
        Verdict::Interrupted => 2,
        Verdict::CutOff => 3,
        Verdict::Flaky => 4,
        Verdict::Running => 5,
        Verdict::Parked => 6,
        Verdict::NotRun | Verdict::Queued => 7,
        Verdict::Skipped => 8,
        Verdict::Passed => 9,
    }
}

/// The data of the first page.
pub struct Overview(Value);

impl Overview {
    /// Of the run so far.
    pub fn of(
        view: &View,
        options: &Options,
        parts: &HashMap<ScenarioId, Vec<(usize, usize)>>,
        past: &HashMap<ScenarioId, Vec<Former>>,
    ) -> Self {
        let mut files = Names::default();
        let mut tags = Names::default();
        let rows: Vec<Value> = view
            .scenarios
            .iter()
            .map(|scenario| {
                let id = &scenario.declared.id;
                let parts = parts.get(id).map(Vec::as_slice).unwrap_or_default();
                let past = past.get(id).map(Vec::as_slice).unwrap_or_default();
                row(scenario, view, &mut files, &mut tags, parts, past)
            })
            .collect();
        let not_selected: Vec<Value> = view
            .not_selected
            .iter()
            .map(|(id, reason)| json!([short(&id.0), short(reason)]))
            .collect();
        Self(json!({
            "version": 1,
            "seq": 0,
            "live": false,
            "run": run(view, options),
            "warnings": view.warnings.iter().map(|text| cut(text, 4000)).collect::<Vec<_>>(),
            "not_selected": not_selected,
            "files": files.list,
            "tags": tags.list,
            "rows": rows,
            "shared": [],
        }))
    }

    /// With where the logs of services are that scenarios of a file, or all, shared.
    pub fn sharing(mut self, logs: impl Serialize) -> Self {
        self.0["shared"] = json!(logs);
        self
    }

    /// For a page that looks on, up to event `seq`.
    pub fn live(mut self, seq: u64) -> Self {
        self.0["seq"] = seq.into();
        self.0["live"] = true.into();
        self
    }

    pub fn json(&self) -> String {
        self.0.to_string()
    }
}

fn run(view: &View, options: &Options) -> Value {
    let life = match view.ended {
        Some(_) => "ended",
        None if view.is_live => "running",
        None => "killed",
    };
    let now = match (view.started, view.now) {
        (Some(began), Some(now)) => now.as_microsecond() - began.as_microsecond(),
        _ => 0,
    };
    let run = view.run.as_ref();
    json!({
        "id": run.map_or("", |run| run.run.0.as_str()),
        "program": run.map_or("", |run| run.program.as_str()),
        "args": run.map(|run| run.args.clone()).unwrap_or_default(),
        "profile": run.map_or("default", |run| run.profile.as_str()),
        "base_url": run.and_then(|run| run.base_url.clone()),
        "vars": run.map(|run| run.vars.clone()).unwrap_or_default(),
        "seed": run.map_or(0, |run| run.seed),
        "jobs": run.map_or(0, |run| run.jobs),
        "host": run.map_or("", |run| run.host.as_str()),
        "started": view.started.map(|at| at.as_millisecond()),
        "now": now,
        "took": view.ended.map_or(now as u64, |ended| ended.took.as_micros() as u64),
        "exit": view.ended.map(|ended| ended.exit),
        "masked": view.ended.map_or(0, |ended| ended.masked),
        "masked_in": view.ended.map(|_| view.masked_in()),
        "interrupted": view.interrupted,
        "life": life,
        "project": options.project.file_name().map(|name| name.to_string_lossy()),
    })
}

fn row(
    scenario: &ScenarioView,
    view: &View,
    files: &mut Names,
    tags: &mut Names,
    parts: &[(usize, usize)],
    past: &[Former],
) -> Value {
    let declared = &scenario.declared;
    let setbacks = Setback::all(scenario);
    let first = decisive(&setbacks)
        .find_map(|setback| setback.gravest())
        .or_else(|| setbacks.iter().find_map(|setback| setback.gravest()));
    let (headline, place) = match first {
        Some(failure) if scenario.reason.is_empty() || scenario.flaky => {
            let label = match failure.label.as_str() {
                "" => String::new(),
                label => format!(": {label}"),
            };
            let place = failure.location.as_ref().map(|at| at.to_string());
            (
                format!("{}{label}", failure.message),
                place.unwrap_or_default(),
            )
        }
        _ => (reason(scenario, view), String::new()),
    };
    let headline = match scenario.outcome {
        Some(Outcome::Parked) => waits(scenario).unwrap_or(headline),
        _ => headline,
    };
    let verdict = Verdict::of(scenario);
    let flags = u8::from(scenario.quarantined) * QUARANTINED
        + u8::from(verdict == Verdict::Passed && scenario.assertions == 0) * VACUOUS;
    let at = match (scenario.tries.first(), view.started) {
        (Some(tried), Some(began)) => tried.started.as_microsecond() - began.as_microsecond(),
        _ => 0,
    };
    let mut usual: Vec<u64> = past
        .iter()
        .filter(|former| former.outcome == Outcome::Passed)
        .map(|former| former.took.as_micros() as u64)
        .collect();
    usual.sort_unstable();
    json!([
        files.number(declared.id.file()),
        declared.id.name(),
        declared.line,
        number(verdict),
        declared
            .terms
            .tags
            .iter()
            .map(|tag| tags.number(tag))
            .collect::<Vec<_>>(),
        scenario.took.as_micros() as u64,
        at,
        scenario.tries.len(),
        flags,
        short(&headline),
        short(&place),
        parts,
        past.iter()
            .map(|former| {
                let outcome = if former.flaky {
                    "flaky"
                } else {
                    former.outcome.name()
                };
                json!([outcome, former.took.as_micros() as u64, former.run.0])
            })
            .collect::<Vec<_>>(),
        usual.get(usual.len() / 2),
    ])
}

/// What a parked scenario waits for.
fn waits(scenario: &ScenarioView) -> Option<String> {
    let phase = scenario
        .last_try()?
        .phases
        .iter()
        .find(|phase| phase.state == crate::model::PhaseState::Waiting)?;
    let seen = phase.observed.last().map(|seen| seen.seen.as_str());
    Some(match seen {
        Some(seen) => format!("waits for {}: {seen}", phase.name),
        None => format!("waits for {}", phase.name),
    })
}

fn short(text: &str) -> String {
    cut(&text.replace('\n', " "), TEXT)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Names by number: a file is named once, not in each of its rows.
#[derive(Default)]
struct Names {
    list: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Names {
    fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.list.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }
}
