//! How script values become what the browser takes, and back.

use super::super::traffic;
use crate::host::attempt::Attempt;
use crate::host::failure::Failure;
use crate::host::json;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};
use std::path::PathBuf;

/// Files by path from the folder of the script; each must be there.
pub fn paths(attempt: &Attempt, files: &Array) -> Result<Vec<PathBuf>, Failure> {
    let folder = &attempt.identity().script_dir;
    let path = |file: &Dynamic| {
        let text = file
            .read_lock::<ImmutableString>()
            .map(|text| text.to_string());
        let Some(text) = text else {
            return Err(Failure::usage("files are named by their paths")
                .detail("got", json::show(file, 80)));
        };
        let path = folder.join(&text);
        std::path::absolute(&path)
            .ok()
            .filter(|path| path.exists())
            .ok_or_else(|| {
                Failure::usage(format!("there is no file `{text}`"))
                    .detail("looked in", folder.display().to_string())
            })
    };
    files.iter().map(path).collect()
}

/// A map of texts, in its order.
pub fn pairs(map: Option<Map>) -> Vec<(String, String)> {
    let entries = map.unwrap_or_default().into_iter();
    entries
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

/// Text or bytes as bytes; anything else as it is shown.
pub fn bytes(value: &Dynamic) -> Vec<u8> {
    match value.read_lock::<Blob>() {
        Some(blob) => blob.clone(),
        None => value.to_string().into_bytes(),
    }
}

/// Headers as browsers tell them, names in lower case; those of one name in one.
pub fn headers(told: &serde_json::Value) -> Map {
    let mut map = Map::new();
    for (name, value) in traffic::pairs(told) {
        let name: rhai::Identifier = name.to_lowercase().into();
        let value = match map.get(&name) {
            Some(before) => format!("{before}, {value}"),
            None => value,
        };
        map.insert(name, value.into());
    }
    map
}
