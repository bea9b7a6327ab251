//! How `assert EXPR [, "message"]` and `verify EXPR [, "message"]` are read.

use super::claim;
use rhai::{Engine, ImmutableString, LexError, ParseError, Position};

/// Adds both words to an engine.
pub fn register(engine: &mut Engine) {
    for (word, soft) in [("assert", false), ("verify", true)] {
        engine.register_custom_syntax_with_state_raw(
            word,
            move |read, next, _| parse(word, read, next),
            false,
            move |ctx, inputs, _| claim::check(ctx, inputs, soft),
        );
    }
}

/// After `assert EXPR,` only text is a message. Anything else would silently swallow what follows, such as the
/// second closure of `parallel([|| assert a, || assert b])`.
fn parse(
    word: &str,
    read: &[ImmutableString],
    next: &str,
) -> Result<Option<ImmutableString>, ParseError> {
    match read.len() {
        1 => Ok(Some("$expr$".into())),
        2 if next == "," => Ok(Some(",".into())),
        3 if next.starts_with('"') || next == "string" => Ok(Some("$expr$".into())),
        3 => Err(ParseError(
            Box::new(rhai::ParseErrorType::BadInput(LexError::ImproperSymbol(
                next.to_owned(),
                format!(
                    "after `{word} …,` only a message in quotes may follow; inside a list write `|| {{ {word} … }}`"
                ),
            ))),
            Position::NONE,
        )),
        _ => Ok(None),
    }
}
