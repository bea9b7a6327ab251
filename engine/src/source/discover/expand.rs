//! From a path, a folder or a pattern to the script files it stands for.

use super::error::DiscoverError;
use super::{Place, Script};
use crate::source::path::tidy;
use glob::{MatchOptions, Pattern};
use scenario_stdlib::host::suggest;
use std::path::{Path, PathBuf};

/// What script files are called.
const EXTENSION: &str = "rhai";

/// What makes a folder a project.
const PROJECT: &str = "scenario.toml";

/// The script files a path, folder or pattern relative to `base` stands for.
pub fn expand(place: &Place<'_>, base: &Path, word: &str) -> Result<Vec<PathBuf>, DiscoverError> {
    let path = tidy(&base.join(word));
    if path.is_dir() {
        let mut scripts = Vec::new();
        walk(place, &path, &mut scripts)?;
        return match scripts.is_empty() {
            true => Err(DiscoverError::EmptyFolder {
                path: word.to_owned(),
            }),
            false => Ok(scripts),
        };
    }
    if path.exists() {
        return match is_script(&path) {
            true => Ok(vec![path]),
            false => Err(DiscoverError::NotAScript {
                path: word.to_owned(),
            }),
        };
    }
    if word.contains(['*', '?', '[']) {
        return matching(place, base, word);
    }
    Err(DiscoverError::Missing {
        path: word.to_owned(),
        hint: neighbour(base, &path),
    })
}

/// Patterns are expanded here when the shell did not: in quotes, or because nothing matched.
fn matching(place: &Place<'_>, base: &Path, pattern: &str) -> Result<Vec<PathBuf>, DiscoverError> {
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let wrong = |why: &str| DiscoverError::Pattern {
        pattern: pattern.to_owned(),
        why: why.to_owned(),
    };
    // The folder we are in may have brackets in its own name.
    let whole = match Path::new(pattern).is_absolute() {
        true => pattern.to_owned(),
        false => {
            let base = base
                .to_str()
                .ok_or_else(|| wrong("the folder is not UTF-8"))?;
            format!("{}/{pattern}", Pattern::escape(base))
        }
    };
    let paths = glob::glob_with(&whole, options).map_err(|error| wrong(error.msg))?;
    let mut scripts = Vec::new();
    for path in paths {
        let path = path.map_err(|error| unreadable(error.path(), error.error()))?;
        let path = tidy(&path);
        if path.starts_with(place.store) {
            continue;
        }
        if path.is_dir() {
            walk(place, &path, &mut scripts)?;
        } else if is_script(&path) {
            scripts.push(path);
        }
    }
    match scripts.is_empty() {
        true => Err(DiscoverError::NoMatch {
            pattern: pattern.to_owned(),
        }),
        false => Ok(scripts),
    }
}

/// All scripts below a folder. Links to folders are not followed: they may lead in circles. Folders that are projects of their own
/// are left out: their scripts are meant for another configuration.
fn walk(place: &Place<'_>, dir: &Path, scripts: &mut Vec<PathBuf>) -> Result<(), DiscoverError> {
    for entry in std::fs::read_dir(dir).map_err(|error| unreadable(dir, &error))? {
        let entry = entry.map_err(|error| unreadable(dir, &error))?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || path == place.store {
            continue;
        }
        let kind = entry
            .file_type()
            .map_err(|error| unreadable(&path, &error))?;
        if kind.is_dir() && !path.join(PROJECT).exists() {
            walk(place, &path, scripts)?;
        } else if is_script(&path) && path.is_file() {
            scripts.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> DiscoverError {
    DiscoverError::Unreadable {
        path: path.display().to_string(),
        why: error.to_string(),
    }
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|ext| ext == EXTENSION)
}

/// A file that was found, under the name it has in the project.
pub fn script(place: &Place<'_>, path: &Path) -> Script {
    let relative = match path.strip_prefix(place.root) {
        Ok(relative) => relative.to_owned(),
        // The same folder may be reached by another name, through a link.
        Err(_) => match (path.canonicalize(), place.root.canonicalize()) {
            (Ok(real), Ok(root)) => match real.strip_prefix(root) {
                Ok(relative) => relative.to_owned(),
                Err(_) => path.to_owned(),
            },
            _ => path.to_owned(),
        },
    };
    Script {
        file: relative.to_string_lossy().replace('\\', "/"),
        path: path.to_owned(),
        lines: Vec::new(),
        names: Vec::new(),
        alone: false,
    }
}

/// What stands beside a missing path under a similar name, as it would have to be typed.
fn neighbour(base: &Path, missing: &Path) -> Option<String> {
    let (dir, name) = missing.ancestors().find_map(|path| {
        let dir = path.parent()?;
        dir.is_dir().then(|| (dir, path.file_name()))
    })?;
    let name = name?.to_string_lossy();
    let entries = std::fs::read_dir(dir).ok()?.filter_map(Result::ok);
    let names: Vec<String> = entries
        .filter(|entry| is_script(&entry.path()) || entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let near = suggest::nearest(&name, names.iter().map(String::as_str));
    // `login` for `login.rhai`.
    let with_extension = format!("{name}.{EXTENSION}");
    let near = near.or_else(|| {
        names
            .iter()
            .find(|n| **n == with_extension)
            .map(String::as_str)
    })?;
    let found = dir.join(near);
    let shown = found.strip_prefix(base).unwrap_or(&found);
    Some(format!("did you mean `{}`?", shown.display()))
}
