//! Collects what is wrong with a script: sorted by place, none twice.

use super::script::{Script, place};
use rhai::Position;
use scenario_stdlib::host::failure::{Code, Failure, Kind};
use scenario_stdlib::host::location::Location;

/// The problems of one script.
pub(super) struct Problems<'a> {
    script: &'a Script<'a>,
    found: Vec<((u32, u32), Failure)>,
}

/// An error of the script that is no fault of its arguments.
pub(super) fn script_error(message: impl Into<String>) -> Failure {
    Failure::new(Kind::Usage, Code::Script, message)
}

impl<'a> Problems<'a> {
    pub fn new(script: &'a Script<'a>) -> Self {
        Self {
            script,
            found: Vec::new(),
        }
    }

    pub fn add(&mut self, at: Position, message: impl Into<String>, hint: Option<String>) {
        let location = self.script.location(at);
        self.add_at(place(at), location, message, hint);
    }

    pub fn add_at(
        &mut self,
        place: (u32, u32),
        location: Location,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let mut failure = script_error(message).at(location);
        failure.hint = hint;
        self.found.push((place, failure));
    }

    /// One failure for each place, none twice.
    pub fn each(mut self) -> Vec<Failure> {
        self.found.sort_by_key(|(place, _)| *place);
        self.found.dedup();
        self.found.into_iter().map(|(_, failure)| failure).collect()
    }

    /// One failure for each thing that is wrong; where else the same is wrong becomes a detail of the first.
    pub fn finish(mut self) -> Vec<Failure> {
        self.found.sort_by_key(|(place, _)| *place);
        let mut failures: Vec<(Failure, Vec<u32>)> = Vec::new();
        for ((line, _), failure) in self.found {
            let same = |(known, _): &&mut (Failure, Vec<u32>)| {
                known.message == failure.message && known.hint == failure.hint
            };
            match failures.iter_mut().find(same) {
                Some((known, lines)) => {
                    let first = known.location.as_ref().map(|at| at.line);
                    if first != Some(line) && lines.last() != Some(&line) {
                        lines.push(line);
                    }
                }
                None => failures.push((failure, Vec::new())),
            }
        }
        failures
            .into_iter()
            .map(|(failure, lines)| match lines.as_slice() {
                [] => failure,
                [line] => failure.detail("also", format!("line {line}")),
                lines => {
                    let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
                    failure.detail("also", format!("lines {}", lines.join(", ")))
                }
            })
            .collect()
    }
}
