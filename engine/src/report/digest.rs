//! What somebody who has not seen the run needs to go on with it, and no more: small enough to paste into a chat with a
//! person or an assistant. Made from the view alone, at the end.

use super::output::Output;
use super::setback::{Setback, decisive, kind_word};
use super::verdict::{Verdict, reason};
use super::{Options, Reporter, clean, next, trace_of};
use crate::model::Event;
use crate::model::view::{AttemptView, ScenarioView, View};
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{SERVICE_LINES, StepOutcome};
use serde_json::{Map, Value, json};
use std::io;

/// Scenarios that are told of, and how much of each.
const SCENARIOS: usize = 20;
const TEXT: usize = 700;
const STEPS: usize = 6;

/// The reporter.
pub struct Digest {
    output: Output,
    options: Options,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Digest {
        output: output.clone(),
        options: options.clone(),
    }))
}

impl Reporter for Digest {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let text = serde_json::to_string_pretty(&digest(view, &self.options))?;
        let lines: Vec<String> = text
            .lines()
            .map(|line| clean::json(line.to_owned()))
            .collect();
        self.output.write((lines.join("\n") + "\n").as_bytes())
    }
}

/// The run in short.
pub fn digest(view: &View, options: &Options) -> Value {
    let bad: Vec<&ScenarioView> = view
        .scenarios
        .iter()
        .filter(|scenario| {
            let verdict = Verdict::of(scenario);
            (verdict.is_bad() && verdict != Verdict::NotRun) || verdict == Verdict::Flaky
        })
        .collect();
    let counts = view.counts();
    let numbers = [
        ("passed", counts.passed),
        ("failed", counts.failed),
        ("errored", counts.errored),
        ("skipped", counts.skipped),
        ("interrupted", counts.interrupted),
        ("parked", counts.parked),
        ("flaky", counts.flaky),
        ("open", counts.open),
    ];
    let numbers: Map<String, Value> = numbers
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(word, number)| (word.to_owned(), number.into()))
        .collect();
    let mut digest = json!({
        "run": view.run.as_ref().map(|run| clean::name(&run.run.0)),
        "command": view.run.as_ref().map(|run| clean::line(&format!("scenario {}", run.args.join(" ")), TEXT)),
        "exit": view.ended.map(|ended| ended.exit),
        "took": show(view.took()),
        "scenarios": counts.total,
        "outcomes": numbers,
        "bad": bad.iter().take(SCENARIOS).map(|one| scenario(one, view, options)).collect::<Vec<_>>(),
    });
    if bad.len() > SCENARIOS {
        digest["more"] = (bad.len() - SCENARIOS).into();
    }
    if view.is_live {
        digest["state"] = "running".into();
    } else if view.ended.is_none() {
        digest["state"] = "killed".into();
    }
    if let Some(reason) = &view.interrupted {
        digest["interrupted"] = clean::line(reason, TEXT).into();
    }
    digest
}

fn scenario(scenario: &ScenarioView, view: &View, options: &Options) -> Value {
    let setbacks = Setback::all(scenario);
    let told: Vec<&Setback> = match decisive(&setbacks).count() {
        0 => setbacks.iter().take(2).collect(),
        _ => decisive(&setbacks).take(2).collect(),
    };
    let failures = told.iter().flat_map(|setback| {
        let failures = setback.failures.iter().take(3);
        failures
            .map(|one| failure(setback, one))
            .collect::<Vec<_>>()
    });
    let mut out = json!({
        "id": clean::name(&scenario.declared.id.0),
        "verdict": Verdict::of(scenario).name(),
        "failures": failures.collect::<Vec<_>>(),
        "again": next::rerun(&scenario.declared),
    });
    if told.iter().all(|setback| setback.failures.is_empty()) {
        out["reason"] = clean::line(&reason(scenario, view), TEXT).into();
    }
    if scenario.tries.len() > 1 {
        out["tries"] = scenario.tries.len().into();
    }
    if let Some(attempt) = told.iter().rev().find_map(|setback| setback.attempt) {
        out["last_steps"] = last_steps(attempt);
        let kept = attempt.attachments.iter();
        let kept = kept.filter(|one| one.media_type != SERVICE_LINES).take(8);
        let kept: Vec<String> = kept.map(|one| options.attachment(&one.path)).collect();
        if !kept.is_empty() {
            out["kept"] = kept.into();
        }
    }
    if let (Some(run), Some(setback)) = (&view.run, told.last()) {
        out["trace"] = trace_of(&run.run.0, scenario, setback.tried).into();
    }
    out
}

fn failure(setback: &Setback, failure: &Failure) -> Value {
    let mut out = json!({
        "kind": kind_word(failure),
        "message": clean::line(&failure.message, TEXT),
        "where": setback.place(Some(failure)),
    });
    if let Some(at) = &failure.location {
        out["at"] = clean::name(&at.to_string()).into();
        out["line"] = clean::line(at.text.trim(), 200).into();
    }
    if !failure.label.is_empty() {
        out["is"] = clean::line(&failure.label, TEXT).into();
    }
    for detail in failure.details.iter().take(8) {
        let label = clean::name(&detail.label).replace(' ', "_");
        out[label] = clean::block(&detail.text, TEXT).into();
    }
    if let Some(hint) = &failure.hint {
        out["hint"] = clean::line(hint, TEXT).into();
    }
    out
}

fn last_steps(attempt: &AttemptView) -> Value {
    let from = attempt.steps.len().saturating_sub(STEPS);
    let steps = attempt.steps[from..].iter().map(|step| {
        let word = match step.outcome {
            Some(StepOutcome::Passed) => "ok",
            Some(StepOutcome::Failed) => "FAILED",
            Some(StepOutcome::Skipped) => "skipped",
            None => "open",
        };
        format!(
            "{word} {} {}",
            clean::short(&step.title, 120),
            clean::name(&step.site)
        )
    });
    steps.collect()
}
