//! The ways to ask for something random that does not exist.

use thiserror::Error;

/// A request that no random value can meet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RandomError {
    #[error("the range {0} is empty")]
    EmptyRange(String),
    #[error("there is nothing to pick from")]
    NothingToPick,
    #[error("a random string can have {most} characters at most, not {asked}", most = super::body::LONGEST_STRING)]
    TooLong { asked: i64 },
    #[error("a random string cannot have {asked} characters")]
    NegativeLength { asked: i64 },
    #[error("the characters to choose from are missing")]
    NoAlphabet,
    #[error("a probability is between 0 and 1, not {0}")]
    Probability(String),
}
