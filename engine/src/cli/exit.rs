//! Exit codes: what a caller may rely on.

use crate::model::{Outcome, View};
use scenario_stdlib::host::failure::Kind;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Passed,
    /// The product under test is wrong.
    Failure,
    /// The script or the command line is wrong.
    Usage,
    /// The harness or the machine is wrong.
    Fault,
    NothingSelected,
    /// Something still waits: come back with `resume`.
    Parked,
    Interrupted,
    /// What all scenarios rely on is not there; none of them was run.
    Precheck,
}

/// Code and meaning of each, as `scenario help exit-codes` prints them; the first of several wins.
pub const TABLE: &[(Exit, u8, &str)] = &[
    (
        Exit::Usage,
        2,
        "usage: the script or the command line is wrong",
    ),
    (Exit::Interrupted, 130, "interrupted"),
    (
        Exit::Precheck,
        5,
        "precheck: what all scenarios rely on is not as it must be, and none was run",
    ),
    (
        Exit::Fault,
        3,
        "fault: the harness or the machine is wrong, or a phase ran out of its time",
    ),
    (Exit::Failure, 1, "failure: the product under test is wrong"),
    (
        Exit::Parked,
        75,
        "parked: something still waits (EX_TEMPFAIL: come back)",
    ),
    (Exit::NothingSelected, 4, "nothing was selected"),
    (Exit::Passed, 0, "passed"),
];

impl Exit {
    /// The number the shell sees.
    pub fn code(self) -> u8 {
        TABLE
            .iter()
            .find(|(exit, ..)| *exit == self)
            .map_or(3, |(_, code, _)| *code)
    }

    /// How a process ended that gave this number.
    pub fn of_code(code: i32) -> Self {
        TABLE
            .iter()
            .find(|(_, known, _)| i32::from(*known) == code)
            .map_or(Self::Fault, |(exit, ..)| *exit)
    }

    /// Of two, the one that matters more.
    pub fn or(self, other: Self) -> Self {
        let rank = |exit| TABLE.iter().position(|(row, ..)| *row == exit);
        if rank(self) <= rank(other) {
            self
        } else {
            other
        }
    }

    /// What a run came to. Quarantined scenarios do not count; flaky ones do if `flaky_fails`.
    pub fn of(view: &View, flaky_fails: bool) -> Self {
        if view.scenarios.is_empty() {
            return Self::NothingSelected;
        }
        let mut prechecks = view
            .scenarios
            .iter()
            .filter(|scenario| scenario.declared.terms.precheck);
        let missed = prechecks
            .any(|scenario| matches!(scenario.outcome, Some(Outcome::Failed | Outcome::Errored)));
        let ahead = if missed { Self::Precheck } else { Self::Passed };
        let of_one = view
            .scenarios
            .iter()
            .filter(|scenario| !scenario.quarantined)
            .map(|scenario| match scenario.outcome {
                Some(Outcome::Passed)
                    if scenario.flaky
                        && scenario.declared.terms.flaky_fails.unwrap_or(flaky_fails) =>
                {
                    Self::Failure
                }
                Some(Outcome::Passed | Outcome::Skipped) => Self::Passed,
                Some(Outcome::Failed) => Self::Failure,
                Some(Outcome::Parked) => Self::Parked,
                Some(Outcome::Interrupted) | None => Self::Interrupted,
                Some(Outcome::Errored) => {
                    let mut news = scenario
                        .last_try()
                        .into_iter()
                        .flat_map(|tried| tried.bad_news());
                    if news.any(|(_, failure)| failure.kind == Kind::Usage) {
                        Self::Usage
                    } else {
                        Self::Fault
                    }
                }
            });
        of_one.fold(ahead, Self::or)
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_several_apply_the_first_of_the_table_wins() {
        assert_eq!(Exit::Failure.or(Exit::Usage), Exit::Usage);
        assert_eq!(Exit::Failure.or(Exit::Fault), Exit::Fault);
        assert_eq!(Exit::Interrupted.or(Exit::Failure), Exit::Interrupted);
        assert_eq!(Exit::Parked.or(Exit::Failure), Exit::Failure);
        assert_eq!(
            Exit::Passed.or(Exit::NothingSelected),
            Exit::NothingSelected
        );
    }
}
