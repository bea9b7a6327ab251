//! Workflow commands: `::error file=…,line=…,title=…::…`.

use crate::model::view::{ScenarioView, View};
use crate::report::clean;
use crate::report::setback::{Setback, decisive, kind_word};
use crate::report::verdict::{Verdict, reason};
use scenario_stdlib::host::failure::Failure;
use std::fmt::Write;
use std::path::Path;

/// GitHub shows no more of each level in a step.
const SHOWN: usize = 10;

/// Longest message; GitHub cuts at 4 KB.
const MESSAGE: usize = 3500;

struct Annotation {
    level: &'static str,
    file: String,
    line: u32,
    title: String,
    message: String,
}

/// All annotations of a run, the errors first.
pub fn annotations(view: &View, prefix: &Path) -> String {
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    for scenario in &view.scenarios {
        let verdict = Verdict::of(scenario);
        let level = match verdict {
            Verdict::Flaky => "warning",
            Verdict::NotRun => continue,
            verdict if !verdict.is_bad() => continue,
            _ if scenario.quarantined => "warning",
            _ => "error",
        };
        let into = if level == "error" {
            &mut errors
        } else {
            &mut warnings
        };
        into.push(annotation(scenario, verdict, level, view, prefix));
    }
    let mut out = String::new();
    for (level, all) in [("error", errors), ("warning", warnings)] {
        // The last place is kept for saying how many there is no place for.
        let shown = if all.len() > SHOWN {
            SHOWN - 1
        } else {
            all.len()
        };
        for annotation in &all[..shown] {
            write(annotation, &mut out);
        }
        if shown < all.len() {
            let more = all.len() - shown;
            let _ = writeln!(
                out,
                "::{level} title=scenario::… and {more} more of this level"
            );
        }
    }
    out
}

fn annotation(
    scenario: &ScenarioView,
    verdict: Verdict,
    level: &'static str,
    view: &View,
    prefix: &Path,
) -> Annotation {
    let setbacks = Setback::all(scenario);
    let chosen = decisive(&setbacks).next().or(setbacks.last());
    let failure = chosen.and_then(|setback| setback.failures.first());
    let declared = &scenario.declared;
    let (file, line) = match failure.and_then(|failure| failure.location.as_ref()) {
        Some(at) => (at.file.as_str(), at.line),
        None => (declared.id.file(), declared.line),
    };
    let place = match chosen {
        Some(setback) => setback.place(failure),
        None => clean::name(declared.id.name()),
    };
    let message = match failure {
        Some(failure) => text(failure),
        None => reason(scenario, view),
    };
    Annotation {
        level,
        file: clean::name(&prefix.join(file).to_string_lossy()),
        line,
        title: format!("{}: {place}", verdict.name()),
        message: clean::block(&message, MESSAGE),
    }
}

fn text(failure: &Failure) -> String {
    format!(
        "{}: {}",
        kind_word(failure),
        clean::failure(failure, clean::LINE)
    )
}

fn write(annotation: &Annotation, out: &mut String) {
    let Annotation {
        level,
        file,
        line,
        title,
        message,
    } = annotation;
    let _ = writeln!(
        out,
        "::{level} file={},line={line},title={}::{}",
        property(file),
        property(title),
        data(message)
    );
}

/// What GitHub's own toolkit escapes in a message.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// What it escapes in a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place_in_a_command() {
        assert_eq!(data("50%\na::b"), "50%25%0Aa::b");
        assert_eq!(property("a,line=1::b"), "a%2Cline=1%3A%3Ab");
    }
}
