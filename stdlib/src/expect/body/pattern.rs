//! A pattern: an expected JSON value, compiled once, and the walk that lists every place where a value differs.
//!
//! Exact and partial matching share the walk. An exact pattern is closed (no further keys) and knows no markers; a
//! partial one is open and its strings may be markers. In both, arrays have the same length and order.

use serde_json::{Map, Value};

use super::equal::{equal, number_note, text_note};
use super::kind::Kind;
use super::marker::{Marked, Marker, Reading, read};
use super::mismatch::{Difference, PathMismatch};
use super::path::Path;
use super::show::show_at_most;
use crate::expect::error::ExpectError;

/// Mismatches kept; what lies beyond is only counted.
const KEPT: usize = 1000;
/// The room for one value in a list of mismatches.
const ROOM: usize = 120;

/// An expected value, ready to be compared.
#[derive(Debug, Clone)]
pub struct Pattern {
    node: Node,
}

#[derive(Debug, Clone)]
enum Node {
    Literal(Value),
    Marker(Marked),
    Array(Vec<Node>),
    Map {
        entries: Vec<(String, Node)>,
        closed: bool,
    },
}

/// Every place that differs.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) details: Vec<PathMismatch>,
    pub(super) omitted: usize,
}

impl Found {
    pub(super) fn count(&self) -> usize {
        self.details.len() + self.omitted
    }
}

impl Pattern {
    /// Exactly this value: no further keys, no markers.
    pub fn exact(value: &Value) -> Self {
        Self { node: exact(value) }
    }

    /// At least this: maps may have further keys, and strings may be markers.
    pub fn partial(value: &Value) -> Result<Self, ExpectError> {
        Ok(Self {
            node: partial(value, &mut Path::root())?,
        })
    }

    /// Whether the value is what the pattern wants.
    pub fn fits(&self, received: &Value) -> bool {
        self.node.fits(Some(received))
    }

    /// Everywhere the value is not what the pattern wants; empty exactly when it fits.
    pub(super) fn differences(&self, received: &Value) -> Found {
        let mut found = Found::default();
        self.node
            .walk(Some(received), &mut Path::root(), &mut found);
        found
    }

    /// Both sides reduced to what the pattern speaks of, and equal wherever the value fits: what a diff should show.
    pub(super) fn project(&self, received: &Value) -> (Value, Value) {
        let (expected, received) = self.node.project(Some(received));
        (expected.unwrap_or_default(), received.unwrap_or_default())
    }

    /// The kind of value the pattern can fit, if it is only one.
    pub(super) fn kind(&self) -> Option<Kind> {
        match &self.node {
            Node::Literal(value) => Some(Kind::of(value)),
            Node::Array(_) => Some(Kind::Array),
            Node::Map { .. } => Some(Kind::Map),
            Node::Marker(_) => None,
        }
    }
}

fn exact(value: &Value) -> Node {
    match value {
        Value::Array(items) => Node::Array(items.iter().map(exact).collect()),
        Value::Object(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| (key.clone(), exact(value)))
                .collect();
            Node::Map {
                entries: sorted(entries),
                closed: true,
            }
        }
        scalar => Node::Literal(scalar.clone()),
    }
}

/// Entries by key, so that they can be searched and mismatches come in one order.
fn sorted(mut entries: Vec<(String, Node)>) -> Vec<(String, Node)> {
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries
}

fn partial(value: &Value, path: &mut Path) -> Result<Node, ExpectError> {
    Ok(match value {
        Value::String(text) => match read(text, path.as_str())? {
            Reading::Marker(marked) => Node::Marker(marked),
            Reading::Text(text) => Node::Literal(Value::String(text)),
        },
        Value::Array(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                path.push_index(index);
                nodes.push(partial(item, path)?);
                path.pop();
            }
            Node::Array(nodes)
        }
        Value::Object(map) => {
            let mut entries = Vec::with_capacity(map.len());
            for (key, item) in map {
                path.push_key(key);
                entries.push((key.clone(), partial(item, path)?));
                path.pop();
            }
            Node::Map {
                entries: sorted(entries),
                closed: false,
            }
        }
        scalar => Node::Literal(scalar.clone()),
    })
}

impl Node {
    fn fits(&self, received: Option<&Value>) -> bool {
        match (self, received) {
            (Self::Marker(marked), received) => marked.marker.accepts(received),
            (_, None) => false,
            (Self::Literal(expected), Some(received)) => equal(expected, received),
            (Self::Array(nodes), Some(Value::Array(items))) => {
                nodes.len() == items.len()
                    && nodes
                        .iter()
                        .zip(items)
                        .all(|(node, item)| node.fits(Some(item)))
            }
            (Self::Map { entries, closed }, Some(Value::Object(map))) => {
                entries.iter().all(|(key, node)| node.fits(map.get(key)))
                    && (!closed || map.len() == entries.len())
            }
            _ => false,
        }
    }

    fn walk(&self, received: Option<&Value>, path: &mut Path, found: &mut Found) {
        let Some(value) = received else {
            if !self.fits(None) {
                found.add(path, || Difference::Missing {
                    expected: self.show(),
                });
            }
            return;
        };
        match (self, value) {
            (Self::Array(nodes), Value::Array(items)) => walk_array(nodes, items, path, found),
            (Self::Map { entries, closed }, Value::Object(map)) => {
                for (key, node) in entries {
                    path.push_key(key);
                    node.walk(map.get(key), path, found);
                    path.pop();
                }
                if *closed {
                    for (key, item) in unlisted(entries, map) {
                        path.push_key(key);
                        found.add(path, || Difference::Unexpected {
                            received: show_at_most(item, ROOM),
                        });
                        path.pop();
                    }
                }
            }
            _ if self.fits(received) => {}
            _ => found.add(path, || self.differs(value)),
        }
    }

    fn differs(&self, received: &Value) -> Difference {
        let note = match self {
            Self::Marker(marked) => marked.marker.note(received),
            Self::Literal(expected) => number_note(expected, received)
                .or_else(|| text_note(expected, received))
                .or_else(|| kind_note(Kind::of(expected), received)),
            Self::Array(_) => kind_note(Kind::Array, received),
            Self::Map { .. } => kind_note(Kind::Map, received),
        };
        if let Self::Marker(Marked {
            marker: Marker::Absent,
            ..
        }) = self
        {
            return Difference::Unexpected {
                received: show_at_most(received, ROOM),
            };
        }
        Difference::Different {
            expected: self.show(),
            received: show_at_most(received, ROOM),
            note,
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Marker(marked) => super::show::plain_line(&marked.text),
            node => show_at_most(&node.to_value(), ROOM),
        }
    }

    /// The node as the value it was made from, but for `#literal`, which is resolved.
    fn to_value(&self) -> Value {
        match self {
            Self::Literal(value) => value.clone(),
            Self::Marker(marked) => Value::String(marked.text.clone()),
            Self::Array(nodes) => Value::Array(nodes.iter().map(Self::to_value).collect()),
            Self::Map { entries, .. } => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.clone(), node.to_value()))
                    .collect(),
            ),
        }
    }

    fn project(&self, received: Option<&Value>) -> (Option<Value>, Option<Value>) {
        if self.fits(received) {
            return match self {
                // An open map that fits still hides the keys it does not speak of.
                Self::Map { .. } | Self::Array(_) => {
                    let shown = received.map(|value| self.restrict(value));
                    (shown.clone(), shown)
                }
                _ => (received.cloned(), received.cloned()),
            };
        }
        match (self, received) {
            (Self::Map { entries, closed }, Some(Value::Object(map))) => {
                let (mut left, mut right) = (Map::new(), Map::new());
                for (key, node) in entries {
                    let (expected, received) = node.project(map.get(key));
                    left.extend(expected.map(|value| (key.clone(), value)));
                    right.extend(received.map(|value| (key.clone(), value)));
                }
                if *closed {
                    right.extend(
                        unlisted(entries, map).map(|(key, item)| (key.clone(), item.clone())),
                    );
                }
                (Some(Value::Object(left)), Some(Value::Object(right)))
            }
            (Self::Array(nodes), Some(Value::Array(items))) => {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                for pair in align(nodes, items) {
                    let (expected, received) = match pair {
                        Pair::Both(_, node, item) => node.project(Some(item)),
                        Pair::Missing(_, node) => (Some(node.to_value()), None),
                        Pair::Unexpected(_, item) => (None, Some(item.clone())),
                    };
                    left.extend(expected);
                    right.extend(received);
                }
                (Some(Value::Array(left)), Some(Value::Array(right)))
            }
            (
                Self::Marker(Marked {
                    marker: Marker::Absent,
                    ..
                }),
                received,
            ) => (None, received.cloned()),
            (Self::Literal(Value::String(expected)), Some(Value::String(received))) => {
                let (expected, received) = super::diff::excerpts(expected, received);
                (Some(Value::String(expected)), Some(Value::String(received)))
            }
            (node, received) => (Some(node.to_value()), received.cloned()),
        }
    }

    /// The part of a fitting value that the node speaks of.
    fn restrict(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::Map { entries, .. }, Value::Object(map)) => Value::Object(
                entries
                    .iter()
                    .filter_map(|(key, node)| Some((key.clone(), node.restrict(map.get(key)?))))
                    .collect(),
            ),
            (Self::Array(nodes), Value::Array(items)) => Value::Array(
                nodes
                    .iter()
                    .zip(items)
                    .map(|(node, item)| node.restrict(item))
                    .collect(),
            ),
            _ => value.clone(),
        }
    }
}

impl Found {
    fn add(&mut self, path: &Path, difference: impl FnOnce() -> Difference) {
        if self.details.len() < KEPT {
            self.details.push(PathMismatch {
                path: path.as_str().to_string(),
                difference: difference(),
            });
        } else {
            self.omitted += 1;
        }
    }
}

fn unlisted<'a>(
    entries: &'a [(String, Node)],
    map: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    map.iter().filter(|(key, _)| {
        entries
            .binary_search_by(|(known, _)| known.as_str().cmp(key))
            .is_err()
    })
}

fn kind_note(expected: Kind, received: &Value) -> Option<String> {
    let seen = Kind::of(received);
    (seen != expected && seen != Kind::Null).then(|| seen.to_string())
}

enum Pair<'a> {
    Both(usize, &'a Node, &'a Value),
    Missing(usize, &'a Node),
    Unexpected(usize, &'a Value),
}

/// Pairs the elements of two arrays: what fits at the beginning and at the end, and between them place by place, so
/// that one element added or lost in the middle is one mismatch and not a mismatch in every later place.
fn align<'a>(nodes: &'a [Node], items: &'a [Value]) -> Vec<Pair<'a>> {
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

fn walk_array(nodes: &[Node], items: &[Value], path: &mut Path, found: &mut Found) {
    for pair in align(nodes, items) {
        let index = match pair {
            Pair::Both(index, ..) | Pair::Missing(index, _) | Pair::Unexpected(index, _) => index,
        };
        path.push_index(index);
        match pair {
            Pair::Both(_, node, item) => node.walk(Some(item), path, found),
            Pair::Missing(_, node) => found.add(path, || Difference::Missing {
                expected: node.show(),
            }),
            Pair::Unexpected(_, item) => found.add(path, || Difference::Unexpected {
                received: show_at_most(item, ROOM),
            }),
        }
        path.pop();
    }
}
