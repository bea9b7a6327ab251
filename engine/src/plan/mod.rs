//! What will be run, in which order, and why the rest will not: pure functions over what was declared. Knows no files,
//! flags, threads or clocks; who calls it gives the date.
//!
//! [`plan`] is the door.

mod circle;
mod decide;
mod error;
mod graph;
mod needs;
mod order;
mod pattern;
mod pick;
mod place;
mod precheck;
pub mod repeat;
mod shard;
mod tags;

#[cfg(test)]
mod tests;

pub use decide::{Conditions, Decision};
pub use error::PlanError;
pub use order::{Order, tier};
pub use shard::Shard;

use crate::model::{Declared, ScenarioId};
use pick::Picker;
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::host::suggest;
use shard::Item;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Parts of files, by file; a file that is missing here is meant whole.
    pub spots: BTreeMap<String, Spots>,
    /// A tag expression.
    pub tags: Option<String>,
    /// The tags there are, if the project declares them.
    pub declared_tags: Option<Vec<String>>,
    /// A text or `/regex/` to be found in `file::name`.
    pub grep: Option<String>,
    /// Only these, which did not pass before.
    pub last_failed: Option<BTreeSet<ScenarioId>>,
    pub conditions: Conditions,
    /// The profiles there are, to find slips in `skip_in`.
    pub profiles: Vec<String>,
    /// For scenarios that set none themselves.
    pub retries: u32,
    /// How often each runs; 0 counts as once.
    pub repeat: u32,
    pub order: Order,
    pub shard: Option<Shard>,
    /// What scenarios lasted before on this machine; for the order.
    pub durations: BTreeMap<ScenarioId, Duration>,
    /// What scenarios last by a record that all machines share; for even shards. Were it a machine's own, each would
    /// divide otherwise, and scenarios would run twice or nowhere.
    pub shared_durations: BTreeMap<ScenarioId, Duration>,
}

/// Parts of a file: the scenarios at these lines, and those of these names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spots {
    pub lines: Vec<u32>,
    pub names: Vec<String>,
}

/// What will be done.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// In the order they start.
    pub selected: Vec<Planned>,
    /// Each with its reason.
    pub not_selected: Vec<(ScenarioId, String)>,
    /// Nothing may start while there are any.
    pub errors: Vec<PlanError>,
    pub warnings: Vec<String>,
}

/// A selected scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// As declared, but with the id it runs under, the retries in force, and needs as ids.
    pub declared: Arc<Declared>,
    /// The id its script gives it: another than that of `declared` when it is repeated.
    pub declared_id: ScenarioId,
    pub decision: Decision,
    /// It runs and is reported, but does not gate.
    pub quarantined: bool,
    /// Why it is bad news even if it passes: its quarantine expired.
    pub expired: Option<String>,
    pub needs: Vec<ScenarioId>,
    /// It was not asked for, but this one needs it.
    pub needed_by: Option<ScenarioId>,
}

/// Makes a plan. `declared` stands in the order of files and of declarations in them.
pub fn plan(declared: &[Arc<Declared>], sources: &Sources, request: &Request) -> Plan {
    if let (Some(shard), Some(_)) = (request.shard, &request.last_failed) {
        return failed_of_part(declared, sources, request, shard);
    }
    let mut errors = declaration_errors(declared, sources, request);
    let (mut needs, wrong) = needs::resolve(declared, sources);
    errors.extend(wrong);
    let ahead = precheck::put_ahead(declared, &mut needs);
    let picker = match Picker::new(declared, request) {
        Ok(picker) if errors.is_empty() => picker,
        picker => {
            errors.extend(picker.err().unwrap_or_default());
            return Plan {
                errors,
                ..Plan::default()
            };
        }
    };
    let reasons: Vec<Option<String>> = declared.iter().map(|s| picker.refuses(s)).collect();
    let chosen: Vec<bool> = reasons.iter().map(Option::is_none).collect();
    let pulled = pick::needed(&chosen, &needs);
    let is_in = |at: usize| chosen[at] || pulled.contains_key(&at);
    let all: Vec<usize> = (0..declared.len()).filter(|at| is_in(*at)).collect();

    let mut warnings = picker.warnings(declared);
    warnings.extend(slips_in_profiles(declared, request));
    let mut plan = Plan {
        not_selected: declared
            .iter()
            .zip(reasons)
            .enumerate()
            .filter(|(at, _)| !is_in(*at))
            .filter_map(|(_, (scenario, reason))| Some((scenario.id.clone(), reason?)))
            .collect(),
        warnings,
        ..Plan::default()
    };
    let decisions = decisions(declared, &needs, &all, &request.conditions);
    let rounds = request.repeat.max(1);
    for round in 1..=rounds {
        let order = match request.order {
            Order::Shuffled(seed) => Order::Shuffled(seed.wrapping_add(u64::from(round) - 1)),
            order => order,
        };
        let id_of = |at: usize| repeat::numbered(&declared[at].id, round, rounds);
        for at in order::arrange(&all, declared, &needs, order, &request.durations) {
            let needs: Vec<ScenarioId> = needs[at].iter().map(|need| id_of(*need)).collect();
            plan.selected.push(Planned {
                declared_id: declared[at].id.clone(),
                decision: decisions[&at].clone(),
                quarantined: decide::is_quarantined(&declared[at], request.conditions.today),
                expired: decide::expired(&declared[at], request.conditions.today),
                declared: in_force(&declared[at], id_of(at), &needs, request.retries),
                needs,
                needed_by: pulled.get(&at).map(|by| id_of(*by)),
            });
        }
    }
    if let Some(shard) = request.shard {
        let ahead: BTreeSet<&ScenarioId> = ahead.iter().map(|at| &declared[*at].id).collect();
        keep_part(&mut plan, shard, &ahead, &request.shared_durations);
    }
    plan
}

/// A scenario as it runs: shared with whoever declared it, unless that says something else.
fn in_force(
    declared: &Arc<Declared>,
    id: ScenarioId,
    needs: &[ScenarioId],
    retries: u32,
) -> Arc<Declared> {
    let mut scenario = declared.clone();
    if scenario.id != id {
        Arc::make_mut(&mut scenario).id = id;
    }
    if !needs.is_empty() {
        Arc::make_mut(&mut scenario).terms_mut().needs =
            needs.iter().map(ScenarioId::to_string).collect();
    }
    if scenario.terms.retries.is_none() && retries > 0 {
        Arc::make_mut(&mut scenario).terms_mut().retries = Some(retries);
    }
    scenario
}

/// Of one part, what failed in the last run. The parts are those of the whole selection, as in that run: dividing what
/// failed here anew would leave some of it to machines that know nothing of it.
fn failed_of_part(
    declared: &[Arc<Declared>],
    sources: &Sources,
    request: &Request,
    shard: Shard,
) -> Plan {
    let part = plan(
        declared,
        sources,
        &Request {
            last_failed: None,
            ..request.clone()
        },
    );
    let mut failed = plan(
        declared,
        sources,
        &Request {
            shard: None,
            ..request.clone()
        },
    );
    let here: BTreeSet<ScenarioId> = part
        .selected
        .into_iter()
        .map(|planned| planned.declared.id.clone())
        .collect();
    for planned in std::mem::take(&mut failed.selected) {
        if here.contains(&planned.declared.id) {
            failed.selected.push(planned);
        } else {
            let reason = format!("it is not in shard {}/{}", shard.k, shard.n);
            failed
                .not_selected
                .push((planned.declared.id.clone(), reason));
        }
    }
    failed
}

/// What is wrong whichever scenarios are chosen.
fn declaration_errors(
    declared: &[Arc<Declared>],
    sources: &Sources,
    request: &Request,
) -> Vec<PlanError> {
    let mut errors = Vec::new();
    for scenario in declared {
        if let Some(known) = &request.declared_tags {
            for tag in scenario
                .terms
                .tags
                .iter()
                .filter(|tag| !known.contains(tag))
            {
                errors.push(PlanError::UndeclaredTag {
                    tag: tag.clone(),
                    scenario: scenario.id.to_string(),
                    hint: suggest::hint(tag, known.iter().map(String::as_str)),
                    at: place::of_word(sources, scenario.id.file(), scenario.line, tag),
                });
            }
        }
        let known = &request.conditions.requirements;
        errors.extend(decide::unknown_requirements(scenario, known, sources));
        errors.extend(graph::check(scenario, sources));
    }
    errors
}

fn slips_in_profiles(declared: &[Arc<Declared>], request: &Request) -> Vec<String> {
    let known = || request.profiles.iter().map(String::as_str);
    let slip = |scenario: &Declared, name: &str| {
        let near = suggest::nearest(name, known())?;
        Some(format!(
            "scenario `{}` is skipped in `{name}`, which is no profile: did you mean `{near}`?",
            scenario.id
        ))
    };
    let named = declared.iter().flat_map(|scenario| {
        scenario
            .terms
            .skip_in
            .iter()
            .map(move |name| (scenario, name))
    });
    named
        .filter(|(_, name)| !request.profiles.contains(name))
        .filter_map(|(scenario, name)| slip(scenario, name))
        .collect()
}

/// Decisions by position. What is not run cannot be needed, so those who need it are skipped too.
fn decisions(
    declared: &[Arc<Declared>],
    needs: &[Vec<usize>],
    all: &[usize],
    conditions: &Conditions,
) -> BTreeMap<usize, Decision> {
    let mut decisions: BTreeMap<usize, Decision> = BTreeMap::new();
    let order = Order::Declared;
    for at in order::arrange(all, declared, needs, order, &BTreeMap::new()) {
        let own = decide::decide(&declared[at], conditions);
        let lost = needs[at].iter().find_map(|need| match &decisions[need] {
            Decision::Run => None,
            // A precheck that is left out on purpose holds up nobody.
            Decision::Skip { .. } if declared[*need].terms.precheck => None,
            Decision::Skip { reason } | Decision::Error { reason } => Some((*need, reason)),
        });
        let decision = match (own, lost) {
            (Decision::Run, Some((need, reason))) => Decision::Skip {
                reason: format!("needs `{}`, which is not run: {reason}", declared[need].id),
            },
            (own, _) => own,
        };
        decisions.insert(at, decision);
    }
    decisions
}

/// Leaves only one part, behind what every part needs (`ahead`). The division does not look at decisions: machines may lack
/// different things.
fn keep_part(
    plan: &mut Plan,
    shard: Shard,
    ahead: &BTreeSet<&ScenarioId>,
    durations: &BTreeMap<ScenarioId, Duration>,
) {
    let (ahead, divided): (Vec<Planned>, Vec<Planned>) = std::mem::take(&mut plan.selected)
        .into_iter()
        .partition(|planned| ahead.contains(&planned.declared_id));
    let positions: BTreeMap<&ScenarioId, usize> = divided
        .iter()
        .enumerate()
        .map(|(at, planned)| (&planned.declared.id, at))
        .collect();
    let needs: Vec<Vec<usize>> = divided
        .iter()
        .map(|planned| {
            let needs = planned.needs.iter();
            needs.filter_map(|id| positions.get(id).copied()).collect()
        })
        .collect();
    let items: Vec<Item<'_>> = divided
        .iter()
        .zip(&needs)
        .map(|(planned, needs)| Item {
            id: &planned.declared.id,
            known_as: &planned.declared_id,
            needs,
        })
        .collect();
    let parts = shard::divide(&items, shard.n, durations);
    for (planned, part) in divided.into_iter().zip(parts) {
        match part == shard.k {
            true => plan.selected.push(planned),
            false => {
                let reason = format!("it is in shard {part}/{}", shard.n);
                plan.not_selected
                    .push((planned.declared.id.clone(), reason));
            }
        }
    }
    let is_first = shard.k == 1;
    // A part with nothing to do has nothing to look at before it; if there is nothing else at all, the first part looks.
    if !plan.selected.is_empty() || (is_first && plan.not_selected.is_empty()) {
        plan.selected.splice(0..0, ahead);
    }
}
