//! What is going on, in full: what runs, what waits for what, for how long, and what was seen last. For whoever asks a run
//! while it goes on. Pure.

use super::live::{Doing, doings};
use crate::model::View;
use crate::model::view::in_words;
use crate::report::palette::Palette;
use crate::report::timeline::between;
use crate::report::{clean, fit};
use jiff::Timestamp;
use scenario_stdlib::host::duration::show;
use std::time::Duration;

/// How many are listed; of more nobody reads the names.
const LISTED: usize = 40;

/// How long something must have been seen for it to be worth telling.
const STALE: Duration = Duration::from_secs(2);

/// The status of a run at `now`, in `columns`.
pub fn status(view: &View, now: Timestamp, columns: usize, palette: Palette) -> String {
    let mut all = doings(view, now);
    all.sort_by_key(|doing| (doing.waits, std::cmp::Reverse(doing.since)));
    let mut out = headline(view, &all, now, palette);
    for doing in all.iter().take(LISTED) {
        out.push('\n');
        out.push_str(&line(doing, now, columns, palette));
    }
    if all.len() > LISTED {
        out.push_str(&format!("\n  … and {} more", all.len() - LISTED));
    }
    out
}

fn headline(view: &View, all: &[Doing<'_>], now: Timestamp, palette: Palette) -> String {
    let counts = view.counts();
    let waiting = all.iter().filter(|doing| doing.waits).count();
    let begun = view
        .scenarios
        .iter()
        .filter(|scenario| scenario.outcome.is_none() && !scenario.tries.is_empty())
        .count();
    let facts = in_words(&[
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.skipped, "skipped"),
        (counts.parked, "parked"),
        (all.len() - waiting, "executing"),
        (waiting, "waiting"),
        (counts.open - begun, "not begun"),
    ]);
    let name = view.run.as_ref().map_or("run", |run| run.run.0.as_str());
    let since = view.resumed.or(view.started);
    let since = since.map_or(Duration::ZERO, |began| between(began, now));
    format!(
        "{} after {}: {} of {} ended; {}",
        palette.strong(clean::name(name)),
        show(rounded(since)),
        counts.total - counts.open,
        counts.total,
        facts
    )
}

fn line(doing: &Doing<'_>, now: Timestamp, columns: usize, palette: Palette) -> String {
    let mark = match doing.waits {
        true => palette.note("◌"),
        false => palette.good("▶"),
    };
    let name = clean::name(doing.scenario.declared.id.name());
    let words = doing.words();
    let joint = if words.is_empty() { "" } else { " › " };
    let mut text = format!("{name}{joint}{words}");
    if let Some(seen) = doing.seen() {
        let age = between(seen.at, now);
        if age >= STALE {
            text.push_str(&format!(" (for {})", show(rounded(age))));
        }
    }
    let since = show(rounded(doing.since));
    let room = columns.saturating_sub(4 + since.len()).max(20);
    format!("  {mark} {}  {}", fit::fit(&text, room), palette.dim(since))
}

/// Without digits that nobody reads.
fn rounded(duration: Duration) -> Duration {
    match duration {
        long if long >= Duration::from_secs(10) => Duration::from_secs(long.as_secs()),
        short => Duration::from_millis(short.as_millis() as u64 / 100 * 100),
    }
}
