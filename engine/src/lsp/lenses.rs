//! What can be run from where it stands: a lens above each scenario and phase, with the result of its last run.

use super::Ran;
use super::position;
use crate::complete::{Item, ItemKind, outline};
use crate::model::Outcome;
use serde_json::{Value, json};
use tower_lsp_server::ls_types::{CodeLens, Command};

/// Runs what stands at a place.
pub const RUN: &str = "scenario.run";
/// Runs again what did not pass in the last run.
pub const RERUN_FAILED: &str = "scenario.rerunFailed";

/// The lenses of a file.
pub fn lenses(file: &str, text: &str, ran: &[Ran]) -> Vec<CodeLens> {
    let ran: Vec<&Ran> = ran.iter().filter(|ran| ran.file == file).collect();
    let mut lenses = Vec::new();
    for item in outline(text) {
        of_item(file, text, &item, &ran, &mut lenses);
        for child in &item.children {
            of_item(file, text, child, &ran, &mut lenses);
        }
    }
    if let Some(first) = lenses.first().map(|lens| lens.range)
        && ran.iter().filter(|ran| is_bad(ran)).count() > 0
    {
        lenses.push(CodeLens {
            range: first,
            command: Some(Command {
                title: "rerun failed".into(),
                command: RERUN_FAILED.into(),
                arguments: Some(vec![json!({ "file": file })]),
            }),
            data: None,
        });
    }
    lenses
}

fn of_item(file: &str, text: &str, item: &Item, ran: &[&Ran], lenses: &mut Vec<CodeLens>) {
    let range = position::range(text, &item.word);
    let line = range.start.line + 1;
    let mut lens = |title: String, arguments: Value| {
        lenses.push(CodeLens {
            range,
            command: Some(Command {
                title,
                command: RUN.into(),
                arguments: Some(vec![arguments]),
            }),
            data: None,
        });
    };
    match item.kind {
        ItemKind::Scenario | ItemKind::Script => {
            // Scenarios of a loop have one line and several results; a plain script has no line of its own.
            let here = ran
                .iter()
                .filter(|ran| ran.line == line || item.kind == ItemKind::Script);
            lens(
                format!("run{}", told(here)),
                json!({ "file": file, "line": line }),
            );
        }
        // A name that is computed is not known here.
        ItemKind::Phase if item.name.contains("${") => {}
        ItemKind::Phase => lens(
            "run to here".into(),
            json!({ "file": file, "line": line, "phase": item.name }),
        ),
        ItemKind::Function | ItemKind::Stack => {}
    }
}

/// What the last run came to, in a few words.
fn told<'a>(ran: impl Iterator<Item = &'a &'a Ran>) -> String {
    let (mut passed, mut bad, mut other) = (0, 0, 0);
    for ran in ran {
        match ran.outcome {
            Some(Outcome::Passed) => passed += 1,
            Some(Outcome::Failed | Outcome::Errored) => bad += 1,
            Some(Outcome::Skipped | Outcome::Parked | Outcome::Interrupted) | None => other += 1,
        }
    }
    match (passed, bad, other) {
        (0, 0, 0) => String::new(),
        (1, 0, 0) => " · passed".into(),
        (0, 1, 0) => " · failed".into(),
        (passed, 0, 0) => format!(" · {passed} passed"),
        (passed, bad, 0) => format!(" · {bad} of {} failed", passed + bad),
        (_, 0, _) => " · not ended".into(),
        (passed, bad, other) => format!(" · {bad} of {} failed", passed + bad + other),
    }
}

fn is_bad(ran: &Ran) -> bool {
    matches!(ran.outcome, Some(Outcome::Failed | Outcome::Errored))
}

/// The arguments of `scenario run` that a command of a lens means; `None` if it is none of ours, or makes no sense.
pub fn command_line(command: &str, arguments: &[Value]) -> Option<Vec<String>> {
    let given = arguments.first()?;
    let file = given.get("file")?.as_str()?;
    // A file is no flag, whatever the client says.
    if file.is_empty() || file.starts_with('-') {
        return None;
    }
    let mut line = vec!["run".to_owned(), "--color".into(), "never".into()];
    match command {
        RUN => {
            let at = given.get("line")?.as_u64()?;
            if let Some(phase) = given.get("phase").and_then(Value::as_str) {
                line.push(format!("--phase={phase}"));
            }
            line.push(format!("{file}:{at}"));
        }
        RERUN_FAILED => line.extend(["--last-failed".into(), file.to_owned()]),
        _ => return None,
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(line: u32, outcome: Outcome) -> Ran {
        Ran {
            file: "a.rhai".into(),
            name: "s".into(),
            line,
            outcome: Some(outcome),
            failures: Vec::new(),
        }
    }

    fn titles(text: &str, ran: &[Ran]) -> Vec<(u32, String)> {
        let lenses = lenses("a.rhai", text, ran).into_iter();
        lenses
            .map(|lens| (lens.range.start.line, lens.command.unwrap().title))
            .collect()
    }

    const TEXT: &str = "scenario(\"s\");\nphase(\"a\", || {});\n";

    #[test]
    fn scenarios_run_and_phases_run_to_themselves() {
        assert_eq!(
            titles(TEXT, &[]),
            [(0, "run".to_owned()), (1, "run to here".into())]
        );
        assert_eq!(titles("assert 1 == 1;", &[]), [(0, "run".to_owned())]);
        assert_eq!(titles("fn f() {}", &[]), []);
    }

    #[test]
    fn the_last_result_stands_beside() {
        let bad = [ran(1, Outcome::Failed)];
        assert_eq!(titles(TEXT, &bad)[0].1, "run · failed");
        assert_eq!(titles(TEXT, &bad)[2].1, "rerun failed");
        let rows = [ran(1, Outcome::Passed), ran(1, Outcome::Failed)];
        assert_eq!(titles(TEXT, &rows)[0].1, "run · 1 of 2 failed");
        assert_eq!(
            titles(TEXT, &[ran(1, Outcome::Passed)])[0].1,
            "run · passed"
        );
    }

    #[test]
    fn commands_become_command_lines() {
        let line = |command, arguments| {
            command_line(command, &[arguments]).map(|line| line[3..].join(" "))
        };
        assert_eq!(
            line(RUN, json!({ "file": "a.rhai", "line": 3, "phase": "x y" })),
            Some("--phase=x y a.rhai:3".into())
        );
        assert_eq!(
            line(RERUN_FAILED, json!({ "file": "a.rhai" })),
            Some("--last-failed a.rhai".into())
        );
        assert_eq!(line(RUN, json!({ "file": "--keep", "line": 1 })), None);
        assert_eq!(line(RUN, json!(7)), None);
        assert_eq!(line("rm", json!({ "file": "a" })), None);
        assert_eq!(command_line(RUN, &[]), None);
    }
}
