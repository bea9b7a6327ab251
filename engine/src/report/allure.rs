//! A folder of Allure results: a file a try, as adapters for other tools write them, and the attachments copied beside.
//! Made from the view alone, at the end. Names of files are derived from what they hold, so that writing twice adds nothing.

use super::output::Output;
use super::setback::Setback;
use super::verdict::{Verdict, reason};
use super::{Options, Reporter, clean};
use crate::model::view::{AttemptView, ScenarioView, StepView, TryView, View};
use crate::model::{Event, Outcome};
use jiff::Timestamp;
use scenario_stdlib::host::record::{SERVICE_LINES, StepId, StepOutcome};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// The reporter.
pub struct Allure {
    folder: PathBuf,
    options: Options,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    let Output::File(folder) = output else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a folder: write allure=DIR",
        ));
    };
    fs::create_dir_all(folder)?;
    Ok(Box::new(Allure {
        folder: folder.clone(),
        options: options.clone(),
    }))
}

impl Reporter for Allure {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let run = view.run.as_ref().map_or("", |run| run.run.0.as_str());
        for scenario in &view.scenarios {
            let tries: Vec<Option<&TryView>> = match scenario.tries.as_slice() {
                [] => vec![None],
                tries => tries.iter().map(Some).collect(),
            };
            let last = tries.len() - 1;
            for (place, tried) in tries.into_iter().enumerate() {
                let uuid = uuid(&[run, &scenario.declared.id.0, &place.to_string()]);
                let result = self.result(scenario, tried, place == last, view, &uuid)?;
                let name = format!("{uuid}-result.json");
                self.write(&name, &result)?;
            }
        }
        self.environment(view)
    }
}

impl Allure {
    fn write(&self, name: &str, value: &Value) -> io::Result<()> {
        let text = clean::json(value.to_string()) + "\n";
        Output::File(self.folder.join(name)).write(text.as_bytes())
    }

    fn environment(&self, view: &View) -> io::Result<()> {
        let Some(run) = &view.run else { return Ok(()) };
        let mut text = format!(
            "scenario={}\nrun={}\nprofile={}\nseed={}\nhost={}\n",
            line(&run.program),
            line(&run.run.0),
            line(&run.profile),
            run.seed,
            line(&run.host)
        );
        if let Some(url) = &run.base_url {
            text.push_str(&format!("base_url={}\n", line(url)));
        }
        Output::File(self.folder.join("environment.properties")).write(text.as_bytes())
    }

    fn result(
        &self,
        scenario: &ScenarioView,
        tried: Option<&TryView>,
        is_last: bool,
        view: &View,
        uuid: &str,
    ) -> io::Result<Value> {
        let declared = &scenario.declared;
        let id = hash(&[&declared.id.0]);
        let mut labels = vec![
            json!({ "name": "suite", "value": line(declared.id.file()) }),
            json!({ "name": "framework", "value": "scenario" }),
            json!({ "name": "language", "value": "rhai" }),
        ];
        if let Some(run) = &view.run {
            labels.push(json!({ "name": "host", "value": line(&run.host) }));
        }
        labels.extend(
            declared
                .terms
                .tags
                .iter()
                .map(|tag| json!({ "name": "tag", "value": line(tag) })),
        );
        if let Some(quarantine) = &declared.terms.quarantine {
            labels.push(json!({ "name": "owner", "value": line(&quarantine.owner) }));
        }
        let mut result = json!({
            "uuid": uuid,
            "historyId": id,
            "testCaseId": id,
            "fullName": line(&declared.id.0),
            "name": line(declared.id.name()),
            "description": clean::block(&declared.terms.description, clean::BLOCK),
            "labels": labels,
            "stage": "finished",
            "status": status(scenario, tried, is_last),
        });
        let setbacks = Setback::all(scenario);
        let mine = |one: &&Setback| {
            tried.is_some_and(|tried| {
                (one.tried.round, one.tried.number) == (tried.round, tried.number)
            })
        };
        let texts: Vec<String> = setbacks.iter().filter(mine).map(Setback::text).collect();
        let message = match setbacks.iter().find(mine) {
            Some(setback) => setback.headline(),
            None if is_last => reason(scenario, view),
            None => String::new(),
        };
        if !message.is_empty() || !texts.is_empty() {
            result["statusDetails"] = json!({
                "message": clean::line(&message, clean::BLOCK),
                "trace": texts.join("\n\n"),
                "flaky": Verdict::of(scenario) == Verdict::Flaky,
                "muted": scenario.quarantined,
            });
        }
        if let Some(tried) = tried {
            result["start"] = tried.started.as_millisecond().into();
            result["stop"] = end(tried.started, tried.took).into();
            let phases: io::Result<Vec<Value>> = tried
                .phases
                .iter()
                .flat_map(|phase| phase.attempts.iter().map(move |attempt| (phase, attempt)))
                .map(|(phase, attempt)| {
                    Ok(json!({
                        "name": line(&phase.name),
                        "status": attempt.state.map_or("broken", |state| match state {
                            crate::model::PhaseState::Passed => "passed",
                            crate::model::PhaseState::Failed => "failed",
                            crate::model::PhaseState::Skipped => "skipped",
                            _ => "broken",
                        }),
                        "stage": "finished",
                        "start": attempt.started.as_millisecond(),
                        "stop": end(attempt.started, attempt.took),
                        "steps": self.steps(attempt, None)?,
                        "attachments": self.attachments(attempt, None)?,
                    }))
                })
                .collect();
            result["steps"] = phases?.into();
        }
        Ok(result)
    }

    fn steps(&self, attempt: &AttemptView, parent: Option<StepId>) -> io::Result<Vec<Value>> {
        let of_parent = |step: &&StepView| step.parent == parent;
        let steps = attempt.steps.iter().filter(of_parent);
        steps
            .map(|step| {
                Ok(json!({
                    "name": line(&step.title),
                    "status": match step.outcome {
                        Some(StepOutcome::Passed) => "passed",
                        Some(StepOutcome::Failed) => "failed",
                        Some(StepOutcome::Skipped) => "skipped",
                        None => "broken",
                    },
                    "stage": "finished",
                    "start": step.began.as_millisecond(),
                    "stop": end(step.began, step.took),
                    "parameters": [{ "name": "site", "value": line(&step.site) }],
                    "steps": self.steps(attempt, Some(step.id))?,
                    "attachments": self.attachments(attempt, Some(step.id))?,
                }))
            })
            .collect()
    }

    fn attachments(&self, attempt: &AttemptView, step: Option<StepId>) -> io::Result<Vec<Value>> {
        let mut kept = Vec::new();
        for one in &attempt.attachments {
            let is_known = one
                .step
                .is_some_and(|id| attempt.steps.iter().any(|step| step.id == id));
            let belongs = if is_known {
                one.step == step
            } else {
                step.is_none()
            };
            if !belongs || one.media_type == SERVICE_LINES {
                continue;
            }
            let inside = Path::new(&one.path);
            let stays = inside
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            let from = self.options.run_dir.join(inside);
            if !stays || !from.is_file() {
                continue;
            }
            let extension = inside
                .extension()
                .and_then(|text| text.to_str())
                .filter(|text| text.chars().all(|c| c.is_ascii_alphanumeric()));
            let source = format!(
                "{}-attachment.{}",
                uuid(&[&one.path]),
                extension.unwrap_or("bin")
            );
            fs::copy(from, self.folder.join(&source))?;
            kept.push(
                json!({ "name": line(&one.name), "source": source, "type": line(&one.media_type) }),
            );
        }
        Ok(kept)
    }
}

fn status(scenario: &ScenarioView, tried: Option<&TryView>, is_last: bool) -> &'static str {
    let outcome = match tried {
        Some(tried) if !is_last => tried.outcome,
        _ => scenario.outcome,
    };
    match outcome {
        Some(Outcome::Passed) => "passed",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Errored | Outcome::Interrupted) => "broken",
        Some(Outcome::Skipped | Outcome::Parked) => "skipped",
        None if scenario.is_live || tried.is_none() => "unknown",
        None => "broken",
    }
}

fn line(text: &str) -> String {
    clean::line(text, 1000)
}

fn end(at: Timestamp, took: Duration) -> i64 {
    at.as_millisecond() + took.as_millis() as i64
}

fn hash(words: &[&str]) -> String {
    let digest = Sha256::digest(words.join("\0"));
    digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// An id in the shape the format asks for.
fn uuid(words: &[&str]) -> String {
    let hex = hash(words);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
