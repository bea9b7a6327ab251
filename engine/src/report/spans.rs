//! A run as spans: what took time, within what, from when to when. OpenTelemetry and Chrome draw the same ones.

use crate::model::view::{AttemptView, PhaseView, ScenarioView, TryView, View};
use crate::model::{PhaseState, ScenarioId};
use jiff::Timestamp;
use scenario_stdlib::host::record::StepOutcome;
use scenario_stdlib::host::trace::{SpanId, TraceId, trace};
use std::time::Duration;

/// Something that took time.
pub struct Span<'a> {
    pub trace: TraceId,
    pub id: SpanId,
    pub parent: Option<SpanId>,
    pub scenario: &'a ScenarioId,
    pub what: Kind<'a>,
    pub began: Timestamp,
    pub ended: Timestamp,
    /// `None` if nothing is known of how it ended, and all is well.
    pub trouble: Option<String>,
}

/// What it is.
pub enum Kind<'a> {
    Try(&'a ScenarioView, &'a TryView),
    Phase(&'a PhaseView),
    Wait(&'a PhaseView),
    Attempt(&'a PhaseView, &'a AttemptView),
    Step(&'a crate::model::view::StepView),
}

/// All spans of a run, parents first.
pub fn of(view: &View) -> Vec<Span<'_>> {
    let run = view.run.as_ref().map_or("", |run| run.run.0.as_str());
    let now = view.now.unwrap_or_default();
    let mut spans = Vec::new();
    for scenario in &view.scenarios {
        for tried in &scenario.tries {
            let id = &scenario.declared.id;
            let trace = trace(run, &id.0, tried.round, tried.number);
            let ended = match tried.outcome {
                Some(_) => add(tried.started, tried.took),
                None => now,
            };
            let failed = tried.outcome.is_some_and(crate::model::Outcome::is_bad);
            let news = tried.bad_news().next().map(|(_, failure)| failure);
            let trouble = failed.then(|| match news {
                Some(failure) => failure.message.clone(),
                None => scenario.reason.clone(),
            });
            spans.push(Span {
                trace,
                id: trace.root(),
                parent: None,
                scenario: id,
                what: Kind::Try(scenario, tried),
                began: tried.started,
                ended,
                trouble,
            });
            for phase in &tried.phases {
                of_phase(phase, trace, id, now, &mut spans);
            }
        }
    }
    spans
}

fn of_phase<'a>(
    phase: &'a PhaseView,
    trace: TraceId,
    scenario: &'a ScenarioId,
    now: Timestamp,
    spans: &mut Vec<Span<'a>>,
) {
    let begins = |(_, state): &&(Timestamp, PhaseState)| *state != PhaseState::Pending;
    let Some((began, first)) = phase.changes.iter().find(begins) else {
        return;
    };
    if first.is_terminal() && phase.attempts.is_empty() {
        return;
    }
    let ends = |(_, state): &&(Timestamp, PhaseState)| state.is_terminal();
    let ended = phase.changes.iter().rfind(ends).map_or(now, |(at, _)| *at);
    let id = trace.phase(&phase.name);
    let of_attempts = phase.attempts.iter().flat_map(|attempt| &attempt.failures);
    let message = of_attempts.chain(&phase.failures).last();
    let trouble = is_bad(phase.state)
        .then(|| message.map_or(phase.state.name().to_owned(), |one| one.message.clone()));
    spans.push(Span {
        trace,
        id,
        parent: Some(trace.root()),
        scenario,
        what: Kind::Phase(phase),
        began: *began,
        ended,
        trouble,
    });
    let mut waits = 0;
    for (place, (at, state)) in phase.changes.iter().enumerate() {
        if *state == PhaseState::Waiting {
            waits += 1;
            spans.push(Span {
                trace,
                id: trace.attempt(&format!("wait for {}", phase.name), waits),
                parent: Some(id),
                scenario,
                what: Kind::Wait(phase),
                began: *at,
                ended: phase.changes.get(place + 1).map_or(now, |(at, _)| *at),
                trouble: None,
            });
        }
    }
    for attempt in &phase.attempts {
        of_attempt(phase, attempt, trace, scenario, now, spans);
    }
}

fn of_attempt<'a>(
    phase: &'a PhaseView,
    attempt: &'a AttemptView,
    trace: TraceId,
    scenario: &'a ScenarioId,
    now: Timestamp,
    spans: &mut Vec<Span<'a>>,
) {
    let ended = match attempt.state {
        Some(_) => add(attempt.started, attempt.took),
        None => now,
    };
    let id = trace.attempt(&phase.name, attempt.number);
    let failure = attempt.failures.first();
    spans.push(Span {
        trace,
        id,
        parent: Some(trace.phase(&phase.name)),
        scenario,
        what: Kind::Attempt(phase, attempt),
        began: attempt.started,
        ended,
        trouble: attempt
            .state
            .filter(|state| is_bad(*state))
            .map(|state| failure.map_or(state.name().to_owned(), |one| one.message.clone())),
    });
    for step in &attempt.steps {
        let step_id = |step| trace.step(&phase.name, attempt.number, step);
        spans.push(Span {
            trace,
            id: step_id(step.id),
            parent: Some(step.parent.map_or(id, step_id)),
            scenario,
            what: Kind::Step(step),
            began: step.began,
            ended: match step.outcome {
                Some(_) => add(step.began, step.took),
                None => ended,
            },
            trouble: (step.outcome == Some(StepOutcome::Failed)).then(|| "failed".to_owned()),
        });
    }
}

fn add(at: Timestamp, took: Duration) -> Timestamp {
    at.checked_add(took).unwrap_or(at)
}

fn is_bad(state: PhaseState) -> bool {
    matches!(
        state,
        PhaseState::Failed | PhaseState::Aborted | PhaseState::Defective
    )
}

impl Kind<'_> {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Try(scenario, tried) if tried.number > 1 || tried.round > 1 => {
                format!("{} (try {})", scenario.declared.id.name(), tried.number)
            }
            Self::Try(scenario, _) => scenario.declared.id.name().to_owned(),
            Self::Phase(phase) => phase.name.to_string(),
            Self::Wait(phase) => format!("wait for {}", phase.name),
            Self::Attempt(phase, attempt) => format!("{}, attempt {}", phase.name, attempt.number),
            Self::Step(step) => step.title.clone(),
        }
    }

    /// The kind in a word.
    pub fn word(&self) -> &str {
        match self {
            Self::Try(..) => "scenario",
            Self::Phase(_) => "phase",
            Self::Wait(_) => "wait",
            Self::Attempt(..) => "attempt",
            Self::Step(step) => &step.kind,
        }
    }
}
