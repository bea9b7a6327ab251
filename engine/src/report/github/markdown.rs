//! The summary of a step, in Markdown.

use crate::model::view::{ScenarioView, View, in_words};
use crate::report::setback::Setback;
use crate::report::verdict::{Verdict, reason};
use crate::report::{clean, next};
use scenario_stdlib::host::duration::show;
use std::fmt::Write;

/// How many scenarios are told about, and how long each may be: a summary holds a megabyte at most.
const SHOWN: usize = 50;
const TEXT: usize = 6000;

/// What the run comes to.
pub fn summary(view: &View) -> String {
    let mut out = String::new();
    let counts = view.counts();
    let open = match view.is_live {
        true => "running",
        false => "cut off",
    };
    let facts = match in_words(&[
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.interrupted, "interrupted"),
        (counts.open, open),
        (counts.passed, "passed"),
        (counts.flaky, "flaky"),
        (counts.quarantined, "in quarantine"),
        (counts.skipped, "skipped"),
        (counts.parked, "parked"),
    ]) {
        none if none.is_empty() => "nothing was run".to_owned(),
        facts => facts,
    };
    let _ = writeln!(out, "## Scenarios: {facts}\n");
    if view.is_live {
        out.push_str("The run goes on.\n\n");
    } else if view.ended.is_none() {
        out.push_str("**The run was killed, or ended without saying so.**\n\n");
    }
    if let Some(run) = &view.run {
        let _ = write!(out, "Run {}, seed {}", inline(&run.run.0), run.seed);
        if let Some(url) = &run.base_url {
            let _ = write!(out, ", against {}", inline(url));
        }
        let _ = writeln!(out, ", took {}.\n", show(view.took()));
    }
    let notable: Vec<_> = view.scenarios.iter().filter(|s| is_notable(s)).collect();
    if notable.is_empty() {
        return out;
    }
    out.push_str("| | scenario | file | took |\n|---|---|---|---|\n");
    for scenario in notable.iter().take(SHOWN) {
        let declared = &scenario.declared;
        let mut word = Verdict::of(scenario).name().to_owned();
        if scenario.quarantined {
            word.push_str(" (in quarantine)");
        }
        let _ = writeln!(
            out,
            "| {word} | {} | {} | {} |",
            inline(declared.id.name()),
            inline(&format!("{}:{}", declared.id.file(), declared.line)),
            show(scenario.took)
        );
    }
    if notable.len() > SHOWN {
        let _ = writeln!(out, "\n… and {} more.", notable.len() - SHOWN);
    }
    out.push('\n');
    for scenario in notable.iter().take(SHOWN) {
        details(scenario, view, &mut out);
    }
    out
}

fn is_notable(scenario: &ScenarioView) -> bool {
    let verdict = Verdict::of(scenario);
    verdict == Verdict::Flaky || (verdict.is_bad() && verdict != Verdict::NotRun)
}

fn details(scenario: &ScenarioView, view: &View, out: &mut String) {
    let setbacks = Setback::all(scenario);
    let texts: Vec<String> = setbacks.iter().map(Setback::text).collect();
    let mut text = texts.join("\n\n");
    if text.is_empty() {
        text = reason(scenario, view);
    }
    let text = clean::block(text.trim_end(), TEXT);
    let _ = writeln!(
        out,
        "<details><summary>{}: {}</summary>\n",
        Verdict::of(scenario).name(),
        html(&clean::name(scenario.declared.id.name()))
    );
    fenced(&text, out);
    fenced(&next::rerun(&scenario.declared), out);
    out.push_str("</details>\n\n");
}

/// A code block whose fence is longer than any in the text, so that nothing in it is Markdown.
fn fenced(text: &str, out: &mut String) {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    let _ = writeln!(out, "{fence}text\n{text}\n{fence}\n");
}

/// Code within a line of a table.
fn inline(text: &str) -> String {
    let text = clean::name(text).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text) + 1);
    // A blank keeps backticks at the ends apart; Markdown takes it away again.
    let blank = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place_in_markdown() {
        assert_eq!(inline("a|b"), "`a\\|b`");
        assert_eq!(inline("`x`"), "`` `x` ``");
        let mut out = String::new();
        fenced("````\n</details>", &mut out);
        assert_eq!(out, "`````text\n````\n</details>\n`````\n\n");
        assert_eq!(html("<img src=x>"), "&lt;img src=x&gt;");
    }
}
