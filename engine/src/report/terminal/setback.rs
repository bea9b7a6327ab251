//! The block of one setback: where it happened, each failure as it explains itself, and what was going on around it.

use super::Look;
use super::line::time;
use super::summary::count;
use crate::model::PhaseState;
use crate::model::view::{AttachmentView, AttemptView, StepView};
use crate::report::palette::Palette;
use crate::report::setback::{Setback, kind_word};
use crate::report::timeline::{between, changes};
use crate::report::{clean, fit};
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{Level, SERVICE_LINES, StepOutcome};
use std::time::Duration;

/// How much is shown of what was going on.
const LOGS: usize = 20;
const STEPS: usize = 6;
const STATE: usize = 20;

/// Longest text of a failure, in lines.
const LINES: usize = 120;

/// All of it.
pub fn block(setback: &Setback, look: &Look, out: &mut String) {
    let mut lines = Vec::new();
    if setback.failures.is_empty() {
        lines.push(title(setback, None, look));
        let headline = clean::line(&setback.headline(), clean::NAME);
        lines.push(look.palette.warn(headline));
    }
    let mut titled = String::new();
    for (index, failure) in setback.told().iter().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        let title = title(setback, Some(failure), look);
        if title != titled {
            lines.push(title.clone());
            titled = title;
        }
        lines.extend(failure_lines(failure, look));
    }
    if let Some(attempt) = setback.attempt {
        steps(attempt, look, &mut lines);
        observed(attempt, look, &mut lines);
        state(setback, attempt, look, &mut lines);
        logs(attempt, look, &mut lines);
        kept(attempt, look, &mut lines);
    }
    for line in lines {
        out.push_str(format!("  {line}").trim_end());
        out.push('\n');
    }
}

/// It went wrong like `former`: a line is enough.
pub fn same(setback: &Setback, former: &Setback, look: &Look, out: &mut String) {
    let place = place(setback, setback.gravest());
    let palette = look.palette;
    out.push_str(&format!(
        "  {}  {}\n",
        palette.strong(place),
        which(setback, look)
    ));
    let headline = clean::line(&setback.headline(), clean::NAME);
    let again = format!("again, as in {}:", former.number());
    out.push_str(&format!("  {} {headline}\n", palette.bad(again)));
}

/// `scenarios/login.rhai::login as Ada › journey › log in  (try 2 of 2)`.
fn title(setback: &Setback, failure: Option<&Failure>, look: &Look) -> String {
    let place = look.palette.strong(place(setback, failure));
    match which(setback, look) {
        which if which.is_empty() => place,
        which => format!("{place}  {which}"),
    }
}

fn place(setback: &Setback, failure: Option<&Failure>) -> String {
    let file = clean::name(setback.scenario.declared.id.file());
    format!("{file}::{}", setback.place(failure))
}

fn which(setback: &Setback, look: &Look) -> String {
    match setback.which() {
        which if which.is_empty() => which,
        which => look.palette.dim(format!("({which})")),
    }
}

/// The failure as it renders itself, cleaned, coloured by what its lines are.
fn failure_lines(failure: &Failure, look: &Look) -> Vec<String> {
    let palette = look.palette;
    // The gutter and the indent of the block.
    let columns = look
        .width
        .map_or(clean::LINE, |width| width.saturating_sub(12));
    let text = clean::failure(failure, columns);
    let mut lines: Vec<String> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if index >= LINES {
            let left = count(text.lines().count() as u64 - LINES as u64, "more line");
            lines.push(palette.dim(format!("  … ({left})")));
            break;
        }
        lines.push(if index == 0 {
            format!(
                "{} {}",
                palette.bad(format!("{}:", kind_word(failure))),
                palette.strong(line)
            )
        } else {
            paint(line, palette)
        });
    }
    lines
}

fn paint(line: &str, palette: Palette) -> String {
    let trimmed = line.trim_start();
    let blanks = &line[..line.len() - trimmed.len()];
    if trimmed.starts_with("--> ") {
        return palette.dim(line);
    }
    if trimmed.starts_with('|') && trimmed.contains('^') {
        return format!("{blanks}{}", palette.red(trimmed));
    }
    if let Some(rest) = trimmed.strip_prefix("hint:") {
        return format!("{blanks}{}{rest}", palette.note("hint:"));
    }
    match trimmed.chars().next() {
        Some('-') if blanks.len() >= 4 => format!("{blanks}{}", palette.red(trimmed)),
        Some('+') if blanks.len() >= 4 => format!("{blanks}{}", palette.good(trimmed)),
        _ => line.to_owned(),
    }
}

/// The last steps, so that the way to the failure can be seen; the open ones are what it hung in.
fn steps(attempt: &AttemptView, look: &Look, lines: &mut Vec<String>) {
    // A single one is told by the failure, unless it has none.
    if attempt.steps.len() < 2 && attempt.open_steps().next().is_none() {
        return;
    }
    let shown = &attempt.steps[attempt.steps.len().saturating_sub(STEPS)..];
    lines.push(heading("steps", shown.len(), attempt.steps.len()));
    for step in shown {
        let (word, took) = match step.outcome {
            Some(StepOutcome::Passed) => (look.palette.good("ok  "), time(step.took)),
            Some(StepOutcome::Failed) => (look.palette.bad("FAIL"), time(step.took)),
            Some(StepOutcome::Skipped) => (look.palette.dim("skip"), time(step.took)),
            None => (look.palette.fault("open"), time(since(step, attempt))),
        };
        let indent = "  ".repeat(depth(step, attempt).min(8));
        let title = clean::short(&step.title, 80);
        let start = format!("    {word} {took}  {indent}");
        // The block is indented by two.
        let room = look.width.map_or(usize::MAX, |width| {
            width.saturating_sub(fit::width(&start) + 2)
        });
        let site = format!("  {}", clean::name(&step.site));
        if fit::width(&title) + fit::width(&site) <= room {
            lines.push(format!("{start}{title}{}", look.palette.dim(site)));
        } else {
            lines.push(format!("{start}{}", fit::fit(&title, room)));
        }
    }
}

/// How many steps it is inside of.
pub fn depth(step: &StepView, attempt: &AttemptView) -> usize {
    let mut depth = 0;
    let mut parent = step.parent;
    while let Some(id) = parent {
        depth += 1;
        // A stream from outside may hold a circle.
        if depth > 32 {
            break;
        }
        let found = attempt.steps.iter().find(|step| step.id == id);
        parent = found.and_then(|step| step.parent);
    }
    depth
}

/// An open step lasted until its attempt ended or, if it never did, until the last sign of it.
fn since(step: &StepView, attempt: &AttemptView) -> Duration {
    if attempt.state.is_some() {
        return attempt
            .took
            .saturating_sub(between(attempt.started, step.began));
    }
    let logs = attempt.logs.iter().map(|log| log.at);
    let steps = attempt.steps.iter().map(|step| step.began + step.took);
    let seen = attempt
        .steps
        .iter()
        .flat_map(|step| &step.observed)
        .map(|seen| seen.at);
    let last = logs.chain(steps).chain(seen).max();
    last.map_or(Duration::ZERO, |last| between(step.began, last))
}

/// What waits that did not end well saw change.
fn observed(attempt: &AttemptView, look: &Look, lines: &mut Vec<String>) {
    let unhappy = attempt
        .steps
        .iter()
        .filter(|step| step.outcome != Some(StepOutcome::Passed) && step.observed.len() > 1);
    // The failure itself tells what was seen last.
    for step in unhappy {
        let title = clean::short(&step.title, 80);
        let pieces: Vec<String> = changes(&step.observed, step.began)
            .split(", ")
            .map(str::to_owned)
            .collect();
        let start = format!("  seen by {title}: ");
        let width = look.width.map(|width| width.saturating_sub(2));
        let text = fit::flow(&start, &pieces, 4, width);
        lines.extend(text.lines().map(str::to_owned));
    }
}

/// What `state` was: the last value of each key, from passed attempts of other phases and from this one.
fn state(setback: &Setback, attempt: &AttemptView, look: &Look, lines: &mut Vec<String>) {
    let mut last: Vec<(&str, String)> = Vec::new();
    let others = setback
        .tried
        .phases
        .iter()
        .flat_map(|phase| &phase.attempts);
    let passed = others.filter(|other| other.state == Some(PhaseState::Passed));
    for (key, value) in passed.chain([attempt]).flat_map(|attempt| &attempt.writes) {
        last.retain(|(known, _)| known != key);
        if let Some(value) = value {
            last.push((key, clean::line(&value.to_string(), clean::NAME)));
        }
    }
    if last.is_empty() {
        return;
    }
    let shown = last.len().min(STATE);
    lines.push(heading("state", shown, last.len()));
    for (key, value) in &last[last.len() - shown..] {
        lines.push(format!(
            "    {} = {value}",
            look.palette.dim(clean::name(key))
        ));
    }
}

fn logs(attempt: &AttemptView, look: &Look, lines: &mut Vec<String>) {
    if attempt.logs.is_empty() {
        return;
    }
    let shown = &attempt.logs[attempt.logs.len().saturating_sub(LOGS)..];
    lines.push(heading("log", shown.len(), attempt.logs.len()));
    for log in shown {
        let at = format!("+{}", show(between(attempt.started, log.at)));
        let level = match log.level {
            Level::Warn => look.palette.warn("warning: "),
            Level::Debug => look.palette.dim("debug: "),
            Level::Info => String::new(),
        };
        let text = clean::log(&log.text, 2000);
        let mut text = text.lines();
        let first = text.next().unwrap_or_default();
        lines.push(format!(
            "    {}  {level}{first}",
            look.palette.dim(fit::pad(&at, 7))
        ));
        lines.extend(text.map(|line| format!("{}{line}", " ".repeat(13))));
    }
}

fn kept(attempt: &AttemptView, look: &Look, lines: &mut Vec<String>) {
    let for_people = |one: &&AttachmentView| one.media_type != SERVICE_LINES;
    for attachment in attempt.attachments.iter().filter(for_people) {
        let path = look.options.attachment(&attachment.path);
        let name = clean::name(&attachment.name);
        let name = if path.ends_with(&name) {
            String::new()
        } else {
            format!("{name}, ")
        };
        let what = format!("({name}{})", count(attachment.bytes, "byte"));
        lines.push(format!("  kept: {path} {}", look.palette.dim(what)));
    }
}

fn heading(what: &str, shown: usize, all: usize) -> String {
    if shown == all {
        format!("  {what}:")
    } else {
        format!("  {what}, the last {shown} of {all}:")
    }
}
