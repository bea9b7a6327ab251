//! The line of a scenario that ended, the stages below it, and the block of each setback below those.

use super::{Look, setback};
use crate::model::view::ScenarioView;
use crate::model::{CLEAN_UP, View};
use crate::report::setback::Setback;
use crate::report::timeline::{self, Stage};
use crate::report::trace_of;
use crate::report::verdict::{Verdict, reason};
use crate::report::{clean, fit};
use scenario_stdlib::host::duration::show;
use std::time::Duration;

/// The word and the blanks behind it.
pub const INDENT: usize = 7;

/// `2m 05s`, and room for one more.
const TIME: usize = 7;

/// A clean-up that takes longer is worth a line.
const BRIEF: Duration = Duration::from_secs(1);

/// Warnings of one scenario that are shown; more are counted.
const WARNINGS: usize = 5;

/// Below this width there is no place for the file.
pub const NARROW: usize = 60;

/// Widths of the columns, the same for all lines of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Zero when the file is not shown.
    file: usize,
    name: usize,
    /// Whether what is longer is cut, or just sticks out.
    cuts: bool,
}

impl Columns {
    /// As wide as the scenarios of `view` need, within `width`.
    pub fn of(view: &View, width: Option<usize>) -> Self {
        let widest = |text: fn(&ScenarioView) -> &str| {
            let widths = view.scenarios.iter().map(|scenario| {
                let text = text(scenario);
                // Only texts of moderate length can matter, and cleaning all of a long run's would cost.
                if text.len() > clean::NAME {
                    usize::MAX
                } else {
                    fit::width(text)
                }
            });
            widths.max().unwrap_or(0)
        };
        let file = widest(|scenario| scenario.declared.id.file());
        let name = widest(|scenario| scenario.declared.id.name());
        let Some(width) = width else {
            return Self {
                file: file.min(40),
                name: name.min(50),
                cuts: false,
            };
        };
        let room = width.saturating_sub(INDENT + TIME + 2);
        if width < NARROW {
            return Self {
                file: 0,
                name: name.min(room),
                cuts: true,
            };
        }
        let room = room - 2;
        let file = file.min((room * 2 / 5).max(room.saturating_sub(name)));
        Self {
            file,
            name: name.min(room - file),
            cuts: true,
        }
    }

    fn put(self, scenario: &ScenarioView, look: &Look) -> String {
        let file = clean::name(scenario.declared.id.file());
        let name = clean::name(scenario.declared.id.name());
        let (file, name) = if self.cuts {
            (fit::fit_end(&file, self.file), fit::fit(&name, self.name))
        } else {
            (file, name)
        };
        let name = fit::pad(&name, self.name);
        if self.file == 0 {
            return name;
        }
        format!("{}  {name}", look.palette.dim(fit::pad(&file, self.file)))
    }
}

/// Everything there is to say about a scenario that ended. Whether an empty line should follow.
pub fn ended(
    scenario: &ScenarioView,
    view: &View,
    columns: Columns,
    look: &Look,
    out: &mut String,
) -> bool {
    let verdict = Verdict::of(scenario);
    let mut line = format!(
        "{}  {}",
        word(verdict, scenario.quarantined, look),
        columns.put(scenario, look)
    );
    let time = match verdict {
        Verdict::Skipped if scenario.took.is_zero() => String::new(),
        Verdict::CutOff | Verdict::Running => show(so_far(scenario, view)),
        _ => show(scenario.took),
    };
    line.push_str(&fit::right(&time, TIME + 2));
    let note = note(scenario, verdict, view);
    if !note.is_empty() {
        let beside = format!("{line}  {note}");
        if look.width.is_none_or(|width| fit::width(&beside) <= width) {
            line = format!("{line}  {}", look.palette.dim(note));
        } else {
            line = format!("{line}\n{}{}", " ".repeat(INDENT), look.palette.dim(note));
        }
    }
    for line in line.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    stages(scenario, view, look, out);
    let is_block = setbacks(scenario, view, look, out);
    // A block shows the whole log, and whoever follows has read it already.
    if !is_block && look.options.verbose == 0 {
        warnings(scenario, look, out);
    }
    is_block
}

/// What a scenario that came through warned of.
fn warnings(scenario: &ScenarioView, look: &Look, out: &mut String) {
    let all: Vec<_> = scenario.warnings().collect();
    let indent = " ".repeat(INDENT);
    for warning in all.iter().take(WARNINGS) {
        let text = clean::line(&warning.text, clean::LINE);
        out.push_str(&format!(
            "{indent}{} {text}\n",
            look.palette.warn("warning:")
        ));
    }
    if all.len() > WARNINGS {
        out.push_str(&format!("{indent}… and {} more\n", all.len() - WARNINGS));
    }
}

/// How long a scenario without an end is known to have run.
fn so_far(scenario: &ScenarioView, view: &View) -> Duration {
    let began = scenario.tries.first().map(|tried| tried.started);
    match (began, view.now) {
        (Some(began), Some(now)) => timeline::between(began, now),
        _ => Duration::ZERO,
    }
}

/// The coloured word, five columns wide.
pub fn word(verdict: Verdict, quarantined: bool, look: &Look) -> String {
    let word = fit::pad(verdict.word(), INDENT - 2);
    let palette = look.palette;
    match verdict {
        Verdict::Passed => palette.good(word),
        _ if quarantined => palette.warn(word),
        Verdict::Failed => palette.bad(word),
        Verdict::Errored | Verdict::CutOff | Verdict::NotRun => palette.fault(word),
        Verdict::Flaky | Verdict::Interrupted => palette.warn(word),
        Verdict::Skipped | Verdict::Queued => palette.dim(word),
        Verdict::Parked | Verdict::Running => palette.note(word),
    }
}

/// What the word alone does not say.
fn note(scenario: &ScenarioView, verdict: Verdict, view: &View) -> String {
    let mut notes = Vec::new();
    if !scenario.reason.is_empty() {
        notes.push(clean::line(&scenario.reason, clean::NAME));
    } else if matches!(
        verdict,
        Verdict::Interrupted | Verdict::CutOff | Verdict::Running
    ) {
        notes.push(clean::line(&reason(scenario, view), clean::NAME));
    }
    if verdict == Verdict::Flaky {
        notes.push(passed_how(scenario));
    }
    if matches!(verdict, Verdict::Passed | Verdict::Flaky) && scenario.assertions == 0 {
        notes.push("asserted nothing".into());
    }
    if let (true, Some(quarantine)) = (scenario.quarantined, &scenario.declared.terms.quarantine) {
        let mut text = format!(
            "in quarantine until {}, {}",
            quarantine.expires,
            clean::name(&quarantine.owner)
        );
        if !quarantine.ticket.is_empty() {
            text.push_str(&format!(", {}", clean::name(&quarantine.ticket)));
        }
        notes.push(text);
    }
    notes.retain(|note| !note.is_empty());
    notes.join("; ")
}

fn passed_how(scenario: &ScenarioView) -> String {
    let Some(last) = scenario.last_try() else {
        return String::new();
    };
    if last.number > 1 {
        return format!("passed on try {}", last.number);
    }
    let again = last.phases.iter().filter(|phase| phase.attempts.len() > 1);
    let again: Vec<String> = again
        .map(|phase| {
            format!(
                "`{}` passed on attempt {}",
                clean::name(&phase.name),
                phase.attempts.len()
            )
        })
        .collect();
    again.join(", ")
}

/// The stages of the last try, where there is more to tell than that one phase was executed.
fn stages(scenario: &ScenarioView, view: &View, look: &Look, out: &mut String) {
    let Some(tried) = scenario.last_try() else {
        return;
    };
    let mut stages = timeline::stages(tried, view.now);
    stages.retain(|stage| !is_brief_clean_up(stage));
    if stages.len() < 2 {
        return;
    }
    let label = |stage: &Stage| clean::name(&stage.label);
    let widest = stages.iter().map(|stage| fit::width(&label(stage))).max();
    let room = look
        .width
        .map_or(40, |width| (width / 2).saturating_sub(INDENT));
    let widest = widest.unwrap_or(0).min(room.min(40));
    for stage in &stages {
        let label = fit::pad(&fit::fit(&label(stage), widest), widest);
        let took = stage.took.map(show).unwrap_or_else(|| "-".into());
        let start = format!(
            "{}{label}{}",
            " ".repeat(INDENT),
            fit::right(&took, TIME + 2)
        );
        let note = clean::line(&stage.note, 600);
        let pieces: Vec<String> = note.split(", ").map(str::to_owned).collect();
        let text = if note.is_empty() {
            start
        } else {
            let indent = fit::width(&start) + 2;
            let narrow = look.width.is_some_and(|width| width < indent + 16);
            let indent = if narrow { INDENT + 2 } else { indent };
            let start = if narrow {
                format!("{start}\n{}", " ".repeat(indent))
            } else {
                format!("{start}  ")
            };
            fit::flow(&start, &pieces, indent, look.width)
        };
        for line in text.lines() {
            out.push_str(&look.palette.dim(line));
            out.push('\n');
        }
    }
}

/// A clean-up that went well and took no time is no news.
fn is_brief_clean_up(stage: &Stage) -> bool {
    let is_brief = stage.took.is_some_and(|took| took < BRIEF);
    stage.label == CLEAN_UP && stage.note.is_empty() && is_brief
}

/// Every setback: in full the first time, in a line when it is the same again. Whether there were any.
fn setbacks(scenario: &ScenarioView, view: &View, look: &Look, out: &mut String) -> bool {
    let setbacks = Setback::all(scenario);
    for (index, current) in setbacks.iter().enumerate() {
        out.push('\n');
        match setbacks[..index]
            .iter()
            .find(|former| former.is_same_as(current))
        {
            Some(former) => setback::same(current, former, look, out),
            None => setback::block(current, look, out),
        }
        if let (true, Some(run)) = (look.options.is_traced, &view.run) {
            let trace = trace_of(&run.run.0, scenario, current.tried);
            out.push_str(&format!("  {} {trace}\n", look.palette.dim("trace:")));
        }
    }
    !setbacks.is_empty()
}

/// A warning that belongs to no scenario.
pub fn warning(text: &str, look: &Look, out: &mut String) {
    let text = clean::block(text, clean::BLOCK);
    out.push_str(&format!("{} {text}\n", look.palette.warn("warning:")));
}

/// Somebody or something asked the run to end.
pub fn interrupted(reason: &str, now: bool, look: &Look, out: &mut String) {
    let what = if now {
        "ending now"
    } else {
        "ending what runs and cleaning up, parking what waits"
    };
    let reason = clean::line(reason, clean::NAME);
    out.push_str(&format!(
        "{} {reason}: {what}\n",
        look.palette.warn("interrupted:")
    ));
}

/// How long something took, as it stands in a line.
pub fn time(duration: Duration) -> String {
    fit::right(&show(duration), TIME)
}
