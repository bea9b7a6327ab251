//! Which script files are meant by what was typed: files, folders, patterns, `file.rhai:LINE`, `file.rhai::NAME`. Looks
//! at names only; no script is opened.

mod error;
mod expand;
#[cfg(test)]
mod tests;

pub use error::DiscoverError;

use expand::{expand, script};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where to look.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Files are named relative to it.
    pub root: &'a Path,
    /// What typed paths are relative to.
    pub cwd: &'a Path,
    /// The folder of runs, never looked into.
    pub store: &'a Path,
}

/// A script file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// Relative to the project, with forward slashes; absolute when it is outside.
    pub file: String,
    pub path: PathBuf,
    /// Only the scenarios at these lines or of `names`; both empty for the whole file.
    pub lines: Vec<u32>,
    pub names: Vec<String>,
    /// It was the only path typed, by its own name.
    pub alone: bool,
}

/// The scripts that `typed` means, or those of the project's `patterns` when nothing was typed: each once, sorted.
pub fn discover(
    place: &Place<'_>,
    typed: &[String],
    patterns: &[String],
) -> Result<Vec<Script>, Vec<DiscoverError>> {
    let mut found = Found::default();
    let mut errors = Vec::new();
    if typed.is_empty() {
        for pattern in patterns {
            match expand(place, place.root, pattern) {
                Ok(paths) => found.add_all(place, paths),
                Err(error) if error.is_nothing_selected() => {}
                // A project may list folders that are not there yet.
                Err(DiscoverError::Missing { .. }) => {}
                Err(error) => errors.push(error),
            }
        }
        if found.0.is_empty() && errors.is_empty() {
            let patterns = patterns.to_vec();
            errors.push(DiscoverError::NoScripts { patterns });
        }
    }
    for word in typed {
        if let Err(error) = found.add_typed(place, word, typed.len() == 1) {
            errors.push(error);
        }
    }
    match errors.is_empty() {
        true => Ok(found.0.into_values().collect()),
        false => Err(errors),
    }
}

/// Scripts by name; the whole of a file outweighs parts of it.
#[derive(Default)]
struct Found(BTreeMap<String, Script>);

impl Found {
    fn add_typed(
        &mut self,
        place: &Place<'_>,
        word: &str,
        alone: bool,
    ) -> Result<(), DiscoverError> {
        let (path, part) = part_of(place.cwd, word)?;
        // Reports name files as the project does; what they say can be typed anywhere in it.
        let here = place.cwd.join(path);
        let base = match !here.exists() && place.root.join(path).is_file() {
            true => place.root,
            false => place.cwd,
        };
        let paths = expand(place, base, path)?;
        let exact = base.join(path).is_file();
        for path in paths {
            let mut script = script(place, &path);
            script.alone = alone && exact;
            match &part {
                Some(Part::Line(line)) => script.lines.push(*line),
                Some(Part::Name(name)) => script.names.push(name.clone()),
                None => {}
            }
            self.add(script);
        }
        Ok(())
    }

    fn add_all(&mut self, place: &Place<'_>, paths: Vec<PathBuf>) {
        for path in paths {
            self.add(script(place, &path));
        }
    }

    fn add(&mut self, script: Script) {
        let Some(known) = self.0.get_mut(&script.file) else {
            self.0.insert(script.file.clone(), script);
            return;
        };
        let whole = |script: &Script| script.lines.is_empty() && script.names.is_empty();
        if whole(known) || whole(&script) {
            known.lines.clear();
            known.names.clear();
        } else {
            known.lines.extend(script.lines);
            known.names.extend(script.names);
        }
    }
}

/// A part of a script that was typed behind it.
enum Part {
    Line(u32),
    Name(String),
}

/// `a.rhai:12`, `a.rhai:12:5` (as editors write it) and `a.rhai::name` (as reports do). A file that is really called
/// so wins.
fn part_of<'a>(cwd: &Path, word: &'a str) -> Result<(&'a str, Option<Part>), DiscoverError> {
    if cwd.join(word).exists() {
        return Ok((word, None));
    }
    if let Some((path, name)) = word.split_once(".rhai::") {
        let path = &word[..path.len() + ".rhai".len()];
        return Ok((path, Some(Part::Name(name.to_owned()))));
    }
    let mut path = word;
    let mut line = None;
    while let Some((before, digits)) = path.rsplit_once(':') {
        match digits.parse::<u32>() {
            Ok(number) => line = Some(number),
            Err(_) => break,
        }
        path = before;
    }
    match line {
        Some(0) => Err(DiscoverError::LineZero {
            typed: word.to_owned(),
        }),
        Some(line) => Ok((path, Some(Part::Line(line)))),
        None => Ok((word, None)),
    }
}
