//! `attach_file`: finds the files it means and keeps them, now or when the phase ends.

use super::error::LogError;
use super::{artifact, media};
use crate::host::attempt::{Attempt, Cleanup};
use crate::host::failure::Failure;
use crate::host::record::Level;
use std::fs::File;
use std::path::{Path, PathBuf};

/// More files than this are a slip of the pattern.
const MOST_FILES: usize = 1000;

/// When files are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Now,
    /// At the end of the phase, if it failed.
    Failed,
    /// At the end of the phase.
    Always,
}

impl When {
    /// Reads the option `when`.
    pub fn parse(text: Option<String>) -> Result<Self, LogError> {
        match text.as_deref() {
            None | Some("now") => Ok(Self::Now),
            Some("failed") => Ok(Self::Failed),
            Some("always") => Ok(Self::Always),
            Some(other) => Err(LogError::When {
                got: format!("\"{other}\""),
            }),
        }
    }
}

/// What to attach, and as what.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// A path or a pattern.
    pub pattern: String,
    pub media_type: Option<String>,
    pub when: When,
}

struct Found {
    path: PathBuf,
    /// As shown in reports: relative to where it was found.
    name: String,
}

/// Attaches what is wanted, now or later.
pub fn collect(attempt: &Attempt, wanted: Wanted) -> Result<(), LogError> {
    if wanted.when == When::Now {
        return attach_all(attempt, &wanted);
    }
    if let Err(error) = glob::Pattern::new(&wanted.pattern) {
        return Err(bad_pattern(&wanted.pattern, &error));
    }
    attempt.on_end(Cleanup {
        title: format!("attach {}", wanted.pattern),
        run: Box::new(move |attempt| {
            let failed = !attempt.bad_news().is_empty();
            if failed || wanted.when == When::Always {
                attach_all(attempt, &wanted).map_err(Failure::from)?;
            }
            Ok(())
        }),
    });
    Ok(())
}

fn attach_all(attempt: &Attempt, wanted: &Wanted) -> Result<(), LogError> {
    let identity = attempt.identity();
    let bases = [identity.work_dir.to_path_buf(), identity.script_dir.clone()];
    let found = find(&wanted.pattern, &bases)?;
    if found.is_empty() {
        if wanted.when == When::Now && !has_wildcards(&wanted.pattern) {
            return Err(LogError::NoFile {
                path: wanted.pattern.clone(),
                looked_in: bases.to_vec(),
            });
        }
        attempt.log(
            Level::Warn,
            format!("nothing to attach: no file matches `{}`", wanted.pattern),
        );
    }
    if found.len() > MOST_FILES {
        attempt.log(
            Level::Warn,
            format!(
                "`{}` matches {} files; the first {MOST_FILES} are attached",
                wanted.pattern,
                found.len()
            ),
        );
    }
    for Found { path, name } in found.into_iter().take(MOST_FILES) {
        let media_type = wanted.media_type.as_deref();
        let media_type = media_type
            .or_else(|| media::of_name(&name))
            .unwrap_or("application/octet-stream");
        let file = File::open(&path).map_err(|error| LogError::Unreadable { path, error })?;
        artifact::keep(attempt, &name, media_type, file)?;
    }
    Ok(())
}

/// The files that `pattern` means, sorted: below the first of `bases` that has any, or anywhere when it is absolute.
fn find(pattern: &str, bases: &[PathBuf]) -> Result<Vec<Found>, LogError> {
    if Path::new(pattern).is_absolute() {
        let files = matching(pattern, Path::new(pattern), pattern)?;
        let name = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        };
        return Ok(files
            .into_iter()
            .map(|path| Found {
                name: name(&path),
                path,
            })
            .collect());
    }
    for base in bases {
        let below = format!(
            "{}/{pattern}",
            glob::Pattern::escape(&base.to_string_lossy())
        );
        let files = matching(&below, &base.join(pattern), pattern)?;
        if !files.is_empty() {
            return Ok(files
                .into_iter()
                .map(|path| Found {
                    name: path
                        .strip_prefix(base)
                        .unwrap_or(&path)
                        .to_string_lossy()
                        .into_owned(),
                    path,
                })
                .collect());
        }
    }
    Ok(Vec::new())
}

/// A file called exactly so wins over the pattern it may also be.
fn matching(pattern: &str, literal: &Path, said: &str) -> Result<Vec<PathBuf>, LogError> {
    if literal.is_file() {
        return Ok(vec![literal.to_owned()]);
    }
    let paths = glob::glob(pattern).map_err(|error| bad_pattern(said, &error))?;
    let mut files: Vec<PathBuf> = paths.flatten().filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

fn has_wildcards(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

fn bad_pattern(pattern: &str, error: &glob::PatternError) -> LogError {
    LogError::Pattern {
        pattern: pattern.to_owned(),
        why: error.msg.to_owned(),
    }
}
