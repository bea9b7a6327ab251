//! `-v`: what happens, as it happens. Scenarios that run side by side take turns; whenever another one speaks, a
//! header says who.

use super::Look;
use super::line::time;
use super::setback::depth;
use crate::model::view::{AttemptView, PhaseView, StepView, View};
use crate::model::{AttemptKey, Event, PhaseKey, PhaseState, What};
use crate::report::setback::kind_word;
use crate::report::timeline::between;
use crate::report::{clean, fit};
use scenario_stdlib::host::duration::show;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::record::{Level, Record, ServiceNews, StepId, StepOutcome};
use serde_json::Value;

/// Width of a header where there is no terminal to tell.
const RULE: usize = 80;

/// Width of the words lines begin with.
const WORD: usize = 7;

/// Remembers who spoke last.
#[derive(Debug, Default)]
pub struct Follower {
    speaker: String,
}

impl Follower {
    /// Writes what `event` adds to the account, if anything.
    pub fn follow(&mut self, event: &Event, view: &View, look: &Look, out: &mut String) {
        match &event.what {
            What::PhaseChanged {
                phase,
                to: PhaseState::Waiting,
                ..
            } => {
                self.speak(&phase.attempt(0), view, look, out);
                match during(view, phase) {
                    Some(other) => say("watch", &format!("during {other}"), look, out),
                    None => say("wait", "until ready", look, out),
                }
            }
            What::PhaseChanged {
                phase,
                from: PhaseState::Waiting,
                to,
                ..
            } => {
                self.speak(&phase.attempt(0), view, look, out);
                let waited = phase_of(view, phase).and_then(wait_ended);
                let how = match to {
                    PhaseState::Executing | PhaseState::Pending => "ready",
                    state => state.name(),
                };
                let word = during(view, phase).map_or("wait", |_| "watch");
                say(word, &format!("{how}{}", after(waited)), look, out);
            }
            What::Observed { phase, seen, .. } => {
                self.speak(&phase.attempt(0), view, look, out);
                let began = phase_of(view, phase).and_then(|phase| phase.changes.last());
                let waited = began.map(|(began, _)| between(*began, event.at));
                let seen = clean::line(seen, clean::NAME);
                say("saw", &format!("{seen}{}", after(waited)), look, out);
            }
            What::Recorded {
                attempt: key,
                record,
            } => {
                let Some(attempt) = attempt_of(view, key) else {
                    return;
                };
                if let Some(text) = recorded(record, attempt, event, look) {
                    self.speak(key, view, look, out);
                    out.push_str(&text);
                }
            }
            What::PhaseFailed { phase, failure } => {
                self.speak(&phase.attempt(0), view, look, out);
                say(
                    short_kind(failure),
                    &clean::line(&failure.message, clean::NAME),
                    look,
                    out,
                );
            }
            What::ScenarioEnded { .. } => self.speaker.clear(),
            _ => {}
        }
    }

    fn speak(&mut self, key: &AttemptKey, view: &View, look: &Look, out: &mut String) {
        let scenario = &key.phase.scenario;
        let mut title = clean::name(&scenario.0);
        let declared = view.scenario(scenario).map(|scenario| &scenario.declared);
        if declared.is_none_or(|declared| declared.phases.len() > 1) {
            title.push_str(&format!(" › {}", clean::name(&key.phase.phase)));
        }
        if key.phase.try_number > 1 {
            title.push_str(&format!(", try {}", key.phase.try_number));
        }
        if key.attempt > 1 {
            title.push_str(&format!(", attempt {}", key.attempt));
        }
        if self.speaker == title {
            return;
        }
        self.speaker.clone_from(&title);
        let width = look.width.unwrap_or(RULE);
        let title = match look.width {
            Some(width) => fit::fit_end(&title, width.saturating_sub(4)),
            None => title,
        };
        let rule = "─".repeat(width.saturating_sub(fit::width(&title) + 4));
        let line = format!(
            "── {} {}",
            look.palette.strong(&title),
            look.palette.dim(rule)
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// The lines of one record; `None` when there is nothing to say.
fn recorded(record: &Record, attempt: &AttemptView, event: &Event, look: &Look) -> Option<String> {
    let mut out = String::new();
    match record {
        Record::Step { begin, end } => {
            let step = step_of(begin.step, attempt)?;
            step_began(step, attempt, look, &mut out);
            step_ended(step, &end.data.read(), attempt, look, &mut out);
        }
        Record::StepBegan(begin) => {
            step_began(step_of(begin.step, attempt)?, attempt, look, &mut out);
        }
        Record::StepEnded { step, end } => {
            let step = step_of(*step, attempt)?;
            step_ended(step, &end.data.read(), attempt, look, &mut out);
        }
        Record::Failed { failure, .. } => {
            say(
                short_kind(failure),
                &clean::line(&failure.message, clean::NAME),
                look,
                &mut out,
            );
        }
        Record::State { key, value } => {
            let value = value.as_ref().map_or("removed".into(), |value| {
                clean::line(&value.to_string(), clean::NAME)
            });
            say(
                "state",
                &format!("{} = {value}", clean::name(key)),
                look,
                &mut out,
            );
        }
        Record::Log { level, text, .. } => {
            let word = if *level == Level::Warn { "warn" } else { "log" };
            for line in clean::log(text, clean::BLOCK).lines() {
                say(word, line, look, &mut out);
            }
        }
        Record::Attached { name, path, .. } => {
            let path = look.options.attachment(path);
            say(
                "kept",
                &format!("{}: {path}", clean::name(name)),
                look,
                &mut out,
            );
        }
        Record::Observed { step, seen, .. } => {
            let step = step.and_then(|step| step_of(step, attempt));
            let waited = step.map(|step| between(step.began, event.at));
            let title = step.map_or("", |step| step.title.as_str());
            let title = look.palette.dim(format!("{}:", clean::name(title)));
            let seen = clean::line(seen, clean::NAME);
            let text = format!("{title} {seen}{}", after(waited));
            say("saw", &text, look, &mut out);
        }
        Record::Service { name, what, data } => {
            let text = format!(
                "{} {}",
                clean::name(name),
                service_news(*what, &data.read())
            );
            say("service", text.trim_end(), look, &mut out);
        }
        Record::Output {
            service,
            error,
            text,
        } => {
            let mark = if *error { " ERR" } else { "" };
            let prefix = look
                .palette
                .dim(format!("[{}{mark}]", clean::name(service)));
            for line in clean::log(text, clean::BLOCK).lines() {
                out.push_str(format!("{prefix} {line}").trim_end());
                out.push('\n');
            }
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Only what groups others is announced: of all else, its end says enough.
fn step_began(step: &StepView, attempt: &AttemptView, look: &Look, out: &mut String) {
    if step.kind != "step" {
        return;
    }
    let site = match step.site.as_str() {
        "" => String::new(),
        site => look.palette.dim(format!("  {}", clean::name(site))),
    };
    let title = look.palette.strong(clean::name(&step.title));
    let text = format!("{}{title}{site}", indent(step, attempt));
    say("STEP", &text, look, out);
}

fn step_ended(step: &StepView, data: &Value, attempt: &AttemptView, look: &Look, out: &mut String) {
    let word = match step.outcome {
        Some(StepOutcome::Passed) | None => "ok",
        Some(StepOutcome::Failed) => "FAIL",
        Some(StepOutcome::Skipped) => "skip",
    };
    let took = look.palette.dim(time(step.took));
    let title = match status(data) {
        Some(status) => format!("{}  {status}", clean::name(&step.title)),
        None => clean::name(&step.title),
    };
    let text = format!("{took}  {}{title}", indent(step, attempt));
    say(word, &text, look, out);
    if look.options.verbose > 1 {
        shown(data, look, out);
    }
}

/// What happened to a service, in a few words.
fn service_news(what: ServiceNews, data: &Value) -> String {
    let field = |key: &str| match data.get(key) {
        Some(Value::String(text)) => clean::line(text, clean::NAME),
        Some(Value::Null) | None => String::new(),
        Some(value) => clean::line(&value.to_string(), clean::NAME),
    };
    match what {
        ServiceNews::Started => format!("started, pid {}", field("pid")),
        ServiceNews::Ready => format!("ready after {}", field("after")),
        ServiceNews::Restarted => format!("started again, pid {}", field("pid")),
        ServiceNews::Exited => field("how"),
        ServiceNews::Stopped => format!("stopped, {}", field("needed")),
        ServiceNews::Escaped => field("what"),
        ServiceNews::Kept => format!("kept: {}", field("path")),
    }
}

fn short_kind(failure: &Failure) -> &'static str {
    if failure.soft {
        "soft"
    } else {
        kind_word(failure)
    }
}

/// Of what a step has to show, this alone is worth a place in its line.
fn status(data: &Value) -> Option<u64> {
    data.get("status")?.as_u64()
}

/// What a step has to show, a line each; long values are cut.
fn shown(data: &Value, look: &Look, out: &mut String) {
    let Value::Object(entries) = data else { return };
    for (key, value) in entries {
        let text = match value {
            Value::String(text) => clean::line(text, 1000),
            value => clean::line(&value.to_string(), 1000),
        };
        let key = look.palette.dim(format!("{}:", clean::name(key)));
        say("", &format!("         {key} {text}"), look, out);
    }
}

/// ` after 2.1s`; at the very beginning that goes without saying.
fn after(waited: Option<std::time::Duration>) -> String {
    match waited {
        Some(waited) if waited.as_millis() > 0 => format!(" after {}", show(waited)),
        _ => String::new(),
    }
}

fn say(word: &str, text: &str, look: &Look, out: &mut String) {
    let padded = fit::pad(word, WORD);
    let word = match word {
        "ok" => look.palette.good(padded),
        "FAIL" | "failure" | "soft" | "fault" | "usage" => look.palette.bad(padded),
        "warn" => look.palette.warn(padded),
        "STEP" => look.palette.note(padded),
        _ => look.palette.dim(padded),
    };
    out.push_str(format!("  {word}  {text}").trim_end());
    out.push('\n');
}

fn indent(step: &StepView, attempt: &AttemptView) -> String {
    "  ".repeat(depth(step, attempt).min(8))
}

fn step_of(step: StepId, attempt: &AttemptView) -> Option<&StepView> {
    attempt.steps.iter().rfind(|known| known.id == step)
}

fn phase_of<'a>(view: &'a View, key: &PhaseKey) -> Option<&'a PhaseView> {
    let scenario = view.scenario(&key.scenario)?;
    let mut tries = scenario.tries.iter().rev();
    let tried = tries.find(|tried| tried.round == key.round && tried.number == key.try_number)?;
    tried.phases.iter().find(|phase| phase.name == key.phase)
}

/// The phase during which this one has to hold.
fn during(view: &View, key: &PhaseKey) -> Option<String> {
    let other = phase_of(view, key)?.during.as_deref()?;
    Some(clean::name(other))
}

fn attempt_of<'a>(view: &'a View, key: &AttemptKey) -> Option<&'a AttemptView> {
    let phase = phase_of(view, &key.phase)?;
    phase
        .attempts
        .iter()
        .rfind(|attempt| attempt.number == key.attempt)
}

/// How long the phase waited, once it does not any more.
fn wait_ended(phase: &PhaseView) -> Option<std::time::Duration> {
    match phase.changes.as_slice() {
        [.., (began, PhaseState::Waiting), (ended, _)] => Some(between(*began, *ended)),
        _ => None,
    }
}
