//! The graph of phases: what may move, and what never can any more. Pure.

use super::Rules;
use super::scenario::Running;
use super::wait::Wait;
use crate::model::{AttemptKey, Cause, Declared, PhaseState, Verdict, What};
use scenario_stdlib::host::failure::Failure;
use serde_json::{Map, Value};
use std::time::Instant;

/// What follows from settling a scenario.
pub enum Step {
    Changed(What),
    /// May execute as soon as a slot is free.
    Eligible(usize),
    PollAt(Instant, usize),
    Cancel(AttemptKey, String),
    /// It has begun to wait.
    Waits(usize),
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
    let gate = super::parking::gate(scenario, rules);
    loop {
        let mut moved = false;
        for (phase, is_open) in gate.iter().enumerate() {
            if stop_when_holds(scenario, phase) {
                scenario.phases[phase].stopping = true;
                let key = scenario.key(phase).attempt(scenario.phases[phase].attempts);
                steps.push(Step::Cancel(key, STOP_WHEN.into()));
            }
            if scenario.declared.phases[phase].during.is_some() {
                moved |= prober(scenario, phase, aborting.is_some(), now, rules, &mut steps);
                continue;
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
                Standing::Met if !is_open => {}
                Standing::Met => {
                    let declared = &scenario.declared.phases[phase];
                    let waits = (declared.has_ready
                        || declared.signal.is_some()
                        || declared.not_before.is_some())
                        && scenario.phases[phase].attempts == 0;
                    if waits {
                        let wait = Wait::begin(declared, now, rules);
                        let first = match declared.signal {
                            Some(_) => wait.end(declared, rules),
                            None => wait.first,
                        };
                        scenario.phases[phase].wait = Some(Box::new(wait));
                        let from = scenario.change(phase, PhaseState::Waiting, None);
                        steps.push(Step::Changed(scenario.changed(phase, from)));
                        steps.push(Step::PollAt(first, phase));
                        steps.push(Step::Waits(phase));
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

/// Moves a phase that watches another one: it begins to look when the other one leaves `pending`, and is over with it.
fn prober(
    scenario: &mut Running,
    phase: usize,
    aborting: bool,
    now: Instant,
    rules: &Rules,
    steps: &mut Vec<Step>,
) -> bool {
    let other = scenario.declared.phases[phase].during.as_deref();
    let Some(other) = other.and_then(|name| position(&scenario.declared, name)) else {
        return false;
    };
    let watched = scenario.phases[other].state;
    let run = &mut scenario.phases[phase];
    let (to, cause) = match run.state {
        PhaseState::Pending if watched.is_terminal() => (
            PhaseState::Skipped,
            Some(Cause::Needs {
                phase: scenario.declared.phases[other].name.to_string(),
                state: watched,
            }),
        ),
        PhaseState::Pending
            if !aborting && matches!(watched, PhaseState::Waiting | PhaseState::Executing) =>
        {
            let wait = Wait::begin(&scenario.declared.phases[phase], now, rules);
            run.wait = Some(Box::new(wait));
            steps.push(Step::PollAt(now, phase));
            (PhaseState::Waiting, None)
        }
        PhaseState::Waiting if watched.is_terminal() => {
            let Some(wait) = run.wait.as_mut().filter(|wait| !wait.in_flight) else {
                return false;
            };
            match wait.broke(&scenario.declared.phases[phase], now) {
                Some(failure) => {
                    let failure = Box::new(failure);
                    let phase = scenario.key(phase);
                    steps.push(Step::Changed(What::PhaseFailed { phase, failure }));
                    (PhaseState::Failed, None)
                }
                None => (PhaseState::Passed, None),
            }
        }
        _ => return false,
    };
    let from = scenario.change(phase, to, cause);
    steps.push(Step::Changed(scenario.changed(phase, from)));
    true
}

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
        match need.verdict(other.state, other.cause.as_deref()) {
            Verdict::Met => {}
            Verdict::Open => open = true,
            Verdict::Never => {
                return Standing::Never {
                    need: need.phase.to_string(),
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
                    need.verdict(other.state, other.cause.as_deref()) == Verdict::Met
                })
            })
}

fn position(declared: &Declared, name: &str) -> Option<usize> {
    declared.phases.iter().position(|phase| phase.name == name)
}

/// Whether a phase needs another one to be executing just now: it takes no slot, because it would wait for one that is
/// not given up before it has run.
pub fn runs_beside(scenario: &Running, phase: usize) -> bool {
    let mut needs = scenario.declared.phases[phase].needs.iter();
    needs.any(|need| {
        need.states.contains(&PhaseState::Executing)
            && position(&scenario.declared, &need.phase)
                .is_some_and(|other| scenario.phases[other].state == PhaseState::Executing)
    })
}

/// Whether the scenario can no longer pass.
pub fn is_doomed(scenario: &Running) -> bool {
    let mut phases = scenario.declared.phases.iter().zip(&scenario.phases);
    phases.any(|(phase, run)| {
        let is_bad = matches!(
            run.state,
            PhaseState::Failed | PhaseState::Defective | PhaseState::Aborted
        );
        is_bad && !phase.ignore_outcome
    })
}

/// Two phases side by side that write different values to one key: nobody could say which one counts.
pub fn clash(scenario: &Running, phase: usize, writes: &Map<String, Value>) -> Option<Failure> {
    let before = ancestors(&scenario.declared, phase);
    for (other, run) in scenario.phases.iter().enumerate() {
        if other == phase || run.state != PhaseState::Passed || before[other] {
            continue;
        }
        let other_phase = &scenario.declared.phases[other];
        let is_ordered = ancestors(&scenario.declared, other)[phase]
            || other_phase.always
            || scenario.declared.phases[phase].always;
        if is_ordered {
            continue;
        }
        let differing = run.writes.iter().find_map(|(key, theirs)| {
            let theirs = theirs.as_ref()?;
            let ours = writes.get(key).filter(|ours| *ours != theirs)?;
            Some((key, theirs, ours))
        });
        if let Some((key, theirs, ours)) = differing {
            let mine = &scenario.declared.phases[phase].name;
            return Some(
                Failure::usage(format!(
                    "phases \"{}\" and \"{mine}\" run side by side, and both wrote `state.{key}`",
                    other_phase.name
                ))
                .detail(
                    format!("\"{}\" wrote", other_phase.name),
                    theirs.to_string(),
                )
                .detail(format!("\"{mine}\" wrote"), ours.to_string())
                .hint("give each a key of its own, or let one need the other"),
            );
        }
    }
    None
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
