//! From what a file has called to its scenarios, by the rule of what a file is: the declarations, which are data, and the
//! code of every phase.

use super::check;
use super::declare::{Collected, RawPhase, RawScenario};
use super::evaluate::script_usage;
use super::hash::Hasher;
use super::load::{Code, Parts};
use super::options::PhaseOptions;
use super::resolver::Resolver;
use crate::model::{Declared, Name, Need, Phase, ScenarioId, Terms};
use rhai::{AST, Position};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::script::Deferred;
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::host::suggest;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// The one scenario of a script that declares nothing.
pub fn plain(file: &str, ast: AST) -> Parts {
    let name = file_stem(file);
    let phase = RawPhase {
        name: "run".into(),
        position: Position::new(1, 1),
        options: PhaseOptions::default(),
        body: None,
    };
    let declared = Declared {
        phases: declared(&[Box::new(phase)]).into(),
        ..Declared::new(ScenarioId::new(file, &name), 1)
    };
    let declared = Arc::new(declared);
    let code = Box::new([Code::Script(ast.into())]);
    let codes = HashMap::from([(declared.id.clone(), (declared.clone(), code as Box<[Code]>))]);
    (vec![declared], codes)
}

/// Gives every phase its scenario, by the rule of what a file is.
pub fn assemble(
    file: &str,
    text: &str,
    collected: Collected,
    sources: &Sources,
    resolver: &Resolver,
) -> Result<Parts, Vec<Failure>> {
    let at = |position: Position| sources.locate(Some(file), position);
    let place = |mut failure: Failure, position: Position| {
        failure.location = at(position);
        vec![failure]
    };
    let mut loose: Vec<Box<RawPhase>> = collected.phases.into_iter().flatten().collect();
    let mut scenarios = collected.scenarios;
    if loose.is_empty() {
        // What is pending has a name and a reason, and nothing to do yet.
        let pending = scenarios
            .iter_mut()
            .filter(|scenario| scenario.terms.skip.is_some());
        for scenario in pending {
            scenario.phases.get_or_insert_default();
        }
    }
    let mut open: Vec<&mut RawScenario> = scenarios
        .iter_mut()
        .filter(|scenario| scenario.phases.is_none())
        .collect();
    if let [_, second, ..] = open.as_slice() {
        return Err(place(
            script_usage("a file has one scenario without a body of its own")
                .hint("give each its phases in a list: scenario(\"…\", [phase(…), …])"),
            second.position,
        ));
    }
    match open.pop() {
        Some(scenario) if loose.is_empty() => {
            let failure = script_usage(format!("scenario \"{}\" has no phases", scenario.name))
                .hint("declare them in the same file: phase(\"…\", || { … })");
            return Err(place(failure, scenario.position));
        }
        Some(scenario) => scenario.phases = Some(std::mem::take(&mut loose)),
        None if loose.is_empty() => {}
        None => scenarios.insert(
            0,
            RawScenario {
                name: file_stem(file),
                position: loose[0].position,
                terms: Terms::default(),
                phases: Some(std::mem::take(&mut loose)),
            },
        ),
    }
    if scenarios.is_empty() {
        let failure =
            script_usage("the file declares no scenario, though it calls `scenario` or `phase`")
                .hint("was it called in a branch or loop that did not run?");
        return Err(place(failure, Position::new(1, 1)));
    }
    let mut names: BTreeMap<String, Position> = BTreeMap::new();
    let mut all = Vec::with_capacity(scenarios.len());
    let mut codes = HashMap::with_capacity(scenarios.len());
    let mut latest: (Arc<Vec<Phase>>, Box<[Code]>) = Default::default();
    let mut latest_terms: Arc<Terms> = Arc::default();
    let signals = check::signals(text);
    let mut hasher = Hasher::new(file, text, resolver);
    for scenario in scenarios {
        if let Some(first) = names.insert(scenario.name.clone(), scenario.position) {
            let failure = script_usage(format!(
                "there are two scenarios named \"{}\"",
                scenario.name
            ))
            .detail("the first", format!("{file}:{}", first.line().unwrap_or(1)))
            .hint("in a loop, put what differs into the name: scenario(`login as ${user}`, …)");
            return Err(place(failure, scenario.position));
        }
        let phases = scenario.phases.unwrap_or_default();
        check_phases(&scenario.name, &phases)
            .map_err(|(failure, position)| place(failure, position))?;
        let counts = phases.iter().any(|phase| !phase.options.ignore_outcome);
        if !phases.is_empty() && !counts {
            let failure = script_usage(format!(
                "scenario \"{}\" could never fail: each of its phases has `ignore_outcome`",
                scenario.name
            ))
            .hint("leave it off a phase whose outcome is to count");
            return Err(place(failure, scenario.position));
        }
        // A loop declares a hundred thousand scenarios alike: they share their phases and terms.
        let own_phases = declared(&phases);
        if own_phases != *latest.0 {
            latest = (own_phases.into(), Box::default());
        }
        let mut terms = scenario.terms;
        terms.signals.clone_from(&signals);
        let manual = latest.0.iter().filter_map(|phase| phase.signal.clone());
        terms.signals.extend(manual);
        terms.signals.sort();
        terms.signals.dedup();
        if terms != *latest_terms {
            latest_terms = terms.into();
        }
        // Only a scenario of several phases can be left in the middle.
        let hashes = match phases.as_slice() {
            [_, _, ..] => phases.iter().map(|phase| hasher.of(phase)).collect(),
            _ => Vec::new(),
        };
        let declared = Arc::new(Declared {
            id: ScenarioId::new(file, &scenario.name),
            line: line(scenario.position),
            phases: latest.0.clone(),
            hashes,
            terms: latest_terms.clone(),
        });
        let formers = latest.1.iter().map(Some).chain(std::iter::repeat(None));
        let own: Box<[Code]> = phases
            .into_iter()
            .zip(formers)
            .map(|(phase, former)| code(*phase, former))
            .collect();
        latest.1.clone_from(&own);
        codes.insert(declared.id.clone(), (declared.clone(), own));
        all.push(declared);
    }
    Ok((all, codes))
}

/// The code of a phase; closures that are the same as those of `former` are shared with it.
fn code(phase: RawPhase, former: Option<&Code>) -> Code {
    let (former_body, former_ready) = match former {
        Some(Code::Closure { body, ready }) => (Some(body), ready.as_ref()),
        _ => (None, None),
    };
    let shared = |closure: Deferred, former: Option<&Arc<Deferred>>| {
        let same = former.filter(|former| former.is_same(&closure)).cloned();
        same.unwrap_or_else(|| Arc::new(closure))
    };
    let Some(body) = phase.body.map(|body| shared(body, former_body)) else {
        return Code::Nothing;
    };
    let ready = match phase.options.during {
        Some(_) => Some(body.clone()),
        None => phase.options.ready.map(|ready| shared(ready, former_ready)),
    };
    Code::Closure { body, ready }
}

fn check_phases(scenario: &str, phases: &[Box<RawPhase>]) -> Result<(), (Failure, Position)> {
    let names: Vec<&str> = phases.iter().map(|phase| phase.name.as_str()).collect();
    for (index, phase) in phases.iter().enumerate() {
        if names[..index].contains(&phase.name.as_str()) {
            let failure = script_usage(format!(
                "scenario \"{scenario}\" has two phases named \"{}\"",
                phase.name
            ));
            return Err((failure, phase.position));
        }
        let needs = phase.options.needs.iter().flatten();
        let watched = phase
            .options
            .during
            .iter()
            .map(|name| Need::of(name.as_str()))
            .collect::<Vec<_>>();
        for need in needs.chain(&phase.options.stop_when).chain(&watched) {
            if need.phase == phase.name || !names.contains(&need.phase.as_str()) {
                let mut failure = if need.phase == phase.name {
                    script_usage(format!("phase \"{}\" needs itself", phase.name))
                } else {
                    script_usage(format!(
                        "phase \"{}\" needs \"{}\", and there is no such phase",
                        phase.name, need.phase
                    ))
                };
                failure.hint = suggest::hint(&need.phase, names.iter().copied());
                return Err((failure, phase.position));
            }
        }
    }
    Ok(())
}

fn line(position: Position) -> u32 {
    position.line().unwrap_or(1) as u32
}

/// Phases as they are declared, each with what it needs.
fn declared(phases: &[Box<RawPhase>]) -> Vec<Phase> {
    let mut out = Vec::with_capacity(phases.len());
    for (index, phase) in phases.iter().enumerate() {
        let given = &phase.options;
        let before = || {
            let earlier = phases[..index].iter().rev();
            // One that only watches another is no step on the way.
            let before = earlier
                .into_iter()
                .find(|phase| phase.options.during.is_none());
            match before {
                Some(before) if !given.always && given.during.is_none() => {
                    vec![Need::of(before.name.as_str())]
                }
                _ => Vec::new(),
            }
        };
        out.push(Phase {
            name: phase.name.as_str().into(),
            line: line(phase.position),
            needs: given.needs.clone().unwrap_or_else(before),
            has_ready: given.ready.is_some(),
            every: given.every,
            backoff: given.backoff,
            within: given.within,
            not_before: given.not_before,
            timeout: given.timeout,
            retries: given.retries,
            always: given.always,
            waits_for_earlier: given.always && given.needs.is_none(),
            ignore_outcome: given.ignore_outcome,
            stop_when: given.stop_when.clone(),
            expires: given.expires,
            signal: given.signal.clone(),
            instruction: given.instruction.clone(),
            during: given.during.as_deref().map(Name::from),
            max_gap: given.max_gap.unwrap_or_default(),
        });
    }
    out
}

fn file_stem(file: &str) -> String {
    Path::new(file)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
