//! The walk over a value beside its pattern, which lists every place that differs.

use serde_json::Value;

use super::align::{Pair, align, unlisted};
use super::equal::{number_note, text_note};
use super::kind::Kind;
use super::marker::{Marked, Marker};
use super::mismatch::{Difference, PathMismatch};
use super::path::Path;
use super::pattern::Node;
use super::show::{plain_line, show_at_most};

/// Mismatches kept; what lies beyond is only counted.
const KEPT: usize = 1000;
/// The room for one value in a list of mismatches.
const ROOM: usize = 120;

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

impl Node {
    pub(super) fn walk(&self, received: Option<&Value>, path: &mut Path, found: &mut Found) {
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
            Self::Marker(marked) => plain_line(&marked.text),
            node => show_at_most(&node.to_value(), ROOM),
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

fn kind_note(expected: Kind, received: &Value) -> Option<String> {
    let seen = Kind::of(received);
    (seen != expected && seen != Kind::Null).then(|| seen.to_string())
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
