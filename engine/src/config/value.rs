//! The kinds of values a setting can have, and how each is read from TOML and from plain text (a variable, a default).
//! Knows no setting by name.

use super::requirements::Requirement;
use super::settings::Reporter;
use scenario_stdlib::host::duration::{self, DurationError};
use scenario_stdlib::host::suggest;
use serde_json::Value as Json;
use std::time::Duration;
use toml::de::DeValue;

/// What a setting accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Where relative URLs begin.
    Url,
    Texts,
    Duration,
    /// A whole number, at least this.
    Count(u64),
    /// A factor above zero.
    Scale,
    Flag,
    /// Bytes, as `2GiB`.
    Size,
    /// A number, or `natural`: as many as the machine takes.
    Jobs,
    /// `true`, `false` or a seed.
    Shuffle,
    Choice(&'static [&'static str]),
}

/// A value that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Texts(Vec<String>),
    Duration(Duration),
    Count(u64),
    Scale(f64),
    Flag(bool),
    Size(u64),
    /// `None` is natural.
    Jobs(Option<usize>),
    Shuffle(Shuffle),
    Json(Json),
    Reporters(Vec<Reporter>),
    Requirement(Requirement),
}

/// Whether scenarios are started in a random order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    Off,
    /// With the seed of the run.
    On,
    Seed(u64),
}

/// Why something is not a value of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Of another type; what it is, with its article.
    Type(String),
    Value {
        why: String,
        hint: Option<String>,
    },
}

impl Kind {
    /// What is accepted, as messages and the reference say it.
    pub fn expected(self) -> String {
        match self {
            Self::Text => "text in quotes".into(),
            Self::Url => "a URL in quotes".into(),
            Self::Texts => "a list of texts".into(),
            Self::Duration => "a duration in quotes, such as \"30s\"".into(),
            Self::Count(0) => "a whole number".into(),
            Self::Count(least) => format!("a whole number, at least {least}"),
            Self::Scale => "a number above 0".into(),
            Self::Flag => "true or false".into(),
            Self::Size => "a size in quotes, such as \"2GiB\"".into(),
            Self::Jobs => "\"natural\" or a whole number, at least 1".into(),
            Self::Shuffle => "true, false or a seed".into(),
            Self::Choice(names) => {
                let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
                format!("one of {}", quoted.join(", "))
            }
        }
    }

    /// Reads a value of scenario.toml.
    pub fn read_toml(self, value: &DeValue<'_>) -> Result<Value, Wrong> {
        let wrong_type = || Wrong::Type(in_words(value));
        match (self, value) {
            (Self::Texts, DeValue::Array(items)) => {
                let texts = items.iter().map(|item| match item.get_ref() {
                    DeValue::String(text) => Ok(text.to_string()),
                    other => Err(Wrong::Type(format!(
                        "a list with {} in it",
                        in_words(other)
                    ))),
                });
                texts.collect::<Result<_, _>>().map(Value::Texts)
            }
            (Self::Texts, DeValue::String(text)) => Ok(Value::Texts(vec![text.to_string()])),
            (
                Self::Text | Self::Url | Self::Duration | Self::Size | Self::Jobs | Self::Choice(_),
                DeValue::String(text),
            ) => self.read_text(text),
            (
                Self::Count(_) | Self::Jobs | Self::Shuffle | Self::Scale,
                DeValue::Integer(number),
            ) => match i128::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => self.read_text(&number.to_string()),
                Err(_) => Err(wrong_type()),
            },
            (Self::Scale, DeValue::Float(number)) => self.read_text(number.as_str()),
            (Self::Flag | Self::Shuffle, DeValue::Boolean(flag)) => {
                self.read_text(&flag.to_string())
            }
            _ => Err(wrong_type()),
        }
    }

    /// Reads plain text: a variable of the environment or a default.
    pub fn read_text(self, text: &str) -> Result<Value, Wrong> {
        let text = text.trim();
        let not = |hint: Option<String>| Wrong::Value {
            why: format!("`{text}` is not {}", self.expected()),
            hint,
        };
        match self {
            Self::Text if text.is_empty() => Err(Wrong::Value {
                why: "must not be empty".into(),
                hint: None,
            }),
            Self::Text => Ok(Value::Text(text.to_owned())),
            Self::Url => url(text).map(Value::Text),
            Self::Texts => {
                let parts = text
                    .split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty());
                Ok(Value::Texts(parts.map(str::to_owned).collect()))
            }
            Self::Duration => match duration::parse(text) {
                Ok(duration) => Ok(Value::Duration(duration)),
                Err(error) => Err(Wrong::Value {
                    why: error.to_string(),
                    hint: Some(DurationError::HINT.into()),
                }),
            },
            Self::Count(least) => match text.parse() {
                Ok(number) if (least..=HIGHEST).contains(&number) => Ok(Value::Count(number)),
                Ok(HIGHEST..) => Err(not(Some(format!("the largest is {HIGHEST}")))),
                _ => Err(not(None)),
            },
            Self::Scale => match text.parse::<f64>() {
                Ok(number) if number > 0.0 && number.is_finite() => Ok(Value::Scale(number)),
                _ => Err(not(None)),
            },
            Self::Flag => flag(text).map(Value::Flag).ok_or_else(|| not(None)),
            Self::Size => size(text).map(Value::Size).ok_or_else(|| {
                not(Some(
                    "units are B, KB, MB, GB, TB and KiB, MiB, GiB, TiB".into(),
                ))
            }),
            Self::Jobs if text == "natural" => Ok(Value::Jobs(None)),
            Self::Jobs => match text.parse() {
                Ok(number @ 1..) => Ok(Value::Jobs(Some(number))),
                _ => Err(not(None)),
            },
            Self::Shuffle => match (text.parse(), flag(text)) {
                (Ok(seed @ ..=HIGHEST), _) => Ok(Value::Shuffle(Shuffle::Seed(seed))),
                (_, Some(true)) => Ok(Value::Shuffle(Shuffle::On)),
                (_, Some(false)) => Ok(Value::Shuffle(Shuffle::Off)),
                _ => Err(not(None)),
            },
            Self::Choice(names) if names.contains(&text) => Ok(Value::Text(text.to_owned())),
            Self::Choice(names) => Err(not(suggest::nearest(text, names.iter().copied())
                .map(|name| format!("did you mean `{name}`?")))),
        }
    }
}

/// `2GiB`, `500 MB`, `1024` as bytes.
pub fn size(text: &str) -> Option<u64> {
    const UNITS: &[(&str, u64)] = &[
        ("", 1),
        ("b", 1),
        ("kb", 1000),
        ("mb", 1000_u64.pow(2)),
        ("gb", 1000_u64.pow(3)),
        ("tb", 1000_u64.pow(4)),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
        ("tib", 1 << 40),
    ];
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    let unit = unit.trim().to_lowercase();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let bytes = number * *factor as f64;
    (bytes < u64::MAX as f64).then_some(bytes as u64)
}

/// Bytes with the largest unit that gives a number above one.
pub fn show_size(bytes: u64) -> String {
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match units.iter().find(|(_, factor)| bytes >= *factor) {
        None => format!("{bytes} B"),
        Some((unit, factor)) => {
            let text = format!("{:.1}", bytes as f64 / *factor as f64);
            format!("{} {unit}", text.trim_end_matches(".0"))
        }
    }
}

/// The words people use for yes and no in variables.
pub fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The base URL that stands for the system built into the program.
/// The largest number of a setting. Events are JSON, and many of its readers keep whole numbers only so far.
pub const HIGHEST: u64 = 1 << 53;

pub const DEMO: &str = "demo:";

/// A base that relative URLs can be resolved against.
pub fn url(text: &str) -> Result<String, Wrong> {
    if text == DEMO {
        return Ok(text.to_owned());
    }
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') && !text.contains(' ') => {
            Ok(text.to_owned())
        }
        _ => Err(Wrong::Value {
            why: format!("`{text}` is not an absolute http or https URL"),
            hint: (!text.contains("://") && !text.is_empty())
                .then(|| format!("did you mean `http://{text}`?")),
        }),
    }
}

/// TOML as JSON; dates become text.
pub fn json(value: &DeValue<'_>) -> Result<Json, Wrong> {
    Ok(match value {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Boolean(flag) => Json::Bool(*flag),
        DeValue::Datetime(at) => Json::String(at.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| Wrong::Type("a number too large".into()))?
            .into(),
        DeValue::Float(number) => {
            let parsed = number.as_str().parse::<f64>().ok();
            parsed
                .and_then(serde_json::Number::from_f64)
                .map(Json::Number)
                .ok_or_else(|| Wrong::Type(format!("{number}, which JSON does not know")))?
        }
        DeValue::Array(items) => {
            let items = items.iter().map(|item| json(item.get_ref()));
            Json::Array(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => {
            let entries = table
                .iter()
                .map(|(key, item)| Ok((key.get_ref().to_string(), json(item.get_ref())?)));
            Json::Object(entries.collect::<Result<_, Wrong>>()?)
        }
    })
}

/// A single TOML value as text, for headers and variables, where everything is text in the end.
pub fn scalar(value: &DeValue<'_>) -> Result<String, Wrong> {
    match value {
        DeValue::Array(_) | DeValue::Table(_) => Err(Wrong::Type(in_words(value))),
        value => Ok(match json(value)? {
            Json::String(text) => text,
            other => other.to_string(),
        }),
    }
}

/// The type of a TOML value with its article.
pub fn in_words(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        assert_eq!(size("2GiB"), Some(2 << 30));
        assert_eq!(size("1.5 MB"), Some(1_500_000));
        assert_eq!(size("42"), Some(42));
        assert_eq!(size("lots"), None);
        assert_eq!(size("3 parsecs"), None);
        assert_eq!(show_size(2 << 30), "2 GiB");
        assert_eq!(show_size(1_500_000), "1.4 MiB");
        assert_eq!(show_size(12), "12 B");
    }

    #[test]
    fn a_base_url_must_be_absolute() {
        assert!(url("http://localhost:8080/api").is_ok());
        let Err(Wrong::Value { why, hint }) = url("localhost:8080") else {
            panic!("accepted");
        };
        assert_eq!(why, "`localhost:8080` is not an absolute http or https URL");
        assert_eq!(
            hint.as_deref(),
            Some("did you mean `http://localhost:8080`?")
        );
        assert!(url("ftp://x").is_err());
        assert!(url("http:///path").is_err());
    }

    #[test]
    fn numbers_outside_their_range_say_what_is_accepted() {
        let why = |kind: Kind, text| match kind.read_text(text) {
            Err(Wrong::Value { why, .. }) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            why(Kind::Jobs, "0"),
            "`0` is not \"natural\" or a whole number, at least 1"
        );
        assert_eq!(
            why(Kind::Count(1), "-1"),
            "`-1` is not a whole number, at least 1"
        );
        assert_eq!(why(Kind::Scale, "0"), "`0` is not a number above 0");
        assert_eq!(why(Kind::Scale, "inf"), "`inf` is not a number above 0");
    }
}
