//! The last lines: what needs attention, what is worth knowing, the counts, and what to type next.

use super::Look;
use super::attention::attention;
use super::remarks::remarks;
use crate::model::view::{Counts, ScenarioView, View};
use crate::report::palette::Palette;
use crate::report::tiers;
use crate::report::verdict::Verdict;
use crate::report::{clean, fit, next};
use scenario_stdlib::host::duration::show;

/// Everything below the account.
pub fn summary(view: &View, look: &Look, out: &mut String) {
    let quiet = look.options.quiet;
    if !view.scenarios.is_empty()
        && (!quiet || view.scenarios.iter().any(|s| Verdict::of(s).is_bad()))
    {
        out.push('\n');
    }
    if !quiet {
        attention(view, look, out);
        remarks(view, look, out);
        totals(view, look, out);
    }
    closing(view, look, out);
}

/// A line for each tier, where scenarios are tagged so.
fn totals(view: &View, look: &Look, out: &mut String) {
    let tiers = tiers::totals(view);
    for (tier, counts) in &tiers {
        let label = format!("{}: ", clean::name(tier));
        out.push_str(&fit::flow(&label, &pieces(counts, look), 2, look.width));
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
    if view.is_live {
        out.push_str(&format!(
            "{} the run goes on; this is how far it has come\n",
            palette.note("running:")
        ));
    } else if view.ended.is_none() {
        out.push_str(&format!(
            "{} the run was killed, or ended without saying so\n",
            palette.fault("cut off:")
        ));
    }
    let counts = view.counts();
    if counts.total == 0 {
        out.push_str("no scenario was run\n");
        return;
    }
    let mut facts = pieces(&counts, look);
    let warnings = view.scenarios.iter().flat_map(ScenarioView::warnings);
    let warnings = warnings.count() as u64;
    if warnings > 0 {
        facts.push(palette.warn(count(warnings, "warning")));
    }
    let assertions: u64 = view.scenarios.iter().map(|s| s.assertions).sum();
    facts.push(palette.dim(count(assertions, "assertion")));
    if let Some(ended) = view.ended.filter(|ended| ended.masked > 0) {
        let values = count(ended.masked, "secret value");
        facts.push(palette.dim(format!("{values} masked")));
    }
    facts.push(palette.dim(show(view.took())));
    let total = palette.strong(format!("{}: ", count(counts.total as u64, "scenario")));
    out.push_str(&fit::flow(&total, &facts, 2, look.width));
    out.push('\n');
    let Some(run) = &view.run else { return };
    // Of several, each has its command in the list above.
    if let ([only], Some(_)) = (view.scenarios.as_slice(), view.ended)
        && Verdict::of(only).is_bad()
    {
        let command = palette.note(next::rerun(&only.declared));
        out.push_str(&format!("run again:   {command}\n"));
    }
    let needs_a_look = |s: &ScenarioView| Verdict::of(s).is_bad() || s.flaky;
    if view.scenarios.iter().any(needs_a_look) {
        let command = palette.note(next::show(&run.run));
        out.push_str(&format!("look closer: {command}\n"));
    }
    if counts.parked > 0 {
        let command = palette.note(next::resume(&run.run));
        let when = match next::earliest(view) {
            Some(at) => format!(", useful from {} on", clock(at)),
            None => String::new(),
        };
        out.push_str(&format!("go on with: {command}{when}\n"));
    }
}

/// `8 passed (1 flaky)`, `2 failed`, …: what there is none of is left out.
fn pieces(counts: &Counts, look: &Look) -> Vec<String> {
    let palette = look.palette;
    let mut pieces = Vec::new();
    if counts.passed > 0 {
        let flaky = match counts.flaky {
            0 => String::new(),
            flaky => format!(" ({})", palette.warn(format!("{flaky} flaky"))),
        };
        let passed = palette.good(format!("{} passed", counts.passed));
        pieces.push(format!("{passed}{flaky}"));
    }
    let mut add = |count: usize, text: &str, paint: fn(Palette, String) -> String| {
        if count > 0 {
            pieces.push(paint(palette, format!("{count} {text}")));
        }
    };
    add(counts.failed, "failed", Palette::bad);
    add(counts.errored, "errored", Palette::fault);
    add(counts.quarantined, "in quarantine", Palette::warn);
    add(counts.skipped, "skipped", Palette::dim);
    add(counts.interrupted, "interrupted", Palette::warn);
    add(counts.parked, "parked", Palette::note);
    add(counts.open, "not ended", Palette::fault);
    add(counts.vacuous, "asserted nothing", Palette::warn);
    pieces
}

/// The time of day here, with the date if that is another.
fn clock(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// `1 scenario`, `2 scenarios`.
pub fn count(count: u64, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}
