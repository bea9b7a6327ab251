//! CTRF, the common test report format: one JSON document that many dashboards read. Made from the view alone, at the end.

use super::output::Output;
use super::setback::{Setback, decisive};
use super::verdict::{Verdict, reason};
use super::{Options, Reporter, clean, trace_of};
use crate::model::Event;
use crate::model::view::{ScenarioView, TryView, View};
use jiff::Timestamp;
use scenario_stdlib::host::record::SERVICE_LINES;
use serde_json::{Map, Value, json};
use std::io;

/// Steps of one test that are told.
const STEPS: usize = 200;

/// The reporter.
pub struct Ctrf {
    output: Output,
    options: Options,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Ctrf {
        output: output.clone(),
        options: options.clone(),
    }))
}

impl Reporter for Ctrf {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let report = report(view, &self.options).to_string();
        self.output.write((clean::json(report) + "\n").as_bytes())
    }
}

fn report(view: &View, options: &Options) -> Value {
    let tests: Vec<Value> = view
        .scenarios
        .iter()
        .map(|scenario| test(scenario, view, options))
        .collect();
    let number = |status: &str| tests.iter().filter(|test| test["status"] == status).count();
    let run = view.run.as_ref();
    json!({
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "runId": run.map(|run| clean::name(&run.run.0)),
        "timestamp": view.started.map(|at| at.to_string()),
        "generatedBy": "scenario",
        "results": {
            "tool": { "name": "scenario", "version": run.map(|run| clean::name(&run.program)) },
            "summary": {
                "tests": tests.len(),
                "passed": number("passed"),
                "failed": number("failed"),
                "pending": number("pending"),
                "skipped": number("skipped"),
                "other": number("other"),
                "flaky": tests.iter().filter(|test| test["flaky"] == true).count(),
                "start": millis(view.started),
                "stop": millis(view.now),
                "duration": view.took().as_millis() as u64,
            },
            "tests": tests,
            "environment": {
                "testEnvironment": run.map(|run| clean::name(&run.profile)),
                "extra": {
                    "seed": run.map(|run| run.seed),
                    "base_url": run.and_then(|run| run.base_url.as_deref()).map(clean::name),
                    "host": run.map(|run| clean::name(&run.host)),
                    "killed": view.ended.is_none() && !view.is_live,
                },
            },
        },
    })
}

fn millis(at: Option<Timestamp>) -> i64 {
    at.map_or(0, |at| at.as_millisecond())
}

/// In the five words there are.
fn status(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed | Verdict::Flaky => "passed",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
        Verdict::Parked | Verdict::NotRun | Verdict::Queued | Verdict::Running => "pending",
        Verdict::Errored | Verdict::Interrupted | Verdict::CutOff => "other",
    }
}

fn test(scenario: &ScenarioView, view: &View, options: &Options) -> Value {
    let declared = &scenario.declared;
    let verdict = Verdict::of(scenario);
    let setbacks = Setback::all(scenario);
    let mut test = Map::new();
    let mut add = |key: &str, value: Value| test.insert(key.to_owned(), value);
    add("name", clean::name(declared.id.name()).into());
    add("status", status(verdict).into());
    add("rawStatus", verdict.name().into());
    add("duration", (scenario.took.as_millis() as u64).into());
    add("suite", json!([clean::name(declared.id.file())]));
    add("filePath", clean::name(declared.id.file()).into());
    add("line", declared.line.into());
    add(
        "tags",
        declared
            .terms
            .tags
            .iter()
            .map(|tag| clean::name(tag))
            .collect(),
    );
    if let Some(first) = scenario.tries.first() {
        add("start", first.started.as_millisecond().into());
        let stop = first.started.as_millisecond() + scenario.took.as_millis() as i64;
        add("stop", stop.into());
    }
    add("flaky", (verdict == Verdict::Flaky).into());
    add("retries", scenario.tries.len().saturating_sub(1).into());
    let reason = reason(scenario, view);
    if !reason.is_empty() {
        add("message", clean::line(&reason, clean::BLOCK).into());
    }
    let text: Vec<String> = decisive(&setbacks).map(Setback::text).collect();
    if !text.is_empty() {
        add("trace", text.join("\n\n").into());
    }
    if scenario.tries.len() > 1 {
        let former = &scenario.tries[..scenario.tries.len() - 1];
        add(
            "retryAttempts",
            former
                .iter()
                .enumerate()
                .map(|(at, tried)| attempt(at, tried, &setbacks))
                .collect(),
        );
    }
    if let Some(last) = scenario.last_try() {
        add("steps", steps(last));
        add("attachments", attachments(last, options));
        let run = view.run.as_ref().map_or("", |run| run.run.0.as_str());
        add(
            "extra",
            json!({ "trace_id": trace_of(run, scenario, last), "quarantined": scenario.quarantined, "assertions": scenario.assertions }),
        );
    }
    Value::Object(test)
}

fn attempt(at: usize, tried: &TryView, setbacks: &[Setback]) -> Value {
    let mine = setbacks
        .iter()
        .find(|one| one.tried.number == tried.number && one.tried.round == tried.round);
    json!({
        "attempt": at + 1,
        "status": if mine.is_some() { "failed" } else { "passed" },
        "duration": tried.took.as_millis() as u64,
        "message": mine.map(|one| clean::line(&one.headline(), clean::BLOCK)),
        "trace": mine.map(Setback::text),
    })
}

fn steps(tried: &TryView) -> Value {
    let attempts = tried.phases.iter().flat_map(|phase| &phase.attempts);
    let steps = attempts.flat_map(|attempt| &attempt.steps);
    let top = steps.filter(|step| step.parent.is_none()).take(STEPS);
    top.map(|step| {
        use scenario_stdlib::host::record::StepOutcome::{Failed, Passed, Skipped};
        let status = match step.outcome {
            Some(Passed) => "passed",
            Some(Failed) => "failed",
            Some(Skipped) => "skipped",
            None => "other",
        };
        json!({ "name": clean::name(&step.title), "status": status })
    })
    .collect()
}

fn attachments(tried: &TryView, options: &Options) -> Value {
    let attempts = tried.phases.iter().flat_map(|phase| &phase.attempts);
    let all = attempts.flat_map(|attempt| &attempt.attachments);
    all.filter(|one| one.media_type != SERVICE_LINES)
        .map(|one| {
            json!({
                "name": clean::name(&one.name),
                "contentType": clean::name(&one.media_type),
                "path": options.attachment(&one.path),
            })
        })
        .collect()
}
