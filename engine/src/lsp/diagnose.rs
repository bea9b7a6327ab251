//! Bad news in the protocol's words: what the check of a text found, and what the last run of its scenarios came to.

use super::Ran;
use super::position::underlined;
use crate::model::Outcome;
use scenario_stdlib::host::failure::{Failure, Kind};
use scenario_stdlib::host::location::Location;
use tower_lsp_server::ls_types::{Diagnostic, DiagnosticSeverity, Position, Range};

/// The diagnostics of a text: those of its check, then those of the last run that still stand where they stood.
pub fn diagnostics(file: &str, text: &str, problems: &[Failure], ran: &[Ran]) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = problems
        .iter()
        .map(|failure| checked(file, text, failure))
        .collect();
    for run in ran.iter().filter(|run| run.file == file) {
        if run.outcome == Some(Outcome::Passed) {
            continue;
        }
        for failure in &run.failures {
            found.extend(failed(file, text, run, failure));
        }
    }
    found
}

/// What the check says of a failure.
fn checked(file: &str, text: &str, failure: &Failure) -> Diagnostic {
    let place = failure.location.as_ref();
    let here = place.filter(|place| place.file == file);
    let range = match (here, place) {
        (Some(place), _) => underlined(place),
        // It stands in a module: shown where that is imported.
        (None, Some(place)) => import_of(text, &place.file),
        (None, None) => first_line(text),
    };
    let where_else = match (here, place) {
        (None, Some(place)) => format!("in {place}: "),
        _ => String::new(),
    };
    Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("scenario".into()),
        message: format!("{where_else}{}", in_words(failure)),
        ..Diagnostic::default()
    }
}

/// What the last run says of a failure, unless its line reads differently now.
fn failed(file: &str, text: &str, run: &Ran, failure: &Failure) -> Option<Diagnostic> {
    let calls = failure.calls.iter().rev();
    let mut places = failure.location.iter().chain(calls);
    let place = places.find(|place| place.file == file);
    let stands = |place: &Location| {
        let line = text.lines().nth(place.line.saturating_sub(1) as usize);
        line.is_some_and(|line| line.trim_end() == place.text.trim_end())
    };
    let range = match place {
        Some(place) if stands(place) => underlined(place),
        Some(_) => return None,
        None => {
            let line = run.line.saturating_sub(1);
            let length = text.lines().nth(line as usize)?.encode_utf16().count();
            Range {
                start: Position::new(line, 0),
                end: Position::new(line, length as u32),
            }
        }
    };
    let severity = match failure.kind {
        Kind::Failure | Kind::Usage => DiagnosticSeverity::ERROR,
        Kind::Fault => DiagnosticSeverity::WARNING,
    };
    Some(Diagnostic {
        range,
        severity: Some(severity),
        source: Some("scenario run".into()),
        message: format!("{}: {}", run.name, in_words(failure)),
        ..Diagnostic::default()
    })
}

/// Message, details and hint of a failure, without its frame, which the editor draws itself.
fn in_words(failure: &Failure) -> String {
    let mut out = failure.message.clone();
    if !failure.label.is_empty() {
        out.push_str(&format!(": {}", failure.label));
    }
    for detail in &failure.details {
        out.push_str(&format!("\n{}: {}", detail.label, detail.text));
    }
    if let Some(hint) = &failure.hint {
        out.push_str(&format!("\nhint: {hint}"));
    }
    out
}

/// The line that imports a module whose file this is, else the first.
fn import_of(text: &str, module: &str) -> Range {
    let name = module.rsplit('/').next().unwrap_or(module);
    let name = name.trim_end_matches(".rhai");
    let lines = text.lines().enumerate();
    let mut imports = lines.filter(|(_, line)| line.trim_start().starts_with("import "));
    match imports.find(|(_, line)| line.contains(name)) {
        Some((number, line)) => Range {
            start: Position::new(number as u32, 0),
            end: Position::new(number as u32, line.encode_utf16().count() as u32),
        },
        None => first_line(text),
    }
}

fn first_line(text: &str) -> Range {
    let length = text
        .lines()
        .next()
        .map_or(0, |line| line.encode_utf16().count());
    Range {
        start: Position::new(0, 0),
        end: Position::new(0, length as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario_stdlib::host::failure::Code;

    fn at(file: &str, text: &str, line: u32) -> Failure {
        let location = Location::in_source(file, text, line, 1);
        Failure::product(Code::Assertion, "boom").at(location)
    }

    #[test]
    fn a_problem_of_a_module_is_shown_where_it_is_imported() {
        let text = "let a = 1;\nimport \"lib/shop\" as shop;\n";
        let found = diagnostics("a.rhai", text, &[at("lib/shop.rhai", "x()", 1)], &[]);
        assert_eq!(found[0].range.start.line, 1);
        assert!(found[0].message.starts_with("in lib/shop.rhai:1:1: boom"));
    }

    #[test]
    fn a_result_stands_as_long_as_its_line_does() {
        let ran = Ran {
            file: "a.rhai".into(),
            name: "buys".into(),
            line: 1,
            outcome: Some(Outcome::Failed),
            failures: vec![at("a.rhai", "one\ntwo\n", 2)],
        };
        let found = diagnostics("a.rhai", "one\ntwo\n", &[], std::slice::from_ref(&ran));
        assert_eq!(found[0].message, "buys: boom");
        assert_eq!(found[0].range.start.line, 1);
        assert!(diagnostics("a.rhai", "one\nthree\n", &[], std::slice::from_ref(&ran)).is_empty());
        assert!(diagnostics("b.rhai", "one\ntwo\n", &[], &[ran]).is_empty());
    }
}
