//! From script values to headers, queries, forms and multipart parts. Each wrong value is named by its path.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};

use super::super::body::{Part, PartContent, QueryValue};
use crate::host::failure::Failure;
use crate::host::json::{show, type_in_words};
use crate::host::options::Options;

type Headers = Vec<(String, Option<String>)>;

pub(super) fn wrong(name: &str, expected: &str, got: &Dynamic) -> Failure {
    Failure::usage(format!("{name} must be {expected}"))
        .detail("got", format!("{} ({})", show(got, 80), type_in_words(got)))
}

/// A string, number, bool or character as text.
fn scalar(value: &Dynamic) -> Option<String> {
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Some(text.to_string());
    }
    let is_plain = value.is_int() || value.is_float() || value.is_bool() || value.is_char();
    is_plain.then(|| value.to_string())
}

/// Headers: text, numbers and bools; a list repeats the header, `()` takes a default one away.
pub(super) fn headers(map: Map) -> Result<Headers, Failure> {
    let mut headers = Headers::with_capacity(map.len());
    for (name, value) in map {
        let value = value.flatten();
        let path = format!("header `{name}`");
        let expected = "text, a number, true or false, a list of these, or ()";
        if value.is_unit() {
            headers.push((name.to_string(), None));
        } else if let Some(items) = value.read_lock::<Array>() {
            for item in items.iter() {
                let text = scalar(item).ok_or_else(|| wrong(&path, expected, item))?;
                headers.push((name.to_string(), Some(text)));
            }
        } else {
            let text = scalar(&value).ok_or_else(|| wrong(&path, expected, &value))?;
            headers.push((name.to_string(), Some(text)));
        }
    }
    Ok(headers)
}

/// Query parameters or form fields: a list repeats the name, `()` leaves it out.
pub(super) fn pairs(kind: &str, map: Map) -> Result<Vec<(String, QueryValue)>, Failure> {
    map.into_iter()
        .map(|(name, value)| {
            let value = query_value(&format!("{kind} `{name}`"), &value.flatten())?;
            Ok((name.to_string(), value))
        })
        .collect()
}

fn query_value(path: &str, value: &Dynamic) -> Result<QueryValue, Failure> {
    if value.is_unit() {
        return Ok(QueryValue::Nothing);
    }
    if let Some(items) = value.read_lock::<Array>() {
        let items: Result<_, _> = items
            .iter()
            .map(|item| query_value(path, &item.flatten_clone()))
            .collect();
        return items.map(QueryValue::Many);
    }
    match scalar(value) {
        Some(text) => Ok(QueryValue::Text(text)),
        None => Err(wrong(
            path,
            "text, a number, true or false, or a list of these",
            value,
        )),
    }
}

/// Parts of a multipart form: text and bytes as they are, files and details as a map; a list repeats the name.
pub(super) fn parts(map: Map, directory: &Path) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::with_capacity(map.len());
    for (name, value) in map {
        let value = value.flatten();
        match value.read_lock::<Array>() {
            Some(items) => {
                for item in items.iter() {
                    parts.push(part(&name, &item.flatten_clone(), directory)?);
                }
            }
            None => parts.push(part(&name, &value, directory)?),
        }
    }
    Ok(parts)
}

fn part(name: &str, value: &Dynamic, directory: &Path) -> Result<Part, Failure> {
    let plain = |content| Part {
        name: name.to_owned(),
        content,
        file_name: None,
        content_type: None,
    };
    if let Some(bytes) = value.read_lock::<Blob>() {
        return Ok(plain(PartContent::Bytes(Bytes::copy_from_slice(&bytes))));
    }
    if let Some(text) = scalar(value) {
        return Ok(plain(PartContent::Text(text)));
    }
    let owner = format!("multipart.{name}");
    let Some(map) = value.read_lock::<Map>() else {
        return Err(wrong(
            &format!("part `{name}`"),
            "text, bytes, or a map such as #{ file: \"photo.png\" }",
            value,
        ));
    };
    let mut options = Options::new(&owner, map.clone());
    let file = options.text("file")?;
    let content = options.take("content");
    let file_name = options.text("filename")?;
    let content_type = options.text("content_type")?;
    options.finish()?;
    let content = match (file, content) {
        (Some(file), None) => PartContent::File(at(directory, &file)),
        (None, Some(content)) => part_content(&owner, &content)?,
        _ => {
            return Err(Failure::usage(format!(
                "`{owner}` needs one of `file` and `content`"
            )));
        }
    };
    Ok(Part {
        content,
        file_name,
        content_type,
        ..plain(PartContent::Text(String::new()))
    })
}

fn part_content(owner: &str, value: &Dynamic) -> Result<PartContent, Failure> {
    if let Some(bytes) = value.read_lock::<Blob>() {
        return Ok(PartContent::Bytes(Bytes::copy_from_slice(&bytes)));
    }
    scalar(value).map(PartContent::Text).ok_or_else(|| {
        wrong(
            &format!("option `content` of `{owner}`"),
            "text or bytes",
            value,
        )
    })
}

/// A path of a script: absolute, or relative to `directory`.
pub(super) fn at(directory: &Path, path: &str) -> PathBuf {
    directory.join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Dynamic)]) -> Map {
        entries
            .iter()
            .map(|(name, value)| ((*name).into(), value.clone()))
            .collect()
    }

    #[test]
    fn a_header_may_be_a_number_repeat_itself_or_go() {
        let list: Array = vec!["x".into(), 2_i64.into()];
        let given = map(&[
            ("n", 1_i64.into()),
            ("many", list.into()),
            ("gone", ().into()),
        ]);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            headers(given).expect("valid"),
            [
                ("gone".to_owned(), None),
                ("many".to_owned(), text("x")),
                ("many".to_owned(), text("2")),
                ("n".to_owned(), text("1")),
            ]
        );
    }

    #[test]
    fn a_wrong_value_is_named() {
        let bad = map(&[("filter", Map::new().into())]);
        let failure = pairs("query", bad).expect_err("a map is no query value");
        assert!(failure.render().starts_with(
            "query `filter` must be text, a number, true or false, or a list of these\n  got: {} (a map)"
        ));
    }

    #[test]
    fn a_part_names_its_file_relative_to_the_script() {
        let photo = map(&[
            ("file", "photo.png".into()),
            ("content_type", "image/x".into()),
        ]);
        let parts = parts(map(&[("p", photo.into())]), Path::new("/scripts")).expect("valid");
        assert!(matches!(
            &parts[0].content,
            PartContent::File(path) if path == Path::new("/scripts/photo.png")
        ));
        assert_eq!(parts[0].content_type.as_deref(), Some("image/x"));
    }

    #[test]
    fn a_part_is_one_thing() {
        let both = map(&[("file", "a".into()), ("content", "b".into())]);
        let failure = parts(map(&[("p", both.into())]), Path::new("")).expect_err("both");
        assert_eq!(
            failure.message,
            "`multipart.p` needs one of `file` and `content`"
        );
    }
}
