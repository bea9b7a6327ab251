//! Containment: a text in a text, elements in an array in any order, a part of a map.

use serde_json::Value;

use super::assign::assign;
use super::equal::explain;
use super::kind::Kind;
use super::mismatch::{Difference, Mismatch, PathMismatch, Verdict};
use super::pattern::Pattern;
use super::show::{show, show_at_most, show_items};
use super::text::with_kind;
use super::walk::Found;
use crate::expect::error::ExpectError;

/// Missing elements that are explained by their nearest; the others are only named.
const EXPLAINED: usize = 5;
/// Elements among which the nearest is looked for.
const COMPARED: usize = 2000;

/// Judges `received` as a container of `wanted`.
///
/// An array argument means: each of these, in any order, each by an element of its own. Maps and arrays among them are
/// partial patterns; a plain text means exactly that text. In a map, a text is a key and a map is a partial pattern.
pub(super) fn judge(received: &Value, wanted: &Value) -> Result<Verdict, ExpectError> {
    let argument = |needs| ExpectError::Argument {
        matcher: "to_contain",
        wanted: needs,
        seen: with_kind(wanted),
    };
    match received {
        Value::String(text) => {
            let Value::String(part) = wanted else {
                return Err(argument("a string when it looks into a string"));
            };
            if text.contains(part.as_str()) {
                return Ok(Verdict::Holds);
            }
            let mut mismatch = Mismatch::new(phrase(wanted), show(received));
            if text.to_lowercase().contains(&part.to_lowercase()) {
                mismatch
                    .received
                    .push_str(" (it is there in other upper and lower case)");
            }
            Ok(mismatch.fails())
        }
        Value::Array(items) => judge_items(items, wanted, false),
        Value::Object(map) => match wanted {
            Value::String(key) if map.contains_key(key) => Ok(Verdict::Holds),
            Value::String(key) => {
                let keys: Vec<Value> = map.keys().map(|key| Value::String(key.clone())).collect();
                let seen = format!("a map with the keys {}", show(&Value::Array(keys)));
                Ok(Mismatch::new(
                    format!("a map with the key {}", show(&Value::String(key.clone()))),
                    seen,
                )
                .fails())
            }
            Value::Object(_) => {
                let pattern = Pattern::partial(wanted)?;
                if pattern.fits(received) {
                    return Ok(Verdict::Holds);
                }
                Ok(explain(received, wanted, &pattern, phrase(wanted)).fails())
            }
            _ => Err(argument("a key or a map when it looks into a map")),
        },
        other => {
            let expected = format!("a string, array or map containing {}", show(wanted));
            Ok(Mismatch::new(expected, with_kind(other)).unfit())
        }
    }
}

/// As [`judge`] for arrays, and nothing else may be there.
pub(super) fn judge_only(received: &Value, wanted: &Value) -> Result<Verdict, ExpectError> {
    if !wanted.is_array() {
        let seen = with_kind(wanted);
        return Err(ExpectError::Argument {
            matcher: "to_contain_only",
            wanted: "an array",
            seen,
        });
    }
    match received {
        Value::Array(items) => judge_items(items, wanted, true),
        other => Ok(Mismatch::new(only_phrase(wanted), with_kind(other)).unfit()),
    }
}

pub(super) fn phrase(wanted: &Value) -> String {
    match wanted {
        Value::Array(_) => format!("containing each of {}, in any order", show(wanted)),
        _ => format!("containing {}", show(wanted)),
    }
}

pub(super) fn only_phrase(wanted: &Value) -> String {
    format!("exactly {}, in any order", show(wanted))
}

fn judge_items(items: &[Value], wanted: &Value, only: bool) -> Result<Verdict, ExpectError> {
    let needles: &[Value] = match wanted {
        Value::Array(list) => list,
        one => std::slice::from_ref(one),
    };
    let patterns = needles.iter().map(needle).collect::<Result<Vec<_>, _>>()?;
    let owners = assign(&patterns, items).ok_or(ExpectError::TooMany {
        wanted: patterns.len(),
        received: items.len(),
    })?;
    let mut is_found = vec![false; patterns.len()];
    for owner in owners.iter().flatten() {
        is_found[*owner] = true;
    }
    let surplus: Vec<usize> = (0..items.len())
        .filter(|at| only && owners[*at].is_none())
        .collect();
    if is_found.iter().all(|found| *found) && surplus.is_empty() {
        return Ok(Verdict::Holds);
    }
    let shown = show_items(items, 200);
    let phrase = if only {
        only_phrase(wanted)
    } else {
        phrase(wanted)
    };
    let mut mismatch = Mismatch::new(phrase, format!("{shown} ({} elements)", items.len()));
    let lost = (0..patterns.len()).filter(|at| !is_found[*at]);
    for (count, at) in lost.enumerate() {
        let nearest = if count < EXPLAINED {
            nearest(&patterns[at], items, &owners)
        } else {
            None
        };
        describe_lost(&needles[at], nearest, &mut mismatch);
    }
    for at in surplus {
        let difference = Difference::Unexpected {
            received: show_at_most(&items[at], 120),
        };
        mismatch.details.push(PathMismatch {
            path: format!("$[{at}]"),
            difference,
        });
    }
    Ok(mismatch.fails())
}

fn needle(value: &Value) -> Result<Pattern, ExpectError> {
    if value.is_string() {
        Ok(Pattern::exact(value))
    } else {
        Pattern::partial(value)
    }
}

/// The free tree that differs least from a pattern, and in what.
fn nearest(pattern: &Pattern, items: &[Value], owners: &[Option<usize>]) -> Option<(Found, usize)> {
    items
        .iter()
        .enumerate()
        .filter(|(at, item)| owners[*at].is_none() && Some(Kind::of(item)) == pattern.kind())
        .filter(|(_, item)| item.is_object() || item.is_array())
        .take(COMPARED)
        .map(|(at, item)| (pattern.differences(item), at))
        .min_by_key(|(found, _)| found.count())
}

/// Says that an element is missing, and in what the nearest one differs.
fn describe_lost(needle: &Value, nearest: Option<(Found, usize)>, mismatch: &mut Mismatch) {
    let mut expected = format!("an element {}", show_at_most(needle, 120));
    if let Some((_, at)) = &nearest {
        expected.push_str(&format!("; the nearest is $[{at}]"));
    }
    let path = "$[*]".to_string();
    mismatch.details.push(PathMismatch {
        path,
        difference: Difference::Missing { expected },
    });
    if let Some((found, at)) = nearest {
        mismatch.omitted += found.omitted;
        mismatch
            .details
            .extend(found.details.into_iter().map(|detail| PathMismatch {
                path: format!("$[{at}]{}", detail.path.trim_start_matches('$')),
                difference: detail.difference,
            }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failure(received: Value, wanted: Value) -> String {
        match judge(&received, &wanted) {
            Ok(Verdict::Fails(mismatch)) => mismatch.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_text_contains_a_part() {
        assert_eq!(judge(&json!("hello"), &json!("ell")), Ok(Verdict::Holds));
        assert_eq!(
            failure(json!("Hello"), json!("hell")),
            "expected: containing \"hell\"\nreceived: \"Hello\" (it is there in other upper and lower case)"
        );
        assert!(judge(&json!("5"), &json!(5)).is_err());
    }

    #[test]
    fn an_array_contains_elements_in_any_order_each_once() {
        assert_eq!(judge(&json!([1, 2, 3]), &json!([3, 1])), Ok(Verdict::Holds));
        assert_eq!(judge(&json!([1, 2, 3]), &json!(2)), Ok(Verdict::Holds));
        assert_eq!(
            failure(json!([1, 2]), json!([1, 1])),
            "expected: containing each of [1, 1], in any order\nreceived: [1, 2] (2 elements)\n1 mismatch:\n  $[*]  missing, expected an element 1"
        );
    }

    #[test]
    fn a_loose_pattern_does_not_take_the_item_of_a_strict_one() {
        let items = json!([{"a": 1, "b": 2}, {"a": 1}]);
        assert_eq!(
            judge(&items, &json!([{"a": 1}, {"a": 1, "b": 2}])),
            Ok(Verdict::Holds)
        );
    }

    #[test]
    fn the_nearest_element_is_explained() {
        let items = json!([{"id": 1, "state": "DONE"}, {"id": 2, "state": "LOST"}]);
        assert_eq!(
            failure(items, json!({"id": 2, "state": "DONE", "at": "#time"})),
            r##"expected: containing {"id": 2, "state": "DONE", "at": "#time"}
received: [{"id": 1, "state": "DONE"}, {"id": 2, "state": "LOST"}] (2 elements)
3 mismatches:
  $[*]     missing, expected an element {"id": 2, "state": "DONE", "at": "#time"}; the nearest is $[0]
  $[0].at  missing, expected #time
  $[0].id  expected 2, received 1"##
        );
    }

    #[test]
    fn a_text_among_elements_is_no_marker() {
        assert_eq!(
            judge(&json!(["#rust", "x"]), &json!(["#rust"])),
            Ok(Verdict::Holds)
        );
        assert!(judge(&json!([{"tag": "x"}]), &json!({"tag": "#rust"})).is_err());
    }

    #[test]
    fn a_map_contains_keys_and_parts() {
        let map = json!({"a": 1, "b": {"c": 2, "d": 3}});
        assert_eq!(judge(&map, &json!("a")), Ok(Verdict::Holds));
        assert_eq!(judge(&map, &json!({"b": {"c": 2}})), Ok(Verdict::Holds));
        assert_eq!(
            failure(map, json!("z")),
            "expected: a map with the key \"z\"\nreceived: a map with the keys [\"a\", \"b\"]"
        );
    }

    #[test]
    fn nothing_contains_nothing_and_not_nothing_either() {
        let Ok(Verdict::Unfit(mismatch)) = judge(&json!(null), &json!("x")) else {
            panic!("fit")
        };
        assert_eq!(
            mismatch.to_string(),
            "expected: a string, array or map containing \"x\"\nreceived: ()"
        );
    }

    #[test]
    fn only_means_nothing_else() {
        assert_eq!(
            judge_only(&json!([2, 1]), &json!([1, 2])),
            Ok(Verdict::Holds)
        );
        let Ok(Verdict::Fails(mismatch)) = judge_only(&json!([2, 1, 5]), &json!([1, 2])) else {
            panic!("holds")
        };
        assert!(
            mismatch
                .to_string()
                .ends_with("1 mismatch:\n  $[2]  unexpected, received 5"),
            "{mismatch}"
        );
    }
}
