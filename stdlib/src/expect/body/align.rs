//! Which element of an array belongs to which of its pattern, and which keys a pattern does not list.

use serde_json::{Map, Value};

use super::pattern::Node;

/// The entries of a map that a pattern says nothing of.
pub(super) fn unlisted<'a>(
    entries: &'a [(String, Node)],
    map: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    map.iter().filter(|(key, _)| {
        entries
            .binary_search_by(|(known, _)| known.as_str().cmp(key))
            .is_err()
    })
}

/// Two elements that belong together, or one that has no counterpart, each with the index to name it by.
pub(super) enum Pair<'a> {
    Both(usize, &'a Node, &'a Value),
    Missing(usize, &'a Node),
    Unexpected(usize, &'a Value),
}

/// Pairs the elements of two arrays: what fits at the beginning and at the end, and between them place by place, so
/// that one element added or lost in the middle is one mismatch and not a mismatch in every later place.
pub(super) fn align<'a>(nodes: &'a [Node], items: &'a [Value]) -> Vec<Pair<'a>> {
    let shorter = nodes.len().min(items.len());
    let mut head = 0;
    let mut tail = 0;
    if nodes.len() != items.len() {
        head = nodes
            .iter()
            .zip(items)
            .take_while(|(node, item)| node.fits(Some(item)))
            .count();
        let backwards = nodes.iter().rev().zip(items.iter().rev());
        tail = backwards
            .take(shorter - head)
            .take_while(|(node, item)| node.fits(Some(item)))
            .count();
    }
    let inner = shorter - tail;
    let mut pairs: Vec<Pair<'a>> = (0..inner)
        .map(|at| Pair::Both(at, &nodes[at], &items[at]))
        .collect();
    debug_assert!(head <= inner);
    pairs.extend((inner..nodes.len() - tail).map(|at| Pair::Missing(at, &nodes[at])));
    pairs.extend((inner..items.len() - tail).map(|at| Pair::Unexpected(at, &items[at])));
    pairs.extend((0..tail).rev().map(|back| {
        let (node, item) = (
            &nodes[nodes.len() - 1 - back],
            &items[items.len() - 1 - back],
        );
        Pair::Both(items.len() - 1 - back, node, item)
    }));
    pairs
}
