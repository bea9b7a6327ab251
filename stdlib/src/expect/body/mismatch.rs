//! Why a claim does not hold, as data: the sentence pair, the list by path, and a diff.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many mismatches a message lists before it only counts them.
const LISTED: usize = 40;
/// Longer paths do not push the others to the right.
const WIDEST_PATH: usize = 40;

/// What a matcher found out.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The claim holds.
    Holds,
    /// The claim does not hold; its negation does.
    Fails(Box<Mismatch>),
    /// Neither the claim nor its negation can hold of this value, e.g. the length of `()`.
    Unfit(Box<Mismatch>),
}

/// A claim and what was seen instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mismatch {
    /// What was claimed, as a phrase: `5`, `greater than 5`, `not one of [1, 2]`.
    pub expected: String,
    /// What was there.
    pub received: String,
    /// Every place that differs, in the order of the tree. Empty where there is only one place.
    pub details: Vec<PathMismatch>,
    /// Mismatches beyond those kept in `details`.
    pub omitted: usize,
    /// A line diff, where it reads better than the two values side by side.
    pub diff: Option<String>,
}

/// One place of a tree that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathMismatch {
    /// Where, as `$.items[2].name`.
    pub path: String,
    pub difference: Difference,
}

/// In what way a place differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Expected, but not there.
    Missing { expected: String },
    /// There, but not expected.
    Unexpected { received: String },
    /// There, but different; the note says what the two values alone do not.
    Different {
        expected: String,
        received: String,
        note: Option<String>,
    },
}

impl Mismatch {
    pub(super) fn new(expected: impl Into<String>, received: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            received: received.into(),
            details: Vec::new(),
            omitted: 0,
            diff: None,
        }
    }

    /// Every place that differs, a line each, cut where there are many.
    pub fn listing(&self) -> Option<String> {
        let total = self.details.len() + self.omitted;
        let listed = &self.details[..self.details.len().min(LISTED)];
        let width = listed
            .iter()
            .map(|d| d.path.chars().count())
            .max()?
            .min(WIDEST_PATH);
        let mut lines: Vec<String> = listed
            .iter()
            .map(|detail| format!("{:width$}  {}", detail.path, detail.difference))
            .collect();
        if total > listed.len() {
            lines.push(format!("… and {} more", total - listed.len()));
        }
        Some(lines.join("\n"))
    }

    pub(super) fn fails(self) -> Verdict {
        Verdict::Fails(Box::new(self))
    }

    pub(super) fn unfit(self) -> Verdict {
        Verdict::Unfit(Box::new(self))
    }
}

/// The mismatch as it stands in a report, without the line that names the matcher.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected: {}\nreceived: {}",
            self.expected, self.received
        )?;
        if let Some(listing) = self.listing() {
            let total = self.details.len() + self.omitted;
            write!(
                f,
                "\n{total} mismatch{}:",
                if total == 1 { "" } else { "es" }
            )?;
            for line in listing.lines() {
                write!(f, "\n  {line}")?;
            }
        }
        match &self.diff {
            Some(diff) => write!(f, "\n{diff}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { expected } => write!(f, "missing, expected {expected}"),
            Self::Unexpected { received } => write!(f, "unexpected, received {received}"),
            Self::Different {
                expected,
                received,
                note,
            } => {
                write!(f, "expected {expected}, received {received}")?;
                match note {
                    Some(note) => write!(f, " ({note})"),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_mismatches_are_counted_not_listed() {
        let mut mismatch = Mismatch::new("a", "b");
        mismatch.omitted = 7;
        mismatch.details = (0..50)
            .map(|i| PathMismatch {
                path: format!("$[{i}]"),
                difference: Difference::Missing {
                    expected: "1".to_string(),
                },
            })
            .collect();
        let text = mismatch.to_string();
        assert!(text.contains("\n57 mismatches:"), "{text}");
        assert!(text.ends_with("… and 17 more"), "{text}");
    }
}
