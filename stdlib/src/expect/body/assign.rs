//! Giving each pattern an element of its own.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::kind::Kind;
use super::pattern::Pattern;

/// Comparisons of trees at most. Nothing can interrupt them, and beyond this they take seconds.
const MOST: usize = 4_000_000;

/// For each item the pattern it was given to, so that as many patterns as possible get an item of their own. First
/// come, first served would fail where a loose pattern takes the only item of a strict one. Nothing, when there are too
/// many of both.
pub(super) fn assign(patterns: &[Pattern], items: &[Value]) -> Option<Vec<Option<usize>>> {
    let mut owners = vec![None; items.len()];
    let (trees, scalars): (Vec<usize>, Vec<usize>) =
        (0..patterns.len()).partition(|at| is_tree(patterns[*at].kind()));
    assign_scalars(&scalars, patterns, items, &mut owners);
    let branches: Vec<usize> = (0..items.len())
        .filter(|at| is_tree(Some(Kind::of(&items[*at]))))
        .collect();
    if trees.len().saturating_mul(branches.len()) > MOST {
        return None;
    }
    for at in trees {
        augment(at, patterns, items, &branches, &mut owners);
    }
    Some(owners)
}

fn is_tree(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Array | Kind::Map) | None)
}

/// A scalar pattern fits only its equals, so any of them will do.
fn assign_scalars(
    scalars: &[usize],
    patterns: &[Pattern],
    items: &[Value],
    owners: &mut [Option<usize>],
) {
    let mut free: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, item) in items
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, item)| !is_tree(Some(Kind::of(item))))
    {
        free.entry(item.to_string()).or_default().push(at);
    }
    for at in scalars {
        let equals = free.get_mut(&patterns[*at].to_value().to_string());
        if let Some(item) = equals.and_then(Vec::pop) {
            owners[item] = Some(*at);
        }
    }
}

/// Finds an item for one more pattern by the shortest chain of owners that can move on, breadth first.
fn augment(
    start: usize,
    patterns: &[Pattern],
    items: &[Value],
    branches: &[usize],
    owners: &mut [Option<usize>],
) {
    // How each item was reached: the pattern that would take it, and the item which that pattern would give up.
    let mut reached: HashMap<usize, (usize, Option<usize>)> = HashMap::new();
    let mut queue = VecDeque::from([(start, None)]);
    while let Some((pattern, given_up)) = queue.pop_front() {
        for item in branches {
            if reached.contains_key(item) || !patterns[pattern].fits(&items[*item]) {
                continue;
            }
            reached.insert(*item, (pattern, given_up));
            let Some(owner) = owners[*item] else {
                let mut step = Some(*item);
                while let Some(item) = step {
                    let (taker, from) = reached[&item];
                    owners[item] = Some(taker);
                    step = from;
                }
                return;
            };
            queue.push_back((owner, Some(*item)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn owners(patterns: &Value, items: &Value) -> Option<Vec<Option<usize>>> {
        let patterns = patterns.as_array().expect("patterns");
        let patterns: Vec<Pattern> = patterns
            .iter()
            .map(|value| Pattern::partial(value).expect("a pattern"))
            .collect();
        assign(&patterns, items.as_array().expect("items"))
    }

    #[test]
    fn a_chain_of_owners_moves_on_for_a_newcomer() {
        let patterns = json!([{"a": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 1}]);
        let items = json!([{"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1}, {"a": 1}]);
        assert_eq!(
            owners(&patterns, &items),
            Some(vec![Some(2), Some(1), Some(0)])
        );
    }

    #[test]
    fn equal_scalars_are_given_out_once_each() {
        assert_eq!(
            owners(&json!([1, 1, 2]), &json!([1, 2, 1.0])),
            Some(vec![Some(0), Some(2), None])
        );
    }

    #[test]
    fn many_scalars_are_quick_and_too_many_trees_are_refused() {
        let numbers: Vec<i64> = (0..50_000).collect();
        let given = owners(&json!(numbers), &json!(numbers)).expect("scalars");
        assert!(given.iter().all(Option::is_some));
        let trees = vec![json!([]); 3000];
        assert_eq!(owners(&json!(trees), &json!(trees)), None);
    }
}
