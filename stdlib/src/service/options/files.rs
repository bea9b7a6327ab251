//! `files: #{ "config/app.toml": "text with {{ port.web }}", "run.sh": #{ template: "run.sh.in", mode: "0700" } }`.

use super::{of, wrong};
use crate::data::body::{LIMIT, read_text};
use crate::data::error::DataError;
use crate::host::failure::Failure;
use crate::host::options::Options;
use crate::service::error::ServiceError;
use crate::service::spec::{Content, FileWish};
use rhai::{Dynamic, ImmutableString, Map};
use std::path::Path;

/// Reads the option `files`, and the templates it names: what is missing is missed before anything starts.
pub fn read(service: &str, folder: &Path, value: &Dynamic) -> Result<Vec<FileWish>, Failure> {
    let expected = "a map such as #{ \"app.toml\": \"port = {{ port }}\" }";
    let map = value
        .read_lock::<Map>()
        .ok_or_else(|| wrong(of(service, "files"), expected, value))?;
    map.iter()
        .map(|(path, what)| file(service, folder, path, &what.flatten_clone()))
        .collect()
}

fn file(service: &str, folder: &Path, path: &str, value: &Dynamic) -> Result<FileWish, Failure> {
    let what = format!("file `{path}` of service `{service}`");
    // Asked of any directory, since the one it will be in is not made yet.
    crate::files::below(Path::new("/service"), path).map_err(|why| ServiceError::Outside {
        service: service.to_owned(),
        path: path.to_owned(),
        why,
    })?;
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(FileWish {
            path: path.to_owned(),
            content: Content::Text(text.to_string()),
            mode: None,
        });
    }
    let expected = "a text, or a map with `template`, `copy` or `text`";
    let Some(map) = value.read_lock::<Map>() else {
        return Err(wrong(what, expected, value));
    };
    let mut options = Options::new(format!("{service}.files"), map.clone());
    let (template, copy, text) = (
        options.text("template")?,
        options.text("copy")?,
        options.text("text")?,
    );
    let mode = options.text("mode")?;
    options.finish()?;
    let unreadable = |error: DataError| ServiceError::File {
        service: service.to_owned(),
        path: path.to_owned(),
        error,
    };
    let content = match (template, copy, text) {
        (Some(template), None, None) => {
            let source = read_text(folder, &template, LIMIT).map_err(unreadable)?;
            Content::Template {
                path: source.file,
                text: source.text,
            }
        }
        (None, Some(copy), None) => {
            let bytes = std::fs::read(folder.join(&copy)).map_err(|error| {
                unreadable(match error.kind() {
                    std::io::ErrorKind::NotFound => DataError::NotFound {
                        file: copy.clone(),
                        nearest: None,
                    },
                    _ => DataError::Unreadable {
                        file: copy.clone(),
                        reason: error.to_string(),
                    },
                })
            })?;
            Content::Copy { bytes }
        }
        (None, None, Some(text)) => Content::Text(text),
        _ => {
            return Err(wrong(
                what,
                "made from one of `template`, `copy` and `text`",
                value,
            ));
        }
    };
    let mode = match mode {
        None => None,
        Some(text) => Some(
            u32::from_str_radix(text.trim_start_matches("0o"), 8)
                .ok()
                .filter(|mode| *mode <= 0o777)
                .ok_or_else(|| {
                    wrong(
                        format!("`mode` of {what}"),
                        "a text such as \"0700\"",
                        &text.into(),
                    )
                })?,
        ),
    };
    Ok(FileWish {
        path: path.to_owned(),
        content,
        mode,
    })
}
