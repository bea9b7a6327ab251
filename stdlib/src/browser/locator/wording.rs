//! What a text has to be like: the words themselves, or a regular expression as browsers know it.

use crate::host::failure::Failure;
use crate::host::json;
use rhai::{Dynamic, ImmutableString};
use serde_json::{Value, json};

/// `regex("…")`: a regular expression, evaluated by the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub source: String,
    pub flags: String,
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "regex({:?}", self.source)?;
        if !self.flags.is_empty() {
            write!(f, ", {:?}", self.flags)?;
        }
        f.write_str(")")
    }
}

/// What a text has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wording {
    /// A part of it in any case, for locators; the whole of it with `exact`, and for expectations.
    Text {
        text: String,
        exact: bool,
    },
    Pattern(Pattern),
}

impl Wording {
    /// What a script gave as `what`: a string, or `regex("…")`.
    pub fn read(value: &Dynamic, what: &str) -> Result<Self, Failure> {
        if let Some(text) = value.read_lock::<ImmutableString>() {
            return Ok(Self::plain(text.as_str()));
        }
        if let Some(pattern) = value.read_lock::<Pattern>() {
            return Ok(Self::Pattern(pattern.clone()));
        }
        Err(Failure::usage(format!(
            "{what} must be a string or regex(\"…\"), not {}",
            json::type_in_words(value)
        )))
    }

    pub fn plain(text: &str) -> Self {
        Self::Text {
            text: text.to_owned(),
            exact: false,
        }
    }

    /// The whole text and in this case.
    pub fn exactly(self, exact: bool) -> Self {
        match self {
            Self::Text { text, .. } => Self::Text { text, exact },
            pattern @ Self::Pattern(_) => pattern,
        }
    }

    /// As the toolkit takes it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text { text, exact: false } => json!({ "text": text }),
            Self::Text { text, exact: true } => json!({ "text": text, "exact": true }),
            Self::Pattern(pattern) => json!({ "regex": pattern.source, "flags": pattern.flags }),
        }
    }

    /// As told in a failure.
    pub fn show(&self) -> String {
        match self {
            Self::Text { text, .. } => format!("{text:?}"),
            Self::Pattern(pattern) => pattern.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wording_is_words_or_a_pattern_and_nothing_else() {
        let read = |value: Dynamic| Wording::read(&value, "the name");
        assert_eq!(read("Save".into()).unwrap(), Wording::plain("Save"));
        let pattern = Pattern {
            source: "^S".into(),
            flags: "i".into(),
        };
        let wording = read(Dynamic::from(pattern)).unwrap();
        assert_eq!(wording.to_json(), json!({ "regex": "^S", "flags": "i" }));
        assert_eq!(wording.show(), r#"regex("^S", "i")"#);
        assert_eq!(
            read(5_i64.into()).unwrap_err().message,
            "the name must be a string or regex(\"…\"), not an integer"
        );
    }
}
