//! The last lines: what needs attention, once more and briefly, each with the next command to type; then the counts.

use super::Look;
use super::line::{INDENT, word};
use crate::model::view::{Counts, ScenarioView, View};
use crate::report::tiers;
use crate::report::verdict::{Setback, Verdict, decisive, reason};
use crate::report::{clean, fit, next};
use scenario_stdlib::host::duration::show;
use std::collections::BTreeMap;
use std::time::Duration;

/// How many are listed by name before it is only counted.
const LISTED: usize = 50;
const FEW: usize = 5;

/// Faster ones need no mention.
const SLOW: Duration = Duration::from_secs(1);

/// Everything below the account.
pub fn summary(view: &View, look: &Look, out: &mut String) {
    if !view.scenarios.is_empty() {
        out.push('\n');
    }
    attention(view, look, out);
    remarks(view, look, out);
    totals(view, look, out);
    closing(view, look, out);
}

/// What someone has to look at.
fn attention(view: &View, look: &Look, out: &mut String) {
    let needs_it = |scenario: &&ScenarioView| {
        let verdict = Verdict::of(scenario);
        verdict.is_bad() && verdict != Verdict::NotRun
    };
    let listed: Vec<_> = view.scenarios.iter().filter(needs_it).collect();
    // A single scenario was told about in full just above.
    if listed.is_empty() || (view.scenarios.len() == 1 && view.ended.is_some()) {
        return;
    }
    out.push_str(
        &look
            .palette
            .dim("─".repeat(look.width.unwrap_or(80).min(80))),
    );
    out.push('\n');
    for scenario in listed.iter().take(LISTED) {
        brief(scenario, view, look, out);
    }
    if listed.len() > LISTED {
        out.push_str(&format!("… and {} more\n\n", listed.len() - LISTED));
    }
}

fn brief(scenario: &ScenarioView, view: &View, look: &Look, out: &mut String) {
    let verdict = Verdict::of(scenario);
    let setbacks = Setback::all(scenario);
    let decisive = decisive(&setbacks).next();
    let failure = decisive.and_then(|setback| setback.failures.first());
    let path = match decisive {
        Some(setback) => setback.path(failure),
        None => vec![scenario.declared.id.name()],
    };
    let path: Vec<String> = path.into_iter().map(clean::name).collect();
    let blanks = " ".repeat(INDENT);
    let word = word(verdict, scenario.quarantined, look);
    out.push_str(&format!(
        "{word}  {}\n",
        look.palette.strong(path.join(" › "))
    ));
    let why = match decisive {
        Some(setback) if scenario.reason.is_empty() => setback.headline(),
        _ => reason(scenario, view),
    };
    let label = failure.map_or("", |failure| failure.label.as_str());
    let why = match label {
        "" => why,
        label if why.contains(label) => why,
        label => format!("{why}: {label}"),
    };
    if !why.is_empty() {
        out.push_str(&format!("{blanks}{}\n", clean::line(&why, clean::NAME)));
    }
    if let Some(at) = failure.and_then(|failure| failure.location.as_ref()) {
        out.push_str(&format!(
            "{blanks}{}\n",
            look.palette.dim(clean::name(&at.to_string()))
        ));
    }
    out.push_str(&format!(
        "{blanks}{}\n\n",
        look.palette.note(next::rerun(&scenario.declared))
    ));
}

/// What is worth knowing though nothing went wrong.
fn remarks(view: &View, look: &Look, out: &mut String) {
    let mut remarks: Vec<(&str, Vec<String>)> = Vec::new();
    let names = |wanted: &dyn Fn(&ScenarioView) -> bool| -> Vec<String> {
        let found = view.scenarios.iter().filter(|scenario| wanted(scenario));
        few(found
            .map(|scenario| clean::name(&scenario.declared.id.0))
            .collect())
    };
    let flaky = names(&|scenario| Verdict::of(scenario) == Verdict::Flaky);
    remarks.push(("flaky", flaky));
    let vacuous = names(&|scenario| {
        matches!(Verdict::of(scenario), Verdict::Passed | Verdict::Flaky)
            && scenario.assertions == 0
    });
    remarks.push(("asserted nothing", vacuous));
    let skipped = view
        .scenarios
        .iter()
        .filter(|s| Verdict::of(s) == Verdict::Skipped);
    remarks.push(("skipped", by_reason(skipped.map(|s| reason(s, view)))));
    let left_out = view.not_selected.iter().map(|(_, reason)| reason.clone());
    remarks.push(("not selected", by_reason(left_out)));
    remarks.push(("slowest", slowest(view)));
    let not_begun = view
        .scenarios
        .iter()
        .filter(|s| Verdict::of(s) == Verdict::NotRun)
        .count();
    if not_begun > 0 {
        remarks.push(("never begun", vec![format!("{not_begun} scenarios")]));
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

fn slowest(view: &View) -> Vec<String> {
    if view.scenarios.len() < 2 {
        return Vec::new();
    }
    let mut slow: Vec<_> = view.scenarios.iter().filter(|s| s.took > SLOW).collect();
    slow.sort_by_key(|scenario| std::cmp::Reverse(scenario.took));
    let lines = slow.iter().take(3).map(|scenario| {
        let time = fit::pad(&show(scenario.took), 7);
        format!("{time} {}", clean::name(&scenario.declared.id.0))
    });
    lines.collect()
}

/// A line for each tier, where scenarios are tagged so.
fn totals(view: &View, look: &Look, out: &mut String) {
    let tiers = tiers::totals(view);
    for (tier, counts) in &tiers {
        let label = format!("{}: ", clean::name(tier));
        out.push_str(&fit::flow(
            &label,
            &pieces(counts, look, view),
            2,
            look.width,
        ));
        out.push('\n');
    }
    if !tiers.is_empty() {
        out.push('\n');
    }
}

/// The counts of the run and what to do next.
fn closing(view: &View, look: &Look, out: &mut String) {
    let palette = look.palette;
    if let Some(reason) = &view.interrupted {
        let reason = clean::line(reason, clean::NAME);
        out.push_str(&format!("{} {reason}\n", palette.warn("interrupted:")));
    }
    if view.ended.is_none() {
        out.push_str(&format!(
            "{} the run was killed, or ended without saying so\n",
            palette.fault("cut off:")
        ));
    }
    let counts = view.counts();
    let mut facts = pieces(&counts, look, view);
    let assertions: u64 = view
        .scenarios
        .iter()
        .map(|scenario| scenario.assertions)
        .sum();
    facts.push(palette.dim(format!("{assertions} {}", plural(assertions, "assertion"))));
    if let Some(ended) = view.ended.filter(|ended| ended.masked > 0) {
        let values = plural(ended.masked, "secret value");
        facts.push(palette.dim(format!("{} {values} masked", ended.masked)));
    }
    facts.push(palette.dim(show(view.took())));
    let total = format!(
        "{} {}: ",
        counts.total,
        plural(counts.total as u64, "scenario")
    );
    let total = palette.strong(total);
    out.push_str(&fit::flow(&total, &facts, 2, look.width));
    out.push('\n');
    let Some(run) = &view.run else { return };
    let needs_a_look = view
        .scenarios
        .iter()
        .any(|s| Verdict::of(s).is_bad() || s.flaky);
    if needs_a_look {
        out.push_str(&format!(
            "look closer: {}\n",
            palette.note(next::show(&run.run))
        ));
    }
    if counts.parked > 0 {
        out.push_str(&format!(
            "go on with:  {}\n",
            palette.note(next::resume(&run.run))
        ));
    }
}

/// `8 passed (1 flaky)`, `2 failed`, …: what there is none of is left out.
fn pieces(counts: &Counts, look: &Look, view: &View) -> Vec<String> {
    let palette = look.palette;
    let mut pieces = Vec::new();
    if counts.passed > 0 {
        let flaky = match counts.flaky {
            0 => String::new(),
            flaky => format!(" ({})", palette.warn(format!("{flaky} flaky"))),
        };
        pieces.push(format!(
            "{}{flaky}",
            palette.good(format!("{} passed", counts.passed))
        ));
    }
    let mut add = |count: usize, text: &str, paint: &dyn Fn(String) -> String| {
        if count > 0 {
            pieces.push(paint(format!("{count} {text}")));
        }
    };
    add(counts.failed, "failed", &|text| palette.bad(text));
    add(counts.errored, "errored", &|text| palette.fault(text));
    add(counts.quarantined, "of these in quarantine", &|text| {
        palette.warn(text)
    });
    add(counts.skipped, "skipped", &|text| palette.dim(text));
    add(counts.interrupted, "interrupted", &|text| {
        palette.warn(text)
    });
    add(counts.parked, "parked", &|text| palette.note(text));
    let open = if view.ended.is_some() {
        "not run"
    } else {
        "cut off"
    };
    add(counts.open, open, &|text| palette.fault(text));
    add(counts.vacuous, "asserted nothing", &|text| {
        palette.warn(text)
    });
    pieces
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        word.into()
    } else {
        format!("{word}s")
    }
}
