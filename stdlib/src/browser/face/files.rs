//! Which files a script means to give to a page.

use crate::files::body;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use crate::host::options::Options;
use rhai::{Blob, Dynamic, ImmutableString, Map};
use std::path::PathBuf;

/// Paths of files that are there: those named, and those made from their content.
pub fn read(owner: &str, attempt: &Attempt, given: &Dynamic) -> Result<Vec<PathBuf>, Failure> {
    match given.read_lock::<rhai::Array>() {
        Some(items) => items.iter().map(|item| one(owner, attempt, item)).collect(),
        None => Ok(vec![one(owner, attempt, given)?]),
    }
}

fn one(owner: &str, attempt: &Attempt, given: &Dynamic) -> Result<PathBuf, Failure> {
    if let Some(path) = given.read_lock::<ImmutableString>() {
        let found = body::locate(attempt, &path)?;
        let missing = || {
            Failure::usage(format!("there is no file {:?}", path.as_str()))
                .hint("a path beside the script")
        };
        return absolute(found.ok_or_else(missing)?);
    }
    let Some(map) = given.read_lock::<Map>() else {
        return Err(Failure::usage(format!(
            "a file is a path or #{{ name, content }}, not {}",
            json::type_in_words(given)
        )));
    };
    let mut options = Options::new(owner, map.clone());
    let name = options.text("name")?;
    let content = options.take("content");
    options.finish()?;
    let (Some(name), Some(content)) = (name, content) else {
        return Err(Failure::usage(
            "a file made for an upload needs `name` and `content`",
        ));
    };
    let bytes = match content.read_lock::<Blob>() {
        Some(blob) => blob.clone(),
        None => content.to_string().into_bytes(),
    };
    // A directory of its own: the page sees the name as it is, and two files may have the same.
    let folder = body::temp_dir(attempt, "upload", false)?;
    let path = folder.join(name.rsplit(['/', '\\']).next().unwrap_or(&name));
    std::fs::write(&path, bytes)
        .map_err(|error| Failure::fault(format!("{name} cannot be written: {error}")))?;
    absolute(path)
}

/// The browser has another working directory.
fn absolute(path: PathBuf) -> Result<PathBuf, Failure> {
    std::path::absolute(&path)
        .map_err(|error| Failure::fault(format!("{} cannot be found: {error}", path.display())))
}
