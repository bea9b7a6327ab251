//! What the guarded functions refuse.

use crate::host::failure::Failure;
use crate::host::script::{self, Raise};
use rhai::NativeCallContext;

/// Each thing they do.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    #[error("`pad` with nothing would never end")]
    EmptyPad,
    #[error("`{function}` to {asked} {what} is more than the {most} a script can have")]
    TooLong {
        function: String,
        asked: i64,
        what: &'static str,
        most: i64,
    },
}

impl GuardError {
    /// Raises it at the call of `ctx`.
    pub fn raise(self, ctx: &NativeCallContext) -> Raise {
        let message = self.to_string();
        let failure = Failure::usage(message);
        let failure = match self {
            Self::EmptyPad => failure.hint("give it a character or some text: text.pad(10, \" \")"),
            Self::TooLong { .. } => failure,
        };
        script::usage(ctx, failure)
    }
}
