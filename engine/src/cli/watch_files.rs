//! Which edits there were, and which scripts they touch.

use super::tell::Trouble;
use crate::config::Settings;
use crate::source::discover::Script;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use scenario_stdlib::host::failure::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};

/// Folders looked at: beyond, edits are seen only in those that hold scripts.
const FOLDERS: usize = 500;

/// Folders that hold no sources.
const DULL: &[&str] = &["target", "node_modules", "venv", "__pycache__"];

/// Edits as they happen.
#[derive(Default)]
pub struct Changes {
    open: Option<(RecommendedWatcher, Receiver<Event>)>,
    folders: BTreeSet<PathBuf>,
}

/// A script and everything it imports, by their files.
pub struct Reach {
    pub file: String,
    pub texts: BTreeMap<String, String>,
}

impl Changes {
    /// Looks at the folders of these scripts, those below them, and the project's own.
    pub fn look_at(&mut self, settings: &Settings, scripts: &[Script]) -> Result<(), Trouble> {
        let (watcher, _) = match &mut self.open {
            Some(open) => open,
            None => {
                let (tell, told) = channel();
                let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
                    if let Ok(event) = event {
                        let _ = tell.send(event);
                    }
                })
                .map_err(|error| Failure::fault(format!("cannot watch files: {error}")))?;
                self.open.insert((watcher, told))
            }
        };
        let mut wanted: BTreeSet<PathBuf> = [settings.project.root.clone()].into();
        wanted.extend(settings.project.modules.iter().cloned());
        for script in scripts {
            wanted.extend(script.path.parent().map(Path::to_path_buf));
        }
        let mut all = wanted.clone();
        for folder in wanted {
            if folder != settings.project.root
                || scripts.iter().any(|one| one.path.parent() == Some(&folder))
            {
                below(&folder, &settings.project.store, &mut all);
            }
        }
        for folder in all.difference(&self.folders) {
            // One that cannot be looked at is one less.
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
        self.folders.extend(all);
        Ok(())
    }

    /// The files that were written since the last look; none of `store`.
    pub fn take(&self, store: &Path) -> Vec<PathBuf> {
        let Some((_, told)) = &self.open else {
            return Vec::new();
        };
        told.try_iter()
            .filter(|event| !matches!(event.kind, EventKind::Access(_)))
            .flat_map(|event| event.paths)
            .filter(|path| !path.starts_with(store) && !is_temporary(path) && !path.is_dir())
            .collect()
    }
}

fn below(folder: &Path, store: &Path, all: &mut BTreeSet<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_dull = name.starts_with('.') || DULL.contains(&name.as_ref()) || path == store;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && !is_dull && all.len() < FOLDERS && all.insert(path.clone()) {
            below(&path, store, all);
        }
    }
}

/// What editors write beside the file.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = name.starts_with('.') && !name.starts_with(".env");
    let ends = ["~", ".swp", ".swx", ".tmp", ".half", ".part"];
    hidden || name == "4913" || ends.iter().any(|end| name.ends_with(end))
}

/// The scripts that these changes touch: what they are, import or name in their text; all, if a setting changed.
pub fn touched(root: &Path, reaches: &[Reach], changed: &BTreeSet<PathBuf>) -> BTreeSet<String> {
    let is_setting = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name == "scenario.toml" || name.starts_with(".env")
    };
    if changed.iter().any(|path| is_setting(path)) {
        return reaches.iter().map(|reach| reach.file.clone()).collect();
    }
    let is_touched = |reach: &&Reach| {
        changed.iter().any(|path| {
            let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let is_script = file.ends_with(".rhai");
            reach.texts.contains_key(name.as_ref())
                || !is_script
                    && reach
                        .texts
                        .values()
                        .any(|text| text.contains(file.as_ref()))
        })
    };
    let touched = reaches.iter().filter(is_touched);
    touched.map(|reach| reach.file.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(file: &str, texts: &[(&str, &str)]) -> Reach {
        let texts = texts
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()));
        Reach {
            file: file.into(),
            texts: texts.collect(),
        }
    }

    fn of(changed: &str) -> Vec<String> {
        let all = [
            reach(
                "a.rhai",
                &[("a.rhai", "import \"lib/x\" as x;"), ("lib/x.rhai", "")],
            ),
            reach("b.rhai", &[("b.rhai", "load_csv(\"users.csv\")")]),
        ];
        let changed = [Path::new("/p").join(changed)].into();
        touched(Path::new("/p"), &all, &changed)
            .into_iter()
            .collect()
    }

    #[test]
    fn an_edit_touches_the_script_its_importers_and_those_that_name_it() {
        assert_eq!(of("a.rhai"), ["a.rhai"]);
        assert_eq!(of("lib/x.rhai"), ["a.rhai"]);
        assert_eq!(of("data/users.csv"), ["b.rhai"]);
        assert_eq!(of("scenario.toml"), ["a.rhai", "b.rhai"]);
        assert!(of("README.md").is_empty() && of("c.rhai").is_empty());
    }

    #[test]
    fn what_editors_leave_lying_about_is_no_edit() {
        for name in ["a.rhai~", ".a.rhai.swp", "4913", ".#a.rhai"] {
            assert!(is_temporary(Path::new(name)), "{name}");
        }
        assert!(!is_temporary(Path::new(".env.staging")) && !is_temporary(Path::new("a.rhai")));
    }
}
