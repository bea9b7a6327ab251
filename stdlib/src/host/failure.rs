//! Bad news, in one shape from the script to every report. Knows no Rhai.

use super::location::Location;
use serde::{Deserialize, Serialize};

/// Whose fault it is. Types, messages and exit codes keep the three apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The product under test is wrong.
    Failure,
    /// The harness or the machine is.
    Fault,
    /// The script or the command line is.
    Usage,
}

/// What happened, machine-readable, where someone decides by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A claim of `assert`, `verify`, `expect`, `wait_until` or `never` did not hold.
    Assertion,
    /// A wait ran out of its own time.
    WaitTimeout,
    /// `give_up`: a wait that can never come true.
    GaveUp,
    /// A phase or scenario ran out of its time.
    Timeout,
    /// The system under test could not be talked to, or answered what cannot be read.
    Traffic,
    /// `fail(..)` or an uncaught `throw`.
    Thrown,
    /// The script was stopped from outside.
    Cancelled,
    /// An error of the script itself: an unknown name, a wrong type, a missing property.
    Script,
    /// A service ended, or did not become ready.
    Service,
    /// A wrong argument or option.
    Argument,
    /// The harness could not do its work.
    Internal,
    /// What the attempt worked with is gone, such as its browser; another attempt gets a new one.
    Lost,
}

/// A labelled value or block below the message, such as `expected` or `diff`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    pub label: String,
    pub text: String,
}

impl Detail {
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            text: text.into(),
        }
    }
}

/// One piece of bad news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: Kind,
    pub code: Code,
    /// One lower-case sentence without a full stop.
    pub message: String,
    /// Shown below the message, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What the carets point at: "is 404".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The script calls that led here, innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Location>,
    /// The next move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Titles of the steps it happened in, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// `verify`: the phase went on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub soft: bool,
}

impl Failure {
    /// Bad news of any kind.
    pub fn new(kind: Kind, code: Code, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            details: Vec::new(),
            location: None,
            label: String::new(),
            calls: Vec::new(),
            hint: None,
            steps: Vec::new(),
            soft: false,
        }
    }

    /// The product under test is wrong.
    pub fn product(code: Code, message: impl Into<String>) -> Self {
        Self::new(Kind::Failure, code, message)
    }

    /// An argument or option of the script is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, Code::Argument, message)
    }

    /// The harness or the machine is wrong.
    pub fn fault(message: impl Into<String>) -> Self {
        Self::new(Kind::Fault, Code::Internal, message)
    }

    /// Adds a labelled value or block.
    pub fn detail(mut self, label: impl Into<String>, text: impl Into<String>) -> Self {
        self.details.push(Detail::new(label, text));
        self
    }

    /// Sets the next move.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the place.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Sets what the carets say.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Message, frame, details and hint as plain text, the way every text shows them.
    pub fn render(&self) -> String {
        self.render_with(Location::frame)
    }

    /// Like [`Failure::render`], its place and label drawn by `frame`.
    pub fn render_with(&self, frame: impl Fn(&Location, &str) -> String) -> String {
        let mut out = self.message.clone();
        if let Some(location) = &self.location {
            out.push('\n');
            out.push_str(&frame(location, &self.label));
        }
        for call in &self.calls {
            out.push_str(&format!("\n  called from {call}"));
        }
        let width = self
            .details
            .iter()
            .filter(|d| !d.text.contains('\n'))
            .map(|d| d.label.chars().count())
            .max()
            .unwrap_or(0);
        for Detail { label, text } in &self.details {
            if text.contains('\n') {
                out.push_str(&format!("\n  {label}:"));
                for line in text.lines() {
                    out.push_str("\n    ");
                    out.push_str(line);
                }
            } else {
                let pad = " ".repeat(width - label.chars().count());
                out.push_str(&format!("\n  {label}:{pad} {text}"));
            }
        }
        if let Some(hint) = &self.hint {
            out.push_str(&format!("\n  hint: {hint}"));
        }
        out
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_line_up_and_blocks_are_indented() {
        let failure = Failure::product(Code::Assertion, "values differ")
            .detail("expected", "1")
            .detail("got", "2")
            .detail("diff", "-1\n+2")
            .hint("look again");
        assert_eq!(
            failure.render(),
            "values differ\n  expected: 1\n  got:      2\n  diff:\n    -1\n    +2\n  hint: look again"
        );
    }

    #[test]
    fn survives_a_round_trip_through_json() {
        let failure = Failure::usage("no").at(Location::in_source("a", "b", 1, 1));
        let json = serde_json::to_string(&failure).unwrap();
        assert_eq!(serde_json::from_str::<Failure>(&json).unwrap(), failure);
    }
}
