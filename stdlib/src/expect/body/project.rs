//! A value and its pattern made alike, so that a line diff of the two shows the mismatches and nothing else.

use serde_json::{Map, Value};

use super::align::{Pair, align, unlisted};
use super::diff;
use super::marker::{Marked, Marker};
use super::pattern::Node;

impl Node {
    /// What was expected and what was received, each without what the pattern does not speak of; equal where it fits.
    pub(super) fn project(&self, received: Option<&Value>) -> (Option<Value>, Option<Value>) {
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
                let (expected, received) = diff::excerpts(expected, received);
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
