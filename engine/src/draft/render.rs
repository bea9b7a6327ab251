//! Values as a script writes them: on one line where that is short, else one entry a line.

use crate::source::check::is_reserved;
use serde_json::Value;

/// A value to be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// As it is.
    Code(String),
    Text(String),
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
}

/// How long a line may get.
const WIDTH: usize = 96;

impl Node {
    /// A value of JSON; `replace` may put something else in place of the text under a key.
    pub fn of(value: &Value, replace: &mut impl FnMut(&str, &str) -> Option<Self>) -> Self {
        match value {
            Value::Null => Self::Code("()".into()),
            Value::Bool(_) => Self::Code(value.to_string()),
            Value::Number(number) => Self::Code(match number.as_i64() {
                None if number.is_u64() => format!("{number}.0"),
                _ => number.to_string(),
            }),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => {
                Self::List(items.iter().map(|item| Self::of(item, replace)).collect())
            }
            Value::Object(map) => Self::Map(
                map.iter()
                    .map(|(key, value)| {
                        let replaced = value.as_str().and_then(|text| replace(key, text));
                        (
                            key.clone(),
                            replaced.unwrap_or_else(|| Self::of(value, replace)),
                        )
                    })
                    .collect(),
            ),
        }
    }

    /// The text of a value that begins in this column, in a line indented by so many spaces.
    pub fn write(&self, indent: usize, column: usize) -> String {
        let line = self.on_a_line();
        if column + line.chars().count() <= WIDTH && !line.contains('\n') {
            return line;
        }
        let inner = indent + 4;
        let pad = " ".repeat(inner);
        let entries: Vec<String> = match self {
            Self::Code(_) | Self::Text(_) => return line,
            Self::Map(entries) => entries
                .iter()
                .map(|(key, value)| {
                    let key = key_text(key);
                    let column = inner + key.chars().count() + 2;
                    format!("{pad}{key}: {},\n", value.write(inner, column))
                })
                .collect(),
            Self::List(items) => items
                .iter()
                .map(|item| format!("{pad}{},\n", item.write(inner, inner)))
                .collect(),
        };
        let (open, close) = match self {
            Self::Map(_) => ("#{", "}"),
            _ => ("[", "]"),
        };
        format!("{open}\n{}{}{close}", entries.concat(), " ".repeat(indent))
    }

    fn on_a_line(&self) -> String {
        match self {
            Self::Code(code) => code.clone(),
            Self::Text(text) => quoted(text),
            Self::Map(entries) if entries.is_empty() => "#{}".into(),
            Self::Map(entries) => {
                let entries = entries.iter();
                let entries =
                    entries.map(|(key, value)| format!("{}: {}", key_text(key), value.on_a_line()));
                format!("#{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
            Self::List(items) => {
                let items = items.iter().map(Self::on_a_line);
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A key of a map: bare where it may be.
fn key_text(key: &str) -> String {
    match rhai::is_valid_identifier(key) && !is_reserved(key) {
        true => key.to_owned(),
        false => quoted(key),
    }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
