//! What someone has to look at, once more and briefly: after a long account no one scrolls up to count.

use super::Look;
use super::line::{INDENT, word};
use crate::model::view::{ScenarioView, View};
use crate::report::setback::{Setback, decisive};
use crate::report::verdict::{Verdict, reason};
use crate::report::{clean, next};

/// How many are listed before the rest is only counted.
const LISTED: usize = 50;

/// Of those that were merely interrupted, more than this are only counted: they would bury what really broke.
const STOPPED: usize = 3;

/// The list, between a rule and an empty line.
pub fn attention(view: &View, look: &Look, out: &mut String) {
    let needs_it = |scenario: &&ScenarioView| {
        let verdict = Verdict::of(scenario);
        verdict.is_bad() && verdict != Verdict::NotRun && !scenario.quarantined
    };
    let listed: Vec<_> = view.scenarios.iter().filter(needs_it).collect();
    let (stopped, broken): (Vec<&ScenarioView>, Vec<&ScenarioView>) = listed
        .iter()
        .partition(|scenario| Verdict::of(scenario) == Verdict::Interrupted);
    let (listed, counted) = match stopped.len() {
        0..=STOPPED => (listed, 0),
        stopped => (broken, stopped),
    };
    // A single scenario was told about in full just above.
    if (listed.is_empty() && counted == 0) || (view.scenarios.len() == 1 && view.ended.is_some()) {
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
    if counted > 0 {
        let word = word(Verdict::Interrupted, false, look);
        let reason = view.interrupted.as_deref().unwrap_or("the run was ended");
        let reason = clean::line(reason, clean::NAME);
        out.push_str(&format!("{word}  {counted} scenarios: {reason}\n\n"));
    }
}

fn brief(scenario: &ScenarioView, view: &View, look: &Look, out: &mut String) {
    let verdict = Verdict::of(scenario);
    let setbacks = Setback::all(scenario);
    let decisive = decisive(&setbacks).next();
    let failure = decisive.and_then(Setback::gravest);
    let place = match decisive {
        Some(setback) => setback.place(failure),
        None => clean::name(scenario.declared.id.name()),
    };
    let blanks = " ".repeat(INDENT);
    let word = word(verdict, scenario.quarantined, look);
    out.push_str(&format!("{word}  {}\n", look.palette.strong(place)));
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
