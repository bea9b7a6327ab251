//! What is worth knowing though nothing went wrong: flaky and vacuous scenarios, what was left out, what was slow.

use super::Look;
use super::line::NARROW;
use super::summary::count;
use crate::model::view::{ScenarioView, View};
use crate::report::verdict::{Verdict, reason};
use crate::report::{clean, fit};
use scenario_stdlib::host::duration::show;
use std::collections::BTreeMap;
use std::time::Duration;

/// How many are named before the rest is only counted.
const FEW: usize = 5;

/// Faster ones need no mention.
const SLOW: Duration = Duration::from_secs(1);

/// All of them, with an empty line behind.
pub fn remarks(view: &View, look: &Look, out: &mut String) {
    let mut remarks: Vec<(&str, Vec<String>)> = Vec::new();
    let names = |wanted: &dyn Fn(&ScenarioView) -> bool| -> Vec<String> {
        let found = view.scenarios.iter().filter(|scenario| wanted(scenario));
        few(found.map(|scenario| called(scenario, look)).collect())
    };
    let flaky = names(&|scenario| Verdict::of(scenario) == Verdict::Flaky);
    remarks.push(("flaky", flaky));
    let vacuous = names(&|scenario| {
        matches!(Verdict::of(scenario), Verdict::Passed | Verdict::Flaky)
            && scenario.assertions == 0
    });
    remarks.push(("asserted nothing", vacuous));
    remarks.push((
        "in quarantine",
        few(view
            .scenarios
            .iter()
            .filter_map(|s| quarantined(s, look))
            .collect()),
    ));
    let skipped = view
        .scenarios
        .iter()
        .filter(|s| Verdict::of(s) == Verdict::Skipped);
    remarks.push(("skipped", by_reason(skipped.map(|s| reason(s, view)))));
    let left_out = view.not_selected.iter().map(|(_, reason)| reason.clone());
    remarks.push(("not selected", by_reason(left_out)));
    remarks.push(("slowest", slowest(view, look)));
    let not_begun = view
        .scenarios
        .iter()
        .filter(|s| Verdict::of(s) == Verdict::NotRun)
        .count();
    if not_begun > 0 {
        remarks.push(("never begun", vec![count(not_begun as u64, "scenario")]));
    }
    remarks.retain(|(_, lines)| !lines.is_empty());
    let widest = remarks
        .iter()
        .map(|(label, _)| fit::width(label))
        .max()
        .unwrap_or(0);
    for (label, lines) in &remarks {
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { *label } else { "" };
            let label = look.palette.dim(fit::pad(label, widest));
            let line = match look.width {
                Some(width) => fit::fit(line, width.saturating_sub(widest + 2).max(20)),
                None => line.clone(),
            };
            out.push_str(&format!("{label}  {line}\n"));
        }
    }
    if !remarks.is_empty() {
        out.push('\n');
    }
}

/// How a scenario is called where it has no line of its own: in narrow terminals without its file.
fn called(scenario: &ScenarioView, look: &Look) -> String {
    let id = &scenario.declared.id;
    match look.width {
        Some(..NARROW) => clean::name(id.name()),
        _ => clean::name(&id.0),
    }
}

/// Bad, but not gating; until when, and who is to see to it.
fn quarantined(scenario: &ScenarioView, look: &Look) -> Option<String> {
    let quarantine = scenario.declared.terms.quarantine.as_ref();
    let quarantine = quarantine.filter(|_| scenario.quarantined)?;
    let ticket = match quarantine.ticket.as_str() {
        "" => String::new(),
        ticket => format!(", {}", clean::name(ticket)),
    };
    Some(format!(
        "{} until {}, {}{ticket}",
        called(scenario, look),
        quarantine.expires,
        clean::name(&quarantine.owner)
    ))
}

fn few(mut names: Vec<String>) -> Vec<String> {
    if names.len() > FEW {
        let more = names.len() - (FEW - 1);
        names.truncate(FEW - 1);
        names.push(format!("… and {more} more"));
    }
    names
}

/// `2 × needs a browser`, the most frequent first.
fn by_reason(reasons: impl Iterator<Item = String>) -> Vec<String> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for reason in reasons {
        *counted
            .entry(clean::line(&reason, clean::NAME))
            .or_default() += 1;
    }
    let mut counted: Vec<_> = counted.into_iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let lines = counted.into_iter().map(|(reason, count)| {
        let reason = if reason.is_empty() {
            "no reason given"
        } else {
            &reason
        };
        format!("{count} × {reason}")
    });
    few(lines.collect())
}

fn slowest(view: &View, look: &Look) -> Vec<String> {
    if view.scenarios.len() < 2 {
        return Vec::new();
    }
    let mut slow: Vec<_> = view.scenarios.iter().filter(|s| s.took > SLOW).collect();
    slow.sort_by_key(|scenario| std::cmp::Reverse(scenario.took));
    let lines = slow.iter().take(3).map(|scenario| {
        let time = fit::pad(&show(scenario.took), 7);
        format!("{time} {}", called(scenario, look))
    });
    lines.collect()
}
