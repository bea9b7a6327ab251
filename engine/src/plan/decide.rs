//! Whether a selected scenario is run, and whether its outcome counts: `skip`, `skip_in`, `requires`, `quarantine`.

use super::error::PlanError;
use super::place;
use crate::model::Declared;
use jiff::civil::Date;
use scenario_stdlib::host::sources::Sources;
use scenario_stdlib::host::suggest;
use std::collections::BTreeMap;

/// What happens to a selected scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Run,
    /// Reported as skipped.
    Skip {
        reason: String,
    },
    /// Reported as an error without being run.
    Error {
        reason: String,
    },
}

/// What decisions depend on.
#[derive(Clone, Debug)]
pub struct Conditions {
    pub profile: String,
    /// The requirements there are.
    pub requirements: Vec<String>,
    /// Those this machine lacks, each with what is missing.
    pub absent: BTreeMap<String, String>,
    /// Whether a lack is an error: nobody would read that something was skipped.
    pub strict: bool,
    pub today: Date,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            profile: "default".into(),
            requirements: Vec::new(),
            absent: BTreeMap::new(),
            strict: false,
            today: Date::MIN,
        }
    }
}

/// Decides about one scenario. What its script says comes before what the machine lacks.
pub fn decide(declared: &Declared, conditions: &Conditions) -> Decision {
    if let Some(reason) = &declared.terms.skip {
        let reason = match reason.trim() {
            "" => "its script says so".to_owned(),
            reason => reason.to_owned(),
        };
        return Decision::Skip { reason };
    }
    if declared.terms.skip_in.contains(&conditions.profile) {
        let reason = format!("not run in profile `{}`", conditions.profile);
        return Decision::Skip { reason };
    }
    let lacks: Vec<String> = declared
        .terms
        .requires
        .iter()
        .filter_map(|name| {
            let missing = conditions.absent.get(name)?;
            Some(format!("requires `{name}`: {missing}"))
        })
        .collect();
    match (lacks.is_empty(), conditions.strict) {
        (true, _) => Decision::Run,
        (false, true) => Decision::Error {
            reason: lacks.join("; "),
        },
        (false, false) => Decision::Skip {
            reason: lacks.join("; "),
        },
    }
}

/// Whether a scenario runs without gating: in quarantine that still holds on `today`.
pub fn is_quarantined(declared: &Declared, today: Date) -> bool {
    declared.terms.quarantine.is_some() && expired(declared, today).is_none()
}

/// Why a scenario is bad news even if it passes: its quarantine no longer holds. The last day still counts.
pub fn expired(declared: &Declared, today: Date) -> Option<String> {
    let quarantine = declared.terms.quarantine.as_ref()?;
    (today > quarantine.expires).then(|| {
        let ticket = match quarantine.ticket.trim() {
            "" => String::new(),
            ticket => format!(", ticket {ticket}"),
        };
        format!(
            "its quarantine expired on {}: owner {}{ticket}",
            quarantine.expires, quarantine.owner
        )
    })
}

/// Requirements that nothing is known about: a slip must not read as "absent" for ever.
pub fn unknown_requirements(
    declared: &Declared,
    known: &[String],
    sources: &Sources,
) -> Vec<PlanError> {
    let unknown = declared
        .terms
        .requires
        .iter()
        .filter(|name| !known.contains(name));
    unknown
        .map(|name| PlanError::UnknownRequirement {
            name: name.clone(),
            scenario: declared.id.to_string(),
            hint: suggest::nearest(name, known.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?")),
            at: place::of_word(sources, declared.id.file(), declared.line, name),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::scenario;
    use super::*;
    use crate::model::Quarantine;
    use jiff::civil::date;
    use scenario_stdlib::host::failure::Failure;

    fn conditions() -> Conditions {
        Conditions {
            today: date(2026, 6, 15),
            ..Conditions::default()
        }
    }

    fn reason(decision: Decision) -> (&'static str, String) {
        match decision {
            Decision::Run => ("run", String::new()),
            Decision::Skip { reason } => ("skip", reason),
            Decision::Error { reason } => ("error", reason),
        }
    }

    #[test]
    fn o13_a_disabled_scenario_is_listed_with_its_reason() {
        let mut declared = scenario("a.rhai", "x", 1);
        assert_eq!(decide(&declared, &conditions()), Decision::Run);
        declared.terms_mut().skip = Some("broken since the move".into());
        let (what, why) = reason(decide(&declared, &conditions()));
        assert_eq!((what, why.as_str()), ("skip", "broken since the move"));
        declared.terms_mut().skip = Some(String::new());
        assert_eq!(
            reason(decide(&declared, &conditions())).1,
            "its script says so"
        );
    }

    #[test]
    fn o14_a_scenario_is_skipped_in_one_profile_only() {
        let mut declared = scenario("a.rhai", "x", 1);
        declared.terms_mut().skip_in = vec!["staging".into()];
        assert_eq!(decide(&declared, &conditions()), Decision::Run);
        let staging = Conditions {
            profile: "staging".into(),
            ..conditions()
        };
        let (what, why) = reason(decide(&declared, &staging));
        assert_eq!(
            (what, why.as_str()),
            ("skip", "not run in profile `staging`")
        );
    }

    #[test]
    fn c35_what_is_missing_skips_for_a_person_and_errs_in_ci() {
        let mut declared = scenario("a.rhai", "x", 1);
        declared.terms_mut().requires = vec!["browser".into(), "postgres".into()];
        let mut conditions = conditions();
        assert_eq!(decide(&declared, &conditions), Decision::Run);
        let missing = "`chromedriver` in PATH is missing".to_owned();
        conditions.absent.insert("browser".into(), missing);
        let why = "requires `browser`: `chromedriver` in PATH is missing".to_owned();
        assert_eq!(
            reason(decide(&declared, &conditions)),
            ("skip", why.clone())
        );
        conditions.strict = true;
        assert_eq!(reason(decide(&declared, &conditions)), ("error", why));
    }

    #[test]
    fn quarantine_holds_until_its_last_day_and_is_bad_news_after_it() {
        let mut declared = scenario("a.rhai", "x", 1);
        let last_day = date(2026, 6, 15);
        assert!(!is_quarantined(&declared, last_day));
        declared.terms_mut().quarantine = Some(Box::new(Quarantine {
            expires: last_day,
            owner: "ada".into(),
            ticket: "SHOP-7".into(),
        }));
        assert!(is_quarantined(&declared, last_day));
        assert_eq!(expired(&declared, last_day), None);
        let after = date(2026, 6, 16);
        assert!(!is_quarantined(&declared, after));
        assert_eq!(
            expired(&declared, after).as_deref(),
            Some("its quarantine expired on 2026-06-15: owner ada, ticket SHOP-7")
        );
        assert_eq!(decide(&declared, &conditions()), Decision::Run);
    }

    #[test]
    fn c35_an_unknown_requirement_is_an_error_not_a_skip() {
        let mut declared = scenario("a.rhai", "x", 1);
        declared.terms_mut().requires = vec!["postgers".into(), "zzz".into()];
        let known = ["postgres".to_owned(), "redis".to_owned()];
        let errors = unknown_requirements(&declared, &known, &Sources::default());
        let messages: Vec<String> = errors
            .into_iter()
            .map(|e| Failure::from(e).render())
            .collect();
        assert!(messages[0].ends_with("hint: did you mean `postgres`?"));
        assert!(messages[1].ends_with("[requires] zzz = [\"program\"]"));
    }
}
