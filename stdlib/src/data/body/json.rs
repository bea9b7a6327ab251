//! JSON files.

use serde_json::Value;

use super::read::Source;
use crate::data::error::DataError;

/// Parses one JSON value.
pub fn parse_json(source: &Source) -> Result<Value, DataError> {
    serde_json::from_str(&source.text).map_err(|error| {
        let whole = error.to_string();
        // The parser ends its sentence with the place, which stands at the front here.
        let reason = whole
            .rsplit_once(" at line ")
            .map_or(whole.as_str(), |(reason, _)| reason);
        DataError::Syntax {
            file: source.file.clone(),
            line: error.line(),
            column: error.column(),
            reason: format!("not JSON: {reason}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let source = Source {
            file: "a.json".to_string(),
            text: text.to_string(),
        };
        parse_json(&source).expect_err("broken").to_string()
    }

    #[test]
    fn an_error_says_file_line_and_column() {
        assert_eq!(
            told("{\n  \"a\": 1,\n  b: 2\n}"),
            "a.json:3:3: not JSON: key must be a string"
        );
        assert_eq!(
            told("[1, 2"),
            "a.json:1:5: not JSON: EOF while parsing a list"
        );
        assert_eq!(told(""), "a.json:1:0: not JSON: EOF while parsing a value");
        assert_eq!(told("1 2"), "a.json:1:3: not JSON: trailing characters");
    }

    #[test]
    fn a_bottomless_file_is_an_error() {
        assert!(told(&"[".repeat(100_000)).contains("recursion limit exceeded"));
    }
}
