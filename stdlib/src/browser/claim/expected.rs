//! What a script expects of an element or page, and how that is sent to the toolkit.

use crate::browser::locator::Wording;
use crate::host::failure::Failure;
use crate::host::options;
use rhai::{Dynamic, Map};
use serde_json::{Map as Json, Value, json};
use std::time::Duration;

/// What is expected: for the page, and for people.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Arguments of the toolkit's `expect`.
    pub args: Json<String, Value>,
    /// As shown in a failure; empty when the name of the matcher says it all.
    pub shown: String,
}

impl Expected {
    /// A text, `regex("…")`, or a list of them for as many elements.
    pub fn words(value: &Dynamic) -> Result<Self, Failure> {
        let read = |value: &Dynamic| Wording::read(value, "what is expected");
        let (expected, shown) = match value.read_lock::<rhai::Array>() {
            Some(items) => {
                let wordings: Vec<Wording> = items.iter().map(read).collect::<Result<_, _>>()?;
                let shown: Vec<String> = wordings.iter().map(Wording::show).collect();
                let list: Value = wordings.iter().map(Wording::to_json).collect();
                (list, format!("[{}]", shown.join(", ")))
            }
            None => {
                let wording = read(value)?;
                (wording.to_json(), wording.show())
            }
        };
        Ok(Self::default().arg("expected", expected).showing(shown))
    }

    /// A plain JSON value.
    pub fn value(value: impl Into<Value>) -> Self {
        let value = value.into();
        let shown = value.to_string();
        Self::default().arg("expected", value).showing(shown)
    }

    pub fn arg(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.args.insert(key.to_owned(), value.into());
        self
    }

    pub fn showing(mut self, shown: impl Into<String>) -> Self {
        self.shown = shown.into();
        self
    }
}

/// How a claim is looked at.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub timeout: Option<Duration>,
    pub ignore_case: bool,
    pub inner_text: bool,
}

impl Options {
    /// Reads `timeout`, and for claims about texts `ignore_case` and `use_inner_text`.
    pub fn read(matcher: &str, map: Map) -> Result<Self, Failure> {
        let mut options = options::Options::new(matcher, map);
        let is_text = matcher.contains("text")
            || matcher.contains("value")
            || matcher.contains("name")
            || matcher.contains("title");
        let read = Self {
            timeout: options.duration("timeout")?,
            ignore_case: is_text && options.flag("ignore_case")?.unwrap_or(false),
            inner_text: is_text && options.flag("use_inner_text")?.unwrap_or(false),
        };
        options.finish()?;
        Ok(read)
    }

    pub fn add_to(&self, args: &mut Json<String, Value>) {
        if self.ignore_case {
            args.insert("ignore_case".into(), json!(true));
        }
        if self.inner_text {
            args.insert("inner_text".into(), json!(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_expected_of_as_many_elements() {
        let list: rhai::Array = vec!["One".into(), "Two".into()];
        let expected = Expected::words(&list.into()).unwrap();
        assert_eq!(
            expected.args["expected"],
            json!([{ "text": "One" }, { "text": "Two" }])
        );
        assert_eq!(expected.shown, r#"["One", "Two"]"#);
    }

    #[test]
    fn options_that_mean_nothing_for_a_matcher_are_refused() {
        let ignore: Map = [("ignore_case".into(), Dynamic::TRUE)]
            .into_iter()
            .collect();
        assert!(
            Options::read("to_have_text", ignore.clone())
                .unwrap()
                .ignore_case
        );
        let failure = Options::read("to_be_visible", ignore).unwrap_err();
        assert_eq!(
            failure.message,
            "`to_be_visible` has no option `ignore_case`"
        );
    }
}
