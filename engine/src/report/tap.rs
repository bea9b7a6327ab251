//! TAP version 14: a point a scenario, in the order they were planned, with YAML diagnostics. Every text in a
//! diagnostic is a JSON string, which is YAML too and cannot be misread. Made from the view alone, at the end.

use super::output::Output;
use super::setback::{Setback, kind_word};
use super::verdict::{Verdict, reason};
use super::{Options, Reporter, clean};
use crate::model::Event;
use crate::model::view::{ScenarioView, View};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io;

/// The reporter.
pub struct Tap {
    output: Output,
}

/// The row's constructor.
pub fn make(_: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Tap {
        output: output.clone(),
    }))
}

impl Reporter for Tap {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        self.output.write(report(view).as_bytes())
    }
}

fn report(view: &View) -> String {
    let mut out = String::from("TAP version 14\n");
    if let Some(run) = &view.run {
        let _ = writeln!(out, "# run {}, seed {}", clean::name(&run.run.0), run.seed);
    }
    let _ = writeln!(out, "1..{}", view.scenarios.len());
    for (index, scenario) in view.scenarios.iter().enumerate() {
        point(index + 1, scenario, view, &mut out);
    }
    if view.is_live {
        out.push_str("# the run goes on\n");
    } else if view.ended.is_none() {
        out.push_str("Bail out! the run was killed, or ended without saying so\n");
    } else if let Some(reason) = &view.interrupted {
        let _ = writeln!(out, "Bail out! {}", clean::name(reason));
    }
    out
}

fn point(number: usize, scenario: &ScenarioView, view: &View, out: &mut String) {
    let verdict = Verdict::of(scenario);
    let ok = if verdict.is_bad() { "not ok" } else { "ok" };
    let _ = write!(
        out,
        "{ok} {number} - {}",
        escape(&clean::name(&scenario.declared.id.0))
    );
    let reason = escape(&clean::name(&reason(scenario, view)));
    let directive = match verdict {
        // "Not ok" with TODO is what does not gate.
        _ if scenario.quarantined => format!(" # TODO in quarantine: {reason}"),
        Verdict::Skipped => format!(" # SKIP {reason}"),
        Verdict::Parked => format!(" # SKIP parked: {reason}"),
        _ => String::new(),
    };
    out.push_str(directive.trim_end_matches([':', ' ']));
    out.push('\n');
    let setbacks = Setback::all(scenario);
    if verdict == Verdict::Passed && setbacks.is_empty() {
        return;
    }
    if verdict == Verdict::Skipped && setbacks.is_empty() {
        return;
    }
    diagnostic(scenario, verdict, &setbacks, out);
}

fn diagnostic(scenario: &ScenarioView, verdict: Verdict, setbacks: &[Setback], out: &mut String) {
    out.push_str("  ---\n");
    let _ = writeln!(out, "  outcome: {}", json!(verdict.name()));
    let _ = writeln!(out, "  duration_ms: {}", scenario.took.as_millis());
    let _ = writeln!(
        out,
        "  at: {}",
        json!(clean::name(&format!(
            "{}:{}",
            scenario.declared.id.file(),
            scenario.declared.line
        )))
    );
    let failures: Vec<Value> = setbacks
        .iter()
        .flat_map(|setback| {
            setback
                .failures
                .iter()
                .map(move |failure| (setback, failure))
        })
        .map(|(setback, failure)| {
            let mut told = json!({
                "kind": kind_word(failure),
                "where": setback.place(Some(failure)),
                "text": clean::failure(failure, clean::LINE),
            });
            if let Some(at) = &failure.location {
                told["at"] = clean::name(&at.to_string()).into();
            }
            let which = setback.which();
            if !which.is_empty() {
                told["which"] = which.into();
            }
            told
        })
        .collect();
    if !failures.is_empty() {
        out.push_str("  failures:\n");
    }
    for failure in failures {
        let _ = writeln!(out, "    - {failure}");
    }
    out.push_str("  ...\n");
}

/// `#` would begin a directive.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::super::story::{self, Story, Tale, hostile, wrong_body, wrong_status};
    use crate::model::Outcome;

    fn tap(story: &Story) -> String {
        story::report("tap", story)
    }

    #[test]
    fn a_point_a_scenario() {
        let story = Story::new()
            .with(Tale::new("scenarios/login.rhai", "login #1").passes(240))
            .with(Tale::new("scenarios/login.rhai", "login as Eve").fails(30, wrong_status()))
            .with(Tale::new("scenarios/other.rhai", "other").skips("needs a browser"))
            .with(
                Tale::new("a.rhai", "old")
                    .quarantine("2026-12-31", "ada", "")
                    .fails(3, wrong_body()),
            )
            .with(
                Tale::new("a.rhai", "later")
                    .starts()
                    .ends_because(Outcome::Parked, "`b` waits"),
            )
            .exit(1);
        insta::assert_snapshot!(tap(&story));
    }

    #[test]
    fn a_killed_run_bails_out() {
        let story = Story::new()
            .with(Tale::new("a.rhai", "open").starts().executes("open"))
            .with(Tale::new("a.rhai", "never begun"))
            .killed();
        insta::assert_snapshot!(tap(&story));
    }

    #[test]
    fn an_interrupted_run_bails_out_with_the_reason() {
        let text = tap(&Story::new().interrupted("Ctrl-C\nok 1"));
        assert_eq!(text.lines().last(), Some("Bail out! Ctrl-C\\nok 1"));
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = tap(&Story::new().with(hostile()).exit(1));
        assert_eq!(text.chars().find(|c| c.is_control() && *c != '\n'), None);
        let points = text
            .lines()
            .filter(|line| line.starts_with("ok") || line.starts_with("not ok"));
        assert_eq!(points.count(), 1);
        insta::assert_snapshot!(text);
    }
}
