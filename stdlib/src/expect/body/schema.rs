//! JSON Schema: every violation by path, in the words of the other matchers.
//!
//! References are resolved within the schema only; nothing is ever fetched. Formats are checked, and an unknown one is
//! an error of the schema, so that a misspelt `format` does not accept everything.

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

use super::mismatch::{Difference, Mismatch, PathMismatch, Verdict};
use super::path::Path;
use super::show::{show, show_at_most};
use crate::expect::error::ExpectError;

const KEPT: usize = 1000;
const ROOM: usize = 120;

pub(super) const PHRASE: &str = "JSON that fits the schema";

pub(super) fn judge(received: &Value, schema: &Value) -> Result<Verdict, ExpectError> {
    let validator = build(schema)?;
    let mut mismatch = Mismatch::new(PHRASE, show(received));
    for error in validator.iter_errors(received) {
        if mismatch.details.len() < KEPT {
            describe(&error, "", &mut mismatch.details);
        } else {
            mismatch.omitted += 1;
        }
    }
    if mismatch.details.is_empty() {
        Ok(Verdict::Holds)
    } else {
        Ok(mismatch.fails())
    }
}

fn build(schema: &Value) -> Result<Validator, ExpectError> {
    jsonschema::options()
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .build(schema)
        .map_err(|error| ExpectError::Schema {
            path: path_of(&error),
            reason: error.to_string(),
        })
}

fn path_of(error: &ValidationError<'_>) -> String {
    Path::from_pointer(error.instance_path().as_str())
        .as_str()
        .to_string()
}

/// Adds what one violation says; one of a choice between schemas goes on with the alternative that came nearest.
fn describe(error: &ValidationError<'_>, prefix: &str, details: &mut Vec<PathMismatch>) {
    let path = format!("{prefix}{}", path_of(error));
    let at_key = |name: &str| {
        let mut path = Path::from_pointer(error.instance_path().as_str());
        path.push_key(name);
        path.as_str().to_string()
    };
    let instance = error.instance();
    let mut different = |expected: String, note: Option<String>| {
        let received = show_at_most(instance, ROOM);
        details.push(PathMismatch {
            path: path.clone(),
            difference: Difference::Different {
                expected,
                received,
                note,
            },
        });
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let difference = Difference::Missing {
                expected: "a required property".to_string(),
            };
            details.push(PathMismatch {
                path: at_key(name),
                difference,
            });
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let received = show_at_most(instance.get(name).unwrap_or(&Value::Null), ROOM);
                details.push(PathMismatch {
                    path: at_key(name),
                    difference: Difference::Unexpected { received },
                });
            }
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let nearest = context.iter().min_by_key(|errors| errors.len());
            different(
                format!("one of {} alternatives", context.len()),
                Some("the nearest follows".to_string()),
            );
            for inner in nearest.into_iter().flatten() {
                describe(inner, "  ", details);
            }
        }
        kind => different(
            phrase(kind).unwrap_or_else(|| format!("other: {}", error.masked())),
            None,
        ),
    }
}

/// What a keyword wanted, where a few words say it.
fn phrase(kind: &ValidationErrorKind) -> Option<String> {
    use ValidationErrorKind as K;
    Some(match kind {
        K::Type {
            kind: TypeKind::Single(kind),
        } => format!("type {kind}"),
        K::Type {
            kind: TypeKind::Multiple(kinds),
        } => {
            let names: Vec<String> = kinds.iter().map(|kind| kind.to_string()).collect();
            format!("type {}", names.join(" or "))
        }
        K::Enum { options } => format!("one of {}", show_at_most(options, ROOM)),
        K::Constant { expected_value } => show_at_most(expected_value, ROOM),
        K::Minimum { limit } => format!("at least {limit}"),
        K::Maximum { limit } => format!("at most {limit}"),
        K::ExclusiveMinimum { limit } => format!("more than {limit}"),
        K::ExclusiveMaximum { limit } => format!("less than {limit}"),
        K::MinLength { limit } => format!("at least {limit} characters"),
        K::MaxLength { limit } => format!("at most {limit} characters"),
        K::MinItems { limit } => format!("at least {limit} elements"),
        K::MaxItems { limit } => format!("at most {limit} elements"),
        K::MinProperties { limit } => format!("at least {limit} properties"),
        K::MaxProperties { limit } => format!("at most {limit} properties"),
        K::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        K::Pattern { pattern } => super::text::matching(pattern),
        K::Format { format } => format!("format {format}"),
        K::UniqueItems => "elements that are all different".to_string(),
        K::OneOfMultipleValid { .. } => "exactly one alternative, but several fit".to_string(),
        K::FalseSchema => "nothing here".to_string(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failure(received: Value, schema: Value) -> String {
        match judge(&received, &schema) {
            Ok(Verdict::Fails(mismatch)) => mismatch.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn order() -> Value {
        json!({
            "type": "object",
            "required": ["id", "state", "lines"],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "integer", "minimum": 1},
                "state": {"enum": ["NEW", "DONE"]},
                "mail": {"type": "string", "format": "email"},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}
            },
            "$defs": {"line": {"type": "object", "properties": {"sku": {"type": "string", "pattern": "^[A-Z]+$"}}}}
        })
    }

    #[test]
    fn a_value_that_fits_holds() {
        let value = json!({"id": 1, "state": "NEW", "lines": [{"sku": "A"}]});
        assert_eq!(judge(&value, &order()), Ok(Verdict::Holds));
    }

    #[test]
    fn every_violation_is_listed_by_path() {
        let value = json!({"id": 0, "state": "LOST", "mail": "ada", "lines": [{"sku": "A"}, {"sku": "b"}], "x": 1});
        let text = failure(value, order());
        for line in [
            "expected: JSON that fits the schema",
            "  $.id            expected at least 1, received 0",
            "  $.state         expected one of [\"NEW\", \"DONE\"], received \"LOST\"",
            "  $.mail          expected format email, received \"ada\"",
            "  $.lines[1].sku  expected a string matching /^[A-Z]+$/, received \"b\"",
            "  $.x             unexpected, received 1",
        ] {
            assert!(
                text.lines().any(|seen| seen == line),
                "{line}\nnot in\n{text}"
            );
        }
        assert!(text.contains("\n5 mismatches:"), "{text}");
    }

    #[test]
    fn a_required_property_is_missing_at_its_own_path() {
        let text = failure(json!({"id": 1, "state": "NEW"}), order());
        assert!(
            text.ends_with("1 mismatch:\n  $.lines  missing, expected a required property"),
            "{text}"
        );
    }

    #[test]
    fn a_choice_names_the_nearest_alternative() {
        let schema = json!({"anyOf": [
            {"type": "object", "required": ["a", "b"]},
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
        ]});
        let text = failure(json!({"a": 1}), schema);
        assert!(text.contains("expected one of 2 alternatives"), "{text}");
    }

    #[test]
    fn a_wrong_schema_is_the_scripts_fault() {
        let error = judge(&json!(1), &json!({"type": "strnig"})).expect_err("a wrong schema");
        assert!(
            error
                .to_string()
                .starts_with("the JSON Schema is wrong at $.type: "),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_format_is_an_error_not_a_pass() {
        assert!(judge(&json!("x"), &json!({"format": "emial"})).is_err());
    }

    #[test]
    fn nothing_is_fetched() {
        let error = judge(
            &json!(1),
            &json!({"$ref": "http://127.0.0.1:1/schema.json"}),
        )
        .expect_err("no remote refs");
        assert!(error.to_string().contains("schema.json"), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
}
