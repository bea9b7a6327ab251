//! The graph of phases: what may move, and what never can any more. Pure.

use super::Rules;
use super::scenario::{Running, Wait};
use crate::model::{AttemptKey, Cause, Declared, PhaseState, Verdict, What};
use std::time::Instant;

/// What follows from settling a scenario.
pub enum Step {
    Changed(What),
    /// May execute as soon as a slot is free.
    Eligible(usize),
    PollAt(Instant, usize),
    Cancel(AttemptKey, String),
}

/// Moves pending phases on until nothing changes any more: to skipped as soon as a need can no longer hold, to
/// waiting or to eligible once all needs hold; and ends executing ones whose `stop_when` came true.
pub fn settle(
    scenario: &mut Running,
    aborting: Option<&str>,
    now: Instant,
    rules: &Rules,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if !scenario.active {
        return steps;
    }
    loop {
        let mut moved = false;
        for phase in 0..scenario.phases.len() {
            if stop_when_holds(scenario, phase) {
                scenario.phases[phase].stopping = true;
                let key = scenario.key(phase).attempt(scenario.phases[phase].attempts);
                steps.push(Step::Cancel(key, STOP_WHEN.into()));
            }
            if scenario.phases[phase].state != PhaseState::Pending {
                continue;
            }
            match standing(scenario, phase) {
                Standing::Open => {}
                Standing::Never { need, state } => {
                    let cause = Cause::Needs { phase: need, state };
                    let from = scenario.change(phase, PhaseState::Skipped, Some(cause));
                    steps.push(Step::Changed(scenario.changed(phase, from)));
                    moved = true;
                }
                Standing::Met if aborting.is_some() && !scenario.declared.phases[phase].always => {}
                Standing::Met => {
                    let declared = &scenario.declared.phases[phase];
                    let waits = (declared.has_ready || declared.not_before.is_some())
                        && scenario.phases[phase].attempts == 0;
                    let first = now
                        + declared
                            .not_before
                            .unwrap_or_default()
                            .mul_f64(rules.time_scale);
                    if waits {
                        scenario.phases[phase].wait = Some(Wait {
                            since: first,
                            polls: 0,
                            seen: String::new(),
                            seen_since: first,
                            in_flight: false,
                        });
                        let from = scenario.change(phase, PhaseState::Waiting, None);
                        steps.push(Step::Changed(scenario.changed(phase, from)));
                        steps.push(Step::PollAt(first, phase));
                        moved = true;
                    } else {
                        steps.push(Step::Eligible(phase));
                    }
                }
            }
        }
        if !moved {
            return steps;
        }
    }
}

/// The reason given to an attempt that `stop_when` ends; it then counts as passed.
pub const STOP_WHEN: &str = "stop_when";

enum Standing {
    Met,
    Open,
    Never { need: String, state: PhaseState },
}

fn standing(scenario: &Running, phase: usize) -> Standing {
    let declared = &scenario.declared.phases[phase];
    if declared.waits_for_earlier {
        let all = scenario.phases[..phase]
            .iter()
            .all(|earlier| earlier.state.is_terminal());
        return if all { Standing::Met } else { Standing::Open };
    }
    let mut open = false;
    for need in &declared.needs {
        let Some(index) = position(&scenario.declared, &need.phase) else {
            continue;
        };
        let other = &scenario.phases[index];
        match need.verdict(other.state, other.cause.as_ref()) {
            Verdict::Met => {}
            Verdict::Open => open = true,
            Verdict::Never => {
                return Standing::Never {
                    need: need.phase.clone(),
                    state: other.state,
                };
            }
        }
    }
    if open { Standing::Open } else { Standing::Met }
}

fn stop_when_holds(scenario: &Running, phase: usize) -> bool {
    let run = &scenario.phases[phase];
    run.state == PhaseState::Executing
        && !run.stopping
        && scenario.declared.phases[phase]
            .stop_when
            .iter()
            .any(|need| {
                position(&scenario.declared, &need.phase).is_some_and(|index| {
                    let other = &scenario.phases[index];
                    need.verdict(other.state, other.cause.as_ref()) == Verdict::Met
                })
            })
}

fn position(declared: &Declared, name: &str) -> Option<usize> {
    declared.phases.iter().position(|phase| phase.name == name)
}

/// Which phases `phase` needs, directly or through others.
pub fn ancestors(declared: &Declared, phase: usize) -> Vec<bool> {
    let mut found = vec![false; declared.phases.len()];
    let mut open = vec![phase];
    while let Some(current) = open.pop() {
        for need in &declared.phases[current].needs {
            if let Some(index) = position(declared, &need.phase)
                && !found[index]
            {
                found[index] = true;
                open.push(index);
            }
        }
    }
    found
}
