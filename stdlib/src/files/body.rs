//! Reading and writing below the scenario's own directory. Knows no Rhai.

use super::error::FileError;
use super::place;
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::failure::Failure;
use crate::host::suggest;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Scripts hold files in memory; larger ones belong to tools.
const MOST: u64 = 64 << 20;

fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |error| FileError::Io { what, path, error }
}

/// The scenario's own directory, made on first need and closed to others.
pub fn work_dir(attempt: &Attempt) -> Result<PathBuf, FileError> {
    let dir: &Path = &attempt.identity().work_dir;
    make_dir(dir)?;
    std::path::absolute(dir).map_err(io("find", dir))
}

fn make_dir(dir: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(io("make the directory", dir))
}

/// Writes a file below the scenario's own directory, with the directories it needs; what was there is replaced.
/// Returns its absolute path.
pub fn write(attempt: &Attempt, path: &str, content: &[u8]) -> Result<PathBuf, FileError> {
    let whole = place::below(&work_dir(attempt)?, path)?;
    if whole.is_dir() {
        return Err(FileError::Directory {
            path: path.to_owned(),
        });
    }
    if whole.exists() && !whole.is_file() {
        return Err(FileError::Special {
            path: path.to_owned(),
        });
    }
    if let Some(parent) = whole.parent() {
        make_dir(parent)?;
    }
    fs::write(&whole, content).map_err(io("write", &whole))?;
    Ok(whole)
}

/// Where `path` is: in the scenario's own directory, else beside the script.
pub fn locate(attempt: &Attempt, path: &str) -> Result<Option<PathBuf>, FileError> {
    let mut refused = None;
    let mut allowed = Vec::new();
    for root in roots(attempt) {
        match place::below(&root, path) {
            Ok(whole) if whole.exists() => return Ok(Some(whole)),
            Ok(_) => {}
            Err(FileError::Outside { path, why, .. }) => {
                allowed.push(root);
                refused.get_or_insert((path, why));
            }
            Err(other) => return Err(other),
        }
    }
    match refused {
        // One root allows it and it is merely not there.
        Some((path, why)) if allowed.len() == roots(attempt).len() => {
            Err(FileError::Outside { path, allowed, why })
        }
        _ => Ok(None),
    }
}

fn roots(attempt: &Attempt) -> Vec<PathBuf> {
    let identity = attempt.identity();
    let mut roots: Vec<PathBuf> = [&*identity.work_dir, &identity.script_dir]
        .into_iter()
        .filter_map(|root| std::path::absolute(root).ok())
        .collect();
    roots.dedup();
    roots
}

/// The content of a file in the scenario's own directory or beside the script.
pub fn read(attempt: &Attempt, path: &str) -> Result<Vec<u8>, FileError> {
    let Some(whole) = locate(attempt, path)? else {
        return Err(missing(attempt, path));
    };
    if whole.is_dir() {
        return Err(FileError::Directory {
            path: path.to_owned(),
        });
    }
    if !whole.is_file() {
        return Err(FileError::Special {
            path: path.to_owned(),
        });
    }
    let file = fs::File::open(&whole).map_err(io("read", &whole))?;
    let mut content = Vec::new();
    let read = file.take(MOST + 1).read_to_end(&mut content);
    read.map_err(io("read", &whole))?;
    if content.len() as u64 > MOST {
        return Err(FileError::TooLarge {
            path: path.to_owned(),
            bytes: fs::metadata(&whole).map_or(MOST + 1, |meta| meta.len()),
            most: MOST,
        });
    }
    Ok(content)
}

/// Like [`read`], for text.
pub fn read_text(attempt: &Attempt, path: &str) -> Result<String, FileError> {
    String::from_utf8(read(attempt, path)?).map_err(|error| FileError::NotText {
        path: path.to_owned(),
        at: error.utf8_error().valid_up_to(),
    })
}

fn missing(attempt: &Attempt, path: &str) -> FileError {
    let looked_in = roots(attempt);
    let mut neighbours = Vec::new();
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    for root in &looked_in {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten();
        neighbours.extend(entries.flatten().take(1000).map(|entry| {
            let near = folder.join(entry.file_name());
            near.to_string_lossy().into_owned()
        }));
    }
    FileError::NoFile {
        path: path.to_owned(),
        near: suggest::nearest(path, neighbours.iter().map(String::as_str)).map(str::to_owned),
        looked_in,
    }
}

/// The files in the scenario's own directory that match `pattern`, relative to it, sorted.
pub fn list(attempt: &Attempt, pattern: &str) -> Result<Vec<String>, FileError> {
    let root = work_dir(attempt)?;
    // Wildcards never match `..` or a root, so the rules for paths hold for patterns as well.
    let whole = place::below(&root, pattern)?;
    let relative = whole.strip_prefix(&root).unwrap_or(&whole);
    let pattern_below = format!(
        "{}/{}",
        glob::Pattern::escape(&root.to_string_lossy()),
        relative.to_string_lossy()
    );
    let paths = glob::glob(&pattern_below).map_err(|error| FileError::Pattern {
        pattern: pattern.to_owned(),
        why: error.msg.to_owned(),
    })?;
    let mut files: Vec<String> = paths
        .flatten()
        .filter(|path| path.is_file() && !place::leads_out(&root, path))
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap_or(&path);
            relative.to_string_lossy().replace('\\', "/")
        })
        .collect();
    files.sort();
    Ok(files)
}

/// A fresh directory below the scenario's own, removed when the phase ends unless it is kept.
pub fn temp_dir(attempt: &Attempt, prefix: &str, keep: bool) -> Result<PathBuf, FileError> {
    let root = work_dir(attempt)?.join("tmp");
    make_dir(&root)?;
    let dir = tempfile::Builder::new()
        .prefix(&format!("{prefix}-"))
        .disable_cleanup(true)
        .tempdir_in(&root)
        .map_err(io("make a directory in", &root))?
        .keep();
    if !keep {
        let path = dir.clone();
        attempt.on_end(Cleanup {
            title: format!("remove {}", path.display()),
            run: Box::new(move |_| remove(&path).map_err(Failure::from)),
        });
    }
    Ok(dir)
}

fn remove(dir: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io("remove the directory", dir)(error))
        }
        _ => Ok(()),
    }
}
