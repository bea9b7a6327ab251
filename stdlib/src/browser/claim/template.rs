//! Aria snapshots in scripts and files: YAML with roles, names and states. The toolkit reads the entries; here is only YAML.

use crate::host::failure::Failure;
use serde_json::Value;

/// The entries of a template, indentation that all its lines share left out.
pub fn template(text: &str) -> Result<Value, Failure> {
    let plain = unindented(text);
    let read: Result<Value, _> = serde_norway::from_str(&plain);
    let wrong = |why: String| {
        Failure::usage(format!("the aria snapshot cannot be read: {why}"))
            .hint("it is a YAML list: - heading \"Shop\" [level=1]")
    };
    match read {
        Ok(Value::Array(entries)) if !entries.is_empty() => Ok(Value::Array(entries)),
        Ok(_) => Err(wrong("it is no list of roles".into())),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// The text without the indentation that all its lines share and without empty lines around it.
pub fn unindented(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let width = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let shared = lines.iter().map(width).min().unwrap_or(0);
    let plain: Vec<&str> = lines.iter().map(|line| line[shared..].trim_end()).collect();
    plain.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_may_be_indented_as_the_script_is() {
        let text = "
            - heading \"Shop\" [level=1]
            - list:
              - listitem: One
              - listitem: /T.o/
        ";
        let expected = json!(["heading \"Shop\" [level=1]", { "list": [{ "listitem": "One" }, { "listitem": "/T.o/" }] }]);
        assert_eq!(template(text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert!(template("").is_err());
        assert!(template("heading").is_err());
        assert!(
            template("- 'x")
                .unwrap_err()
                .message
                .starts_with("the aria snapshot cannot be read")
        );
    }
}
