//! `ports: ["web", "metrics"]`, or `ports: #{ web: "8000-8100", admin: 0, api: #{ from_log: "listening on .*:(\\d+)" } }`.

use super::{of, wrong};
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::service::error::ServiceError;
use crate::service::spec::{PortFrom, PortWish};
use regex::Regex;
use rhai::{Array, Dynamic, ImmutableString, Map};

/// In a map, whose order is that of the alphabet, these come first.
const FOREMOST: &[&str] = &["web", "http"];

/// Reads the option `ports`.
pub fn read(service: &str, value: Option<Dynamic>) -> Result<Vec<PortWish>, Failure> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    if let Some(map) = value.read_lock::<Map>() {
        let wishes: Result<Vec<PortWish>, Failure> = map
            .iter()
            .map(|(name, from)| wish(service, name, from))
            .collect();
        let mut wishes = wishes?;
        let rank = |wish: &PortWish| FOREMOST.iter().position(|name| *name == wish.name);
        wishes.sort_by_key(|wish| rank(wish).unwrap_or(FOREMOST.len()));
        return Ok(wishes);
    }
    let names = names(&value).ok_or_else(|| {
        wrong(
            of(service, "ports"),
            "a list of names such as [\"web\"], or a map such as #{ web: \"8000-8100\" }",
            &value,
        )
    })?;
    names
        .into_iter()
        .map(|name| wish(service, &name, &Dynamic::from(0_i64)))
        .collect()
}

fn names(value: &Dynamic) -> Option<Vec<String>> {
    let text = |item: &Dynamic| {
        Some(
            item.flatten_clone()
                .into_immutable_string()
                .ok()?
                .to_string(),
        )
    };
    if let Some(one) = value.read_lock::<ImmutableString>() {
        return Some(vec![one.to_string()]);
    }
    value.read_lock::<Array>()?.iter().map(text).collect()
}

fn wish(service: &str, name: &str, from: &Dynamic) -> Result<PortWish, Failure> {
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !is_name {
        return Err(wrong(
            format!("a port of service `{service}`"),
            "called by a name such as \"web\"",
            &name.into(),
        ));
    }
    Ok(PortWish {
        name: name.to_owned(),
        from: source(service, name, &from.flatten_clone())?,
    })
}

fn source(service: &str, name: &str, from: &Dynamic) -> Result<PortFrom, Failure> {
    let what = format!("port `{name}` of service `{service}`");
    if from.is_unit() {
        return Ok(PortFrom::Free);
    }
    if let Ok(number) = from.as_int() {
        return match u16::try_from(number) {
            Ok(0) => Ok(PortFrom::Free),
            Ok(port) => Ok(PortFrom::Fixed(port)),
            Err(_) => Err(range_error(what, number.to_string())),
        };
    }
    if let Some(text) = from.read_lock::<ImmutableString>() {
        return range(&text).ok_or_else(|| range_error(what, text.to_string()));
    }
    let Some(map) = from.read_lock::<Map>() else {
        let expected =
            "a number (0 for any free one), a range such as \"8000-8100\", or #{ from_log: \"…\" }";
        return Err(wrong(what, expected, from));
    };
    let mut options = Options::new(format!("{service}.ports.{name}"), map.clone());
    let pattern = options.text("from_log")?;
    options.finish()?;
    let pattern = pattern.ok_or_else(|| {
        Failure::usage(format!("{what} needs `from_log`"))
            .hint("#{ from_log: `listening on .*:(\\d+)` }")
    })?;
    let regex = regex(&what, &pattern)?;
    if regex.captures_len() < 2 {
        return Err(
            Failure::usage(format!("{what}: `{pattern}` has no group for the number"))
                .hint("put the number in brackets: `listening on .*:(\\d+)`"),
        );
    }
    Ok(PortFrom::Log(regex))
}

/// A number or `low-high`.
fn range(text: &str) -> Option<PortFrom> {
    let number = |text: &str| text.trim().parse::<u16>().ok();
    match text.split_once('-') {
        None => match number(text)? {
            0 => Some(PortFrom::Free),
            port => Some(PortFrom::Fixed(port)),
        },
        Some((low, high)) => match (number(low)?, number(high)?) {
            (low, high) if low > 0 && low <= high => Some(PortFrom::Range(low, high)),
            _ => None,
        },
    }
}

/// A range of ports that is written as text, for `what`.
pub fn port_range(what: &str, text: &str) -> Result<(u16, u16), Failure> {
    match range(text) {
        Some(PortFrom::Range(low, high)) => Ok((low, high)),
        Some(PortFrom::Fixed(port)) => Ok((port, port)),
        _ => Err(range_error(what.to_owned(), text.to_owned())),
    }
}

fn range_error(what: String, got: String) -> Failure {
    ServiceError::Range { what, got }.into()
}

/// A regular expression, or what is wrong with it.
pub fn regex(what: &str, pattern: &str) -> Result<Regex, Failure> {
    Regex::new(pattern).map_err(|error| {
        let why = error.to_string();
        let why = why
            .lines()
            .last()
            .unwrap_or(&why)
            .trim_start_matches("error: ")
            .to_owned();
        ServiceError::Pattern {
            what: what.to_owned(),
            pattern: pattern.to_owned(),
            why,
        }
        .into()
    })
}
