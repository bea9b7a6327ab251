//! What is going on now: which scenarios run, in which phase and step, what they wait for and since when. Pure: the
//! same view, time and size give the same picture.

use crate::model::view::{Observation, PhaseView, ScenarioView, TryView, View};
use crate::model::{Phase, PhaseState};
use crate::report::palette::Palette;
use crate::report::screen::{Picture, picture_line, tail_room};
use crate::report::timeline::between;
use crate::report::{clean, fit};
use jiff::Timestamp;
use scenario_stdlib::host::duration::show;
use std::time::Duration;

/// More lines than this no one reads while they move.
const LINES: usize = 12;

/// Further to the right no one looks for the time of a name on the left.
const WIDEST: usize = 160;

/// Lines left for the bar and for what is above the picture.
const MARGIN: usize = 4;

/// A phase that executes or waits.
#[derive(Clone, Copy, Debug)]
pub struct Doing<'a> {
    pub scenario: &'a ScenarioView,
    tried: &'a TryView,
    phase: &'a PhaseView,
    /// Polled for readiness; executing otherwise.
    pub waits: bool,
    /// How long already.
    pub since: Duration,
    /// Its place in the plan, so that what began together keeps its order.
    place: usize,
}

/// All phases that execute or wait.
pub fn doings(view: &View, now: Timestamp) -> Vec<Doing<'_>> {
    let open = view
        .scenarios
        .iter()
        .filter(|scenario| scenario.outcome.is_none());
    let tried = open.filter_map(|scenario| Some((scenario, scenario.last_try()?)));
    tried
        .flat_map(|(scenario, tried)| {
            tried
                .phases
                .iter()
                .map(move |phase| (scenario, tried, phase))
        })
        .filter(|(.., phase)| matches!(phase.state, PhaseState::Executing | PhaseState::Waiting))
        .enumerate()
        .map(|(place, (scenario, tried, phase))| Doing {
            place,
            scenario,
            tried,
            phase,
            waits: phase.state == PhaseState::Waiting,
            since: phase
                .changes
                .last()
                .map_or(Duration::ZERO, |(at, _)| between(*at, now)),
        })
        .collect()
}

impl Doing<'_> {
    /// `journey › log in › POST /login`, and what the wait saw last.
    pub fn words(&self) -> String {
        let mut words = Vec::new();
        if self.scenario.declared.phases.len() > 1 || self.waits {
            words.push(clean::name(&self.phase.name));
        }
        let attempt = self.phase.attempts.last();
        let steps: Vec<_> = attempt
            .iter()
            .flat_map(|attempt| attempt.open_steps())
            .collect();
        if !self.waits {
            words.extend(steps.iter().map(|step| clean::short(&step.title, 80)));
        }
        let mut text = words.join(" › ");
        if self.waits {
            text.push_str(&self.wait());
        }
        if let Some(seen) = self.seen() {
            text.push_str(&format!(": {}", clean::short(&seen.seen, 60)));
        }
        if self.tried.number > 1 {
            let blank = if text.is_empty() { "" } else { " " };
            text.push_str(&format!("{blank}(try {})", self.tried.number));
        }
        text
    }

    /// What its wait saw last.
    pub fn seen(&self) -> Option<&Observation> {
        if self.waits {
            return self.phase.observed.last();
        }
        let steps = self.phase.attempts.last()?.open_steps();
        steps.last()?.observed.last()
    }

    /// What it waits for, where that is more than to be ready.
    fn wait(&self) -> String {
        if self.phase.during.is_some() {
            return " watched".into();
        }
        let declared = self.scenario.declared.phase(&self.phase.name);
        match declared.filter(|phase| phase.instruction.is_empty()) {
            Some(Phase {
                signal: Some(signal),
                ..
            }) => format!(" waits for signal \"{}\"", clean::name(signal)),
            _ => " waits".into(),
        }
    }

    fn line(&self, columns: usize, palette: Palette) -> String {
        let since = ticking(self.since);
        // The mark, the time, a blank before it, and a column left free: a full line would wrap.
        let room = columns
            .min(WIDEST)
            .saturating_sub(2 + since.len().max(7) + 1 + 1);
        let name = clean::name(self.scenario.declared.id.name());
        let words = self.words();
        let both = fit::width(&name) + 3 + fit::width(&words);
        let name = if both > room {
            fit::fit(&name, (room * 2 / 5).max(8))
        } else {
            name
        };
        let left = room.saturating_sub(fit::width(&name) + 3);
        let (words, joint) = match fit::fit_end(&words, left) {
            words if words.is_empty() => (words, ""),
            words => (words, " › "),
        };
        let used = fit::width(&name) + fit::width(&words) + fit::width(joint);
        let blanks = " ".repeat((room + 1).saturating_sub(used));
        let mark = if self.waits {
            palette.note("◌")
        } else {
            palette.good("▶")
        };
        format!(
            "{mark} {}{}{blanks}{}",
            palette.strong(name),
            palette.dim(format!("{joint}{words}")),
            fit::right(&since, 7)
        )
    }
}

/// A duration as it is shown while it grows: without digits that flicker.
fn ticking(duration: Duration) -> String {
    if duration < Duration::from_secs(60) {
        let tenths = duration.as_millis() / 100;
        format!("{}.{}s", tenths / 10, tenths % 10)
    } else {
        show(duration)
    }
}

/// What to draw on a screen of `(rows, columns)`.
pub fn picture(
    view: &View,
    now: Timestamp,
    (rows, columns): (usize, usize),
    palette: Palette,
) -> Picture {
    let mut doings = doings(view, now);
    let waiting = doings.iter().filter(|doing| doing.waits).count();
    let executing = doings.len() - waiting;
    // What executes first, and the oldest of each on top, so that lines keep their places.
    let rank = |doing: &Doing<'_>| (doing.waits, std::cmp::Reverse(doing.since), doing.place);
    let lines = LINES.min(rows.saturating_sub(MARGIN)).max(1);
    let shown = if doings.len() > lines {
        // Thousands may wait: of those beyond the last line the order is nobody's business.
        doings.select_nth_unstable_by_key(lines - 1, rank);
        lines - 1
    } else {
        doings.len()
    };
    doings[..shown].sort_unstable_by_key(rank);
    let mut list: Vec<String> = doings[..shown]
        .iter()
        .map(|doing| doing.line(columns, palette))
        .collect();
    if shown < doings.len() {
        let more = format!("  … and {} more", doings.len() - shown);
        list.push(palette.dim(picture_line(&more, columns)));
    }
    let counts = view.counts();
    let mut facts = Vec::new();
    let mut add = |count: usize, word: &str, paint: fn(Palette, String) -> String| {
        if count > 0 {
            facts.push((format!("{count} {word}"), paint));
        }
    };
    add(counts.failed, "failed", |palette, text| palette.bad(text));
    add(counts.errored, "errored", |palette, text| {
        palette.fault(text)
    });
    add(executing, "executing", |_, text| text);
    add(waiting, "waiting", |_, text| text);
    add(counts.skipped, "skipped", |palette, text| palette.dim(text));
    let elapsed = view
        .resumed
        .or(view.started)
        .map_or(Duration::ZERO, |began| between(began, now));
    facts.push((ticking(elapsed), |_, text| text));
    let room = tail_room(columns, counts.total);
    let mut tail = String::new();
    for (text, paint) in facts {
        let comma = if tail.is_empty() { "" } else { ", " };
        if fit::width(&tail) + comma.len() + fit::width(&text) > room {
            break;
        }
        tail.push_str(comma);
        tail.push_str(&paint(palette, text));
    }
    Picture {
        list,
        done: counts.total - counts.open,
        total: counts.total,
        tail,
    }
}
