//! The stages of a try, in order, with how long each took: phases, and the waits before them with what they saw.

use crate::model::PhaseState;
use crate::model::event::HOLDS;
use crate::model::outcome::Cause;
use crate::model::view::{Observation, PhaseView, TryView};
use jiff::Timestamp;
use scenario_stdlib::host::duration::show;
use std::time::Duration;

/// How many changes of a wait are shown; of more, the first and the last ones.
const CHANGES: usize = 8;

/// Longest text of one thing seen.
const SEEN: usize = 60;

/// One row: a wait, an attempt, or a phase that was never executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub label: String,
    pub took: Option<Duration>,
    /// Empty when all went well.
    pub note: String,
}

/// The stages of `tried`; what goes on still is measured up to `now`.
pub fn stages(tried: &TryView, now: Option<Timestamp>) -> Vec<Stage> {
    tried
        .phases
        .iter()
        .flat_map(|phase| of_phase(phase, now))
        .collect()
}

fn of_phase(phase: &PhaseView, now: Option<Timestamp>) -> Vec<Stage> {
    let mut stages = Vec::new();
    if let Some((began, ended)) = waited(phase) {
        let until = ended.or(now).unwrap_or(began);
        if phase.during.is_some() {
            return vec![Stage {
                label: phase.name.to_string(),
                took: Some(between(began, until)),
                note: held(phase, until),
            }];
        }
        let seen = changes(&phase.observed, began);
        let in_vain = phase.attempts.is_empty() && phase.state.is_terminal();
        stages.push(Stage {
            label: format!("wait for {}", phase.name),
            took: Some(between(began, until)),
            note: if in_vain {
                let state = phase.state.name();
                match seen.as_str() {
                    "" => state.into(),
                    seen => format!("{state}: {seen}"),
                }
            } else {
                came_true(seen, &phase.observed, ended)
            },
        });
    }
    let many = phase.attempts.len() > 1;
    for attempt in &phase.attempts {
        let label = if many {
            format!("{}, attempt {}", phase.name, attempt.number)
        } else {
            phase.name.to_string()
        };
        let stage = match attempt.state {
            Some(state) => Stage {
                label,
                took: Some(attempt.took),
                note: match state {
                    PhaseState::Passed => stopped(phase),
                    PhaseState::Skipped => not_executed(phase),
                    state => state.name().into(),
                },
            },
            None => Stage {
                label,
                took: now.map(|now| between(attempt.started, now)),
                note: "did not end".into(),
            },
        };
        stages.push(stage);
    }
    if stages.is_empty() {
        stages.push(Stage {
            label: phase.name.to_string(),
            took: None,
            note: not_executed(phase),
        });
    }
    stages
}

/// What a wait saw before it came true. What it saw last did not hold, so it must not stand there like a result; one
/// bare `false` on the way says nothing at all.
fn came_true(seen: String, observed: &[Observation], ended: Option<Timestamp>) -> String {
    const BLAND: [&str; 5] = ["false", "()", "\"\"", "[]", "{}"];
    let is_bland = |observation: &Observation| BLAND.contains(&observation.seen.as_str());
    if ended.is_some() && observed.iter().all(is_bland) {
        String::new()
    } else if ended.is_some() {
        format!("{seen}, then ready")
    } else {
        seen
    }
}

/// How well something held during another phase.
fn held(phase: &PhaseView, until: Timestamp) -> String {
    let ends = phase.observed.iter().skip(1).map(|next| next.at);
    let gaps = phase
        .observed
        .iter()
        .zip(ends.chain([until]))
        .filter(|(observation, _)| observation.seen != HOLDS)
        .map(|(observation, end)| (between(observation.at, end), &observation.seen));
    let gaps: Vec<_> = gaps.collect();
    let (word, but) = match phase.state {
        PhaseState::Passed | PhaseState::Waiting => ("held", "held, but for"),
        PhaseState::Failed => ("failed", "failed: did not hold for"),
        state => (state.name(), "did not hold for"),
    };
    let Some((long, seen)) = gaps.iter().max_by_key(|(long, _)| *long) else {
        return word.to_owned();
    };
    let gap = match gaps.len() {
        1 => show(*long),
        many => format!("{many} gaps, the longest {}", show(*long)),
    };
    format!("{but} {gap}: {}", super::clean::short(seen, SEEN))
}

/// When the phase began to wait, and when that ended.
fn waited(phase: &PhaseView) -> Option<(Timestamp, Option<Timestamp>)> {
    let is_wait = |(_, state): &(Timestamp, PhaseState)| *state == PhaseState::Waiting;
    let index = phase.changes.iter().position(is_wait)?;
    let ended = phase.changes[index..]
        .iter()
        .find(|change| !is_wait(change));
    Some((phase.changes[index].0, ended.map(|(at, _)| *at)))
}

/// From `began` to `ended`; clocks that were set back make it zero, not negative.
pub fn between(began: Timestamp, ended: Timestamp) -> Duration {
    Duration::try_from(ended.duration_since(began)).unwrap_or_default()
}

/// `PENDING, STARTED after 2.1s, SUCCESS after 11.2s`.
pub fn changes(observed: &[Observation], began: Timestamp) -> String {
    let mut shown: Vec<String> = observed
        .iter()
        .enumerate()
        .map(|(index, observation)| {
            let seen = super::clean::short(&observation.seen, SEEN);
            match index {
                0 => seen,
                _ => format!("{seen} after {}", show(between(began, observation.at))),
            }
        })
        .collect();
    if shown.len() > CHANGES {
        let left_out = shown.len() - CHANGES;
        let plural = if left_out == 1 { "" } else { "s" };
        let note = format!("… {left_out} more change{plural} …");
        shown.splice(CHANGES / 2..CHANGES / 2 + left_out, [note]);
    }
    shown.join(", ")
}

fn stopped(phase: &PhaseView) -> String {
    match phase.cause.as_deref() {
        Some(Cause::Stopped { phase, state }) => {
            format!("stopped when `{phase}` was {}", state.name())
        }
        _ => String::new(),
    }
}

fn not_executed(phase: &PhaseView) -> String {
    let state = match phase.state {
        PhaseState::Pending => "not reached",
        state => state.name(),
    };
    match phase.cause.as_deref() {
        Some(Cause::Script { reason } | Cause::Condition { reason }) => {
            format!("{state}: {reason}")
        }
        Some(Cause::Interrupted { reason }) => format!("{state}: {reason}"),
        Some(Cause::Needs { phase, state: was }) => format!("{state}: `{phase}` {}", was.name()),
        _ => state.into(),
    }
}
