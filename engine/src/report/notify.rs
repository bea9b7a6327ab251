//! The outcome of a run as chats take it: a `text` for people, and the digest beside it for machines. Posting it is for who
//! knows networks; this writes what is posted.

use super::output::Output;
use super::verdict::{Verdict, reason};
use super::{Options, Reporter, clean, digest, next};
use crate::model::Event;
use crate::model::view::{View, in_words};
use scenario_stdlib::host::duration::show;
use serde_json::{Value, json};
use std::fmt::Write;
use std::io;

/// Scenarios that are named in the text.
const NAMED: usize = 8;

/// The reporter.
pub struct Notify {
    output: Output,
    options: Options,
}

/// The row's constructor.
pub fn make(options: &Options, output: &Output) -> io::Result<Box<dyn Reporter>> {
    output.try_out()?;
    Ok(Box::new(Notify {
        output: output.clone(),
        options: options.clone(),
    }))
}

impl Reporter for Notify {
    fn on(&mut self, _: &Event, _: &View) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, view: &View) -> io::Result<()> {
        let message = clean::json(message(view, &self.options).to_string());
        self.output.write((message + "\n").as_bytes())
    }
}

/// What is posted.
pub fn message(view: &View, options: &Options) -> Value {
    json!({ "text": text(view), "scenario": digest::digest(view, options) })
}

/// Whether somebody has to look at the run.
pub fn is_bad(view: &View) -> bool {
    let gates = |one: &&crate::model::view::ScenarioView| !one.quarantined;
    let mut scenarios = view.scenarios.iter().filter(gates);
    view.ended.is_none_or(|ended| !matches!(ended.exit, 0 | 75))
        || scenarios.any(|one| Verdict::of(one).is_bad())
}

fn text(view: &View) -> String {
    let counts = view.counts();
    let words = in_words(&[
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.interrupted, "interrupted"),
        (counts.parked, "parked"),
        (counts.flaky, "flaky"),
        (counts.passed, "passed"),
    ]);
    let mut out = match words.as_str() {
        "" => "Scenarios: nothing was run".to_owned(),
        words => format!("Scenarios: {words}, in {}", show(view.took())),
    };
    let bad = view
        .scenarios
        .iter()
        .filter(|scenario| Verdict::of(scenario).is_bad());
    for scenario in bad.clone().take(NAMED) {
        let _ = write!(
            out,
            "\n• {}: {}",
            plain(scenario.declared.id.name(), 120),
            plain(&reason(scenario, view), 200)
        );
    }
    let more = bad.count().saturating_sub(NAMED);
    if more > 0 {
        let _ = write!(out, "\n… and {more} more");
    }
    if let Some(run) = &view.run {
        let _ = write!(out, "\n{}", next::show(&run.run));
    }
    out
}

/// Nobody is called by a text from outside (`<!channel>`, `@everyone`), and no link is made of it.
fn plain(text: &str, limit: usize) -> String {
    let text = clean::short(text, limit);
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('@', "@\u{2060}")
}
