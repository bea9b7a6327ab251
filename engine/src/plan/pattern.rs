//! `-k`: a text or a `/regex/` that is looked for in `file::name`.

use super::error::PlanError;
use regex::{Regex, RegexBuilder};

/// What a name must match.
#[derive(Clone, Debug)]
pub enum NamePattern {
    /// In lower case; case does not count.
    Text(String),
    Regex(Regex),
}

impl NamePattern {
    /// Reads `text`, `/regex/` or `/regex/i`.
    pub fn parse(pattern: &str) -> Result<Self, PlanError> {
        let inner = pattern.strip_prefix('/');
        let (inner, ignore_case) = match inner {
            Some(rest) if rest.ends_with("/i") => (rest.strip_suffix("/i"), true),
            Some(rest) => (rest.strip_suffix('/'), false),
            None => (None, false),
        };
        let Some(inner) = inner else {
            return Ok(Self::Text(pattern.to_lowercase()));
        };
        let regex = RegexBuilder::new(inner)
            .case_insensitive(ignore_case)
            .build();
        regex.map(Self::Regex).map_err(|error| PlanError::Pattern {
            pattern: pattern.to_owned(),
            why: error.to_string(),
        })
    }

    /// Whether a scenario called so is meant.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Text(text) => name.to_lowercase().contains(text),
            Self::Regex(regex) => regex.is_match(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        NamePattern::parse(pattern).unwrap().matches(name)
    }

    #[test]
    fn o13_grep_filters_by_substring() {
        assert!(matches("LOGIN", "scenarios/a.rhai::login as Ada"));
        assert!(matches("a.rhai::log", "scenarios/a.rhai::login as Ada"));
        assert!(!matches("logout", "scenarios/a.rhai::login as Ada"));
        assert!(
            matches("scenarios/", "scenarios/a.rhai::x"),
            "a path is no regex"
        );
    }

    #[test]
    fn a19_grep_takes_a_regex_between_slashes() {
        assert!(matches("/as (Ada|Bob)$/", "a.rhai::login as Ada"));
        assert!(!matches("/ada/", "a.rhai::login as Ada"));
        assert!(matches("/ada/i", "a.rhai::login as Ada"));
        let error = NamePattern::parse("/(/").unwrap_err();
        assert_eq!(error.to_string(), "`/(/` is not a regular expression");
    }
}
