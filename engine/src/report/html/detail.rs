//! One scenario as data for the page.

use super::account::Shown;
use super::files::Files;
use super::shape::{
    Attachment, Attempt, Detail, File, Line, Log, News, Phase, Seen, Service, Step, Try,
};
use super::sources::Sources;
use super::{assets, lines};
use crate::model::view::{AttemptView, Observation, PhaseView, ScenarioView, TryView, View};
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

/// Everything about `scenario`, as JSON.
pub fn json(
    scenario: &ScenarioView,
    view: &View,
    shown: &Shown,
    sources: &mut Sources,
    files: &mut Files,
) -> io::Result<Vec<u8>> {
    let from = Clock(view.started.unwrap_or_default());
    let mut kept = BTreeMap::new();
    let mut logs = BTreeMap::new();
    for tried in &scenario.tries {
        for path in assets::paths(tried, shown) {
            keep(files, &mut kept, path.path, path.media_type)?;
        }
        for one in attachments(tried).filter(|one| one.media_type == lines::MEDIA_TYPE) {
            let read = lines::read(&files.whole(&one.path), from.0);
            let log = Log {
                service: lines::service(&one.name).to_owned(),
                round: tried.round,
                number: tried.number,
                cut: read.cut,
                lines: read.lines,
            };
            logs.insert(one.path.as_str(), log);
        }
    }
    let sites = assets::sites(scenario);
    let (texts, edited) = sources.lines(sites, view.started);
    let run = view.run.as_ref().map(|run| run.run.0.as_str());
    let detail = Detail {
        declared: &scenario.declared,
        took: micros(scenario.took),
        assertions: scenario.assertions,
        reason: &scenario.reason,
        tries: scenario
            .tries
            .iter()
            .map(|tried| attempt_to(tried, shown, from))
            .collect(),
        sources: texts,
        edited,
        files: kept,
        lines: logs,
        traces: scenario
            .tries
            .iter()
            .map(|tried| {
                let trace = crate::report::trace_of(run.unwrap_or(""), scenario, tried);
                (format!("{}.{}", tried.round, tried.number), trace)
            })
            .collect(),
    };
    serde_json::to_vec(&detail).map_err(io::Error::other)
}

fn keep<'a>(
    files: &mut Files,
    kept: &mut BTreeMap<Cow<'a, str>, File>,
    path: Cow<'a, str>,
    media_type: &str,
) -> io::Result<()> {
    if !kept.contains_key(&path)
        && media_type != lines::MEDIA_TYPE
        && let Some(file) = files.keep(&path, media_type)?
    {
        kept.insert(path, file);
    }
    Ok(())
}

fn attachments(tried: &TryView) -> impl Iterator<Item = &crate::model::view::AttachmentView> {
    let attempts = tried.phases.iter().flat_map(|phase| &phase.attempts);
    attempts.flat_map(|attempt| &attempt.attachments)
}

/// Tells times as microseconds since the run began.
#[derive(Clone, Copy)]
struct Clock(Timestamp);

impl Clock {
    fn at(self, at: Timestamp) -> i64 {
        at.as_microsecond() - self.0.as_microsecond()
    }
}

fn micros(took: std::time::Duration) -> u64 {
    took.as_micros() as u64
}

fn attempt_to<'a>(tried: &'a TryView, shown: &'a Shown, clock: Clock) -> Try<'a> {
    Try {
        round: tried.round,
        number: tried.number,
        at: clock.at(tried.started),
        outcome: tried.outcome,
        took: micros(tried.took),
        phases: tried
            .phases
            .iter()
            .map(|one| phase(one, tried, shown, clock))
            .collect(),
        services: tried
            .services
            .iter()
            .map(|service| Service {
                name: &service.name,
                phase: &service.phase,
                news: service
                    .news
                    .iter()
                    .map(|news| News {
                        at: clock.at(news.at),
                        what: news.what,
                        data: &news.data,
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn phase<'a>(phase: &'a PhaseView, tried: &TryView, shown: &'a Shown, clock: Clock) -> Phase<'a> {
    Phase {
        name: &phase.name,
        state: phase.state,
        cause: phase.cause.as_deref(),
        changes: phase
            .changes
            .iter()
            .map(|(at, state)| (clock.at(*at), *state))
            .collect(),
        observed: seen(&phase.observed, clock),
        failures: &phase.failures,
        attempts: phase
            .attempts
            .iter()
            .map(|one| attempt(one, phase, tried, shown, clock))
            .collect(),
    }
}

fn seen(observed: &[Observation], clock: Clock) -> Vec<Seen<'_>> {
    let seen = observed.iter().map(|one| Seen {
        at: clock.at(one.at),
        seen: &one.seen,
        polls: one.polls,
    });
    seen.collect()
}

fn attempt<'a>(
    attempt: &'a AttemptView,
    phase: &PhaseView,
    tried: &TryView,
    shown: &'a Shown,
    clock: Clock,
) -> Attempt<'a> {
    let steps = attempt.steps.iter().map(|step| Step {
        id: step.id,
        parent: step.parent,
        kind: &step.kind,
        title: &step.title,
        site: &step.site,
        at: clock.at(step.began),
        outcome: step.outcome,
        took: micros(step.took),
        data: shown
            .of(
                tried.round,
                tried.number,
                &phase.name,
                attempt.number,
                step.id,
            )
            .or((!step.data.is_empty()).then_some(&step.data)),
        observed: seen(&step.observed, clock),
    });
    Attempt {
        number: attempt.number,
        seed: attempt.seed,
        at: clock.at(attempt.started),
        state: attempt.state,
        took: micros(attempt.took),
        failures: &attempt.failures,
        steps: steps.collect(),
        logs: attempt
            .logs
            .iter()
            .map(|log| Line {
                at: clock.at(log.at),
                step: log.step,
                level: log.level,
                text: &log.text,
            })
            .collect(),
        attachments: attempt
            .attachments
            .iter()
            .filter(|one| one.media_type != lines::MEDIA_TYPE)
            .map(|one| Attachment {
                step: one.step,
                name: &one.name,
                path: &one.path,
                media_type: &one.media_type,
                bytes: one.bytes,
            })
            .collect(),
        writes: &attempt.writes,
    }
}
