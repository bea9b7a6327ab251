//! The ways a plan cannot be made, each with its place and its next move.

use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::location::Location;

/// What is wrong with what was asked for or declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("cannot read the tag expression: {why}")]
    TagSyntax { why: String, at: Location },
    #[error("the tag `{tag}` is not declared")]
    UnknownTag {
        tag: String,
        hint: Option<String>,
        at: Location,
    },
    #[error("scenario `{scenario}` has the tag `{tag}`, which is not declared")]
    UndeclaredTag {
        tag: String,
        scenario: String,
        hint: Option<String>,
        at: Location,
    },
    #[error("`{pattern}` is not a regular expression")]
    Pattern { pattern: String, why: String },
    #[error("no scenario of {file} begins at or before line {line}")]
    NothingAtLine {
        file: String,
        line: u32,
        first: Option<u32>,
    },
    #[error("{file} has no scenario `{name}`")]
    NoSuchScenario {
        file: String,
        name: String,
        hint: Option<String>,
    },
    #[error("scenario `{scenario}` requires `{name}`, which nothing is known about")]
    UnknownRequirement {
        name: String,
        scenario: String,
        hint: Option<String>,
        at: Location,
    },
    #[error("scenario `{scenario}` needs `{need}`, which does not exist")]
    UnknownNeed {
        need: String,
        scenario: String,
        hint: Option<String>,
        at: Location,
    },
    #[error("scenario `{scenario}` needs `{need}`, and several are called so")]
    AmbiguousNeed {
        need: String,
        scenario: String,
        candidates: Vec<String>,
        at: Location,
    },
    #[error("scenarios need each other in a circle: {}", chain.join(" -> "))]
    ScenarioCircle { chain: Vec<String>, at: Location },
    #[error("phases of scenario `{scenario}` need each other in a circle: {}", chain.join(" -> "))]
    PhaseCircle {
        scenario: String,
        chain: Vec<String>,
        at: Location,
    },
}

impl PlanError {
    fn place(&self) -> Option<&Location> {
        match self {
            Self::TagSyntax { at, .. }
            | Self::UnknownTag { at, .. }
            | Self::UndeclaredTag { at, .. }
            | Self::UnknownRequirement { at, .. }
            | Self::UnknownNeed { at, .. }
            | Self::AmbiguousNeed { at, .. }
            | Self::ScenarioCircle { at, .. }
            | Self::PhaseCircle { at, .. } => Some(at),
            Self::Pattern { .. } | Self::NothingAtLine { .. } | Self::NoSuchScenario { .. } => None,
        }
    }

    fn next_move(&self) -> Option<String> {
        match self {
            Self::TagSyntax { .. } => {
                Some("write it like \"smoke and not slow\", \"a or (b and c)\" or \"a,b\"".into())
            }
            Self::UnknownTag { hint, .. } | Self::UndeclaredTag { hint, .. } => hint
                .clone()
                .or_else(|| Some("declare it in scenario.toml: tags = […]".into())),
            Self::UnknownRequirement { hint, name, .. } => hint.clone().or_else(|| {
                Some(format!(
                    "say what it asks for in scenario.toml: [requires] {name} = [\"program\"]"
                ))
            }),
            Self::NoSuchScenario { hint, .. } | Self::UnknownNeed { hint, .. } => hint.clone(),
            Self::NothingAtLine { first, file, .. } => {
                first.map(|first| format!("the first one begins at {file}:{first}"))
            }
            Self::AmbiguousNeed { candidates, .. } => {
                Some(format!("name its file too: {}", candidates.join(" or ")))
            }
            Self::Pattern { .. } => Some("without slashes it is taken as plain text".into()),
            Self::ScenarioCircle { .. } | Self::PhaseCircle { .. } => Some(
                "an arrow points to what is needed; take one of them out of its `needs`".into(),
            ),
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let mut failure = Self::usage(error.to_string());
        if let PlanError::Pattern { why, .. } = &error {
            failure = failure.detail("why", why.clone());
        }
        failure.location = error.place().cloned();
        failure.hint = error.next_move();
        failure
    }
}
