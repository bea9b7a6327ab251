//! Which script files are meant by what was typed: files, folders, patterns, `file.rhai:LINE`, `file.rhai::NAME`. Looks
//! at names only; no script is opened.

use super::path::tidy;
use glob::{MatchOptions, Pattern};
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::suggest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What script files are called.
const EXTENSION: &str = "rhai";

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

/// Why what was typed finds nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    #[error("there is no file or folder `{path}`")]
    Missing { path: String, hint: Option<String> },
    #[error("`{path}` is not a script: scripts end in .rhai")]
    NotAScript { path: String },
    #[error("`{typed}`: lines count from 1")]
    LineZero { typed: String },
    #[error("`{pattern}` is not a pattern: {why}")]
    Pattern { pattern: String, why: String },
    #[error("cannot read {path}: {why}")]
    Unreadable { path: String, why: String },
    #[error("no script matches `{pattern}`")]
    NoMatch { pattern: String },
    #[error("there is no script in `{path}`")]
    EmptyFolder { path: String },
    #[error("there are no scripts: nothing matches {}", patterns.join(", "))]
    NoScripts { patterns: Vec<String> },
}

impl DiscoverError {
    /// Whether nothing was wrong but nothing was selected either, which has an exit code of its own.
    pub fn is_nothing_selected(&self) -> bool {
        matches!(
            self,
            Self::NoMatch { .. } | Self::EmptyFolder { .. } | Self::NoScripts { .. }
        )
    }
}

impl From<DiscoverError> for Failure {
    fn from(error: DiscoverError) -> Self {
        let mut failure = match &error {
            DiscoverError::Unreadable { .. } => Self::fault(error.to_string()),
            _ => Self::usage(error.to_string()),
        };
        failure.hint = match error {
            DiscoverError::Missing { hint, .. } => hint,
            DiscoverError::NoMatch { .. } => {
                Some("`*` stays within a folder, `**/` goes through all below".into())
            }
            DiscoverError::NoScripts { .. } => {
                Some("name some, or make a first one with `scenario init`".into())
            }
            _ => None,
        };
        failure
    }
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

/// The script files a path, folder or pattern relative to `base` stands for.
fn expand(place: &Place<'_>, base: &Path, word: &str) -> Result<Vec<PathBuf>, DiscoverError> {
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

/// All scripts below a folder. Links to folders are not followed: they may lead in circles.
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
        if kind.is_dir() {
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

fn script(place: &Place<'_>, path: &Path) -> Script {
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(files: &[&str]) -> Self {
            let dir = tempfile::tempdir().unwrap();
            for file in files {
                let path = dir.path().join(file);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "").unwrap();
            }
            Self(dir)
        }

        fn discover(
            &self,
            cwd: &str,
            typed: &[&str],
            patterns: &[&str],
        ) -> Result<Vec<Script>, Vec<DiscoverError>> {
            let texts = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
            let root = self.0.path();
            let place = Place {
                root,
                cwd: &root.join(cwd),
                store: &root.join("runs"),
            };
            discover(&place, &texts(typed), &texts(patterns))
        }

        fn files(&self, cwd: &str, typed: &[&str]) -> Vec<String> {
            let scripts = self.discover(cwd, typed, &[]).unwrap();
            scripts.into_iter().map(|script| script.file).collect()
        }

        fn message(&self, typed: &str) -> String {
            let errors = self.discover("", &[typed], &[]).unwrap_err();
            assert_eq!(errors.len(), 1);
            Failure::from(errors[0].clone()).render()
        }
    }

    fn tree() -> Tree {
        Tree::new(&[
            "scenarios/login.rhai",
            "scenarios/shop/cart.rhai",
            "scenarios/shop/users.csv",
            "scenarios/.hidden/x.rhai",
            "scenarios/.draft.rhai",
            "runs/old.rhai",
            "other/a.rhai",
        ])
    }

    #[test]
    fn c34_a_pattern_in_quotes_is_expanded_by_us() {
        let tree = tree();
        assert_eq!(
            tree.files("", &["scenarios/*.rhai"]),
            ["scenarios/login.rhai"]
        );
        assert_eq!(
            tree.files("", &["**/*.rhai"]),
            [
                "other/a.rhai",
                "scenarios/login.rhai",
                "scenarios/shop/cart.rhai"
            ]
        );
        assert_eq!(
            tree.files("", &["scenarios/*"]),
            ["scenarios/login.rhai", "scenarios/shop/cart.rhai"]
        );
        assert_eq!(
            tree.files("scenarios", &["l?gin.rhai"]),
            ["scenarios/login.rhai"]
        );
    }

    #[test]
    fn o20_what_a_report_names_can_be_typed_in_every_folder() {
        let tree = tree();
        let typed = "scenarios/login.rhai::log in";
        let found = tree.discover("other", &[typed], &[]).unwrap();
        assert_eq!(found[0].file, "scenarios/login.rhai");
        assert_eq!(found[0].names, ["log in"]);
        assert_eq!(tree.files("other", &["a.rhai"]), ["other/a.rhai"]);
    }

    #[test]
    fn c34_a_folder_stands_for_the_scripts_below_it_without_hidden_ones_and_runs() {
        let tree = tree();
        assert_eq!(
            tree.files("", &["."]),
            [
                "other/a.rhai",
                "scenarios/login.rhai",
                "scenarios/shop/cart.rhai"
            ]
        );
        assert_eq!(
            tree.files("scenarios", &["shop/"]),
            ["scenarios/shop/cart.rhai"]
        );
    }

    #[test]
    fn a_file_is_taken_once_by_whatever_name() {
        let tree = tree();
        let typed = [
            "login.rhai",
            "./login.rhai",
            "shop/../login.rhai",
            "../scenarios",
        ];
        assert_eq!(
            tree.files("scenarios", &typed),
            ["scenarios/login.rhai", "scenarios/shop/cart.rhai"]
        );
    }

    #[test]
    fn lines_and_names_behind_a_file_are_parts_of_it() {
        let tree = tree();
        let typed = [
            "scenarios/login.rhai:12",
            "scenarios/login.rhai:40:3",
            "other/a.rhai::log in: Ada",
        ];
        let scripts = tree.discover("", &typed, &[]).unwrap();
        assert_eq!(scripts[1].lines, [12, 40]);
        assert_eq!(scripts[0].names, ["log in: Ada"]);
        let scripts = tree
            .discover("", &["scenarios/login.rhai:12", "scenarios"], &[])
            .unwrap();
        assert_eq!(
            scripts[0].lines, [0_u32; 0],
            "the whole file outweighs a line"
        );
        assert!(
            tree.message("scenarios/login.rhai:0")
                .contains("lines count from 1")
        );
    }

    #[test]
    fn a_script_that_is_typed_alone_is_marked() {
        let tree = tree();
        let alone = |typed: &[&str]| tree.discover("", typed, &[]).unwrap()[0].alone;
        assert!(alone(&["other/a.rhai"]));
        assert!(!alone(&["other/*.rhai"]));
        assert!(!alone(&["other/a.rhai", "scenarios/login.rhai"]));
    }

    #[test]
    fn a_missing_file_is_a_usage_error_with_its_neighbour() {
        let tree = tree();
        assert_eq!(
            tree.message("scenarios/logni.rhai"),
            "there is no file or folder `scenarios/logni.rhai`\n  hint: did you mean `scenarios/login.rhai`?"
        );
        assert!(
            tree.message("scenario/login.rhai")
                .contains("did you mean `scenarios`?")
        );
        assert!(
            tree.message("scenarios/login")
                .contains("did you mean `scenarios/login.rhai`?")
        );
        assert!(
            tree.message("scenarios/logni.rhai:3")
                .contains("`scenarios/logni.rhai`")
        );
        assert!(
            tree.message("scenarios/shop/users.csv")
                .contains("scripts end in .rhai")
        );
        let errors = tree.discover("", &["nope.rhai"], &[]).unwrap_err();
        assert!(!errors[0].is_nothing_selected());
    }

    #[test]
    fn a_pattern_without_match_selects_nothing() {
        let tree = Tree::new(&["scenarios/users.csv"]);
        for typed in ["scenarios/*.rhai", "scenarios"] {
            let errors = tree.discover("", &[typed], &[]).unwrap_err();
            assert!(errors[0].is_nothing_selected(), "{typed}");
        }
        assert!(
            tree.message("scenarios/*.rhai")
                .starts_with("no script matches `scenarios/*.rhai`")
        );
        let errors = tree
            .discover("", &[], &["scenarios/**/*.rhai"])
            .unwrap_err();
        assert!(errors[0].is_nothing_selected());
        assert_eq!(
            errors[0].to_string(),
            "there are no scripts: nothing matches scenarios/**/*.rhai"
        );
    }

    #[test]
    fn a_bad_pattern_is_a_usage_error() {
        let tree = tree();
        assert!(
            tree.message("a/**b/*.rhai")
                .starts_with("`a/**b/*.rhai` is not a pattern: ")
        );
        assert!(tree.message("[").contains("is not a pattern"));
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let errors = tree()
            .discover("", &["a.rhai", "b*.rhai"], &[])
            .unwrap_err();
        assert_eq!(errors.len(), 2);
    }

    #[test]
    fn without_paths_the_project_says_what_to_run() {
        let tree = tree();
        let scripts = tree
            .discover(
                "scenarios/shop",
                &[],
                &["nowhere", "other", "scenarios/*.rhai"],
            )
            .unwrap();
        let files: Vec<&str> = scripts.iter().map(|script| script.file.as_str()).collect();
        assert_eq!(files, ["other/a.rhai", "scenarios/login.rhai"]);
    }

    #[test]
    fn brackets_in_the_name_of_the_folder_do_no_harm() {
        let tree = Tree::new(&["[x]/a.rhai"]);
        assert_eq!(tree.files("[x]", &["*.rhai"]), ["[x]/a.rhai"]);
        assert_eq!(tree.files("", &["[x]/a.rhai"]), ["[x]/a.rhai"]);
    }

    #[test]
    fn a_script_outside_of_the_project_keeps_its_whole_name() {
        let tree = Tree::new(&["p/x", "elsewhere/a.rhai"]);
        let root = tree.0.path().join("p");
        let place = Place {
            root: &root,
            cwd: &root,
            store: &root.join(".scenario"),
        };
        let scripts = discover(&place, &["../elsewhere/a.rhai".to_owned()], &[]).unwrap();
        assert!(Path::new(&scripts[0].file).is_absolute());
        assert!(scripts[0].file.ends_with("/elsewhere/a.rhai"));
    }
}
