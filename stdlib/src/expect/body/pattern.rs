//! A pattern: an expected JSON value, compiled once. `walk` lists where a value differs from it, `project` shows both side
//! by side.
//!
//! Exact and partial matching share all of it. An exact pattern is closed (no further keys) and knows no markers; a
//! partial one is open and its strings may be markers. In both, arrays have the same length and order.

use serde_json::Value;

use super::equal::equal;
use super::kind::Kind;
use super::marker::{Marked, Reading, read};
use super::path::Path;
use super::walk::Found;
use crate::expect::error::ExpectError;

/// An expected value, ready to be compared.
#[derive(Debug, Clone)]
pub struct Pattern {
    node: Node,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Literal(Value),
    Marker(Marked),
    Array(Vec<Node>),
    Map {
        entries: Vec<(String, Node)>,
        closed: bool,
    },
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

    /// The value the pattern was made from, with texts that were written literally resolved.
    pub(super) fn to_value(&self) -> Value {
        self.node.to_value()
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
    pub(super) fn fits(&self, received: Option<&Value>) -> bool {
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

    /// The node as the value it was made from, but for `#literal`, which is resolved.
    pub(super) fn to_value(&self) -> Value {
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
}
