//! The private directories of scenarios, once the run is over: which are kept, and where they are.

use super::prepare::Prepared;
use super::scripts;
use crate::config::Keep;
use crate::model::view::{ScenarioView, View};
use crate::model::{Outcome, PhaseKey};
use crate::report::clean::name as clean;
use crate::run::worker::{WORK, folder_name};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Removes the private directories of scenarios that need not be kept, and the run's folder if it is empty. Gives those
/// that are left.
pub fn tidy(prepared: &Prepared, view: &View) -> Vec<PathBuf> {
    let run_dir = &prepared.library.world().run_dir;
    // What is parked needs all of it.
    let mut outcomes = view.scenarios.iter().map(|scenario| scenario.outcome);
    if outcomes.any(|outcome| outcome == Some(Outcome::Parked)) {
        return Vec::new();
    }
    scripts::forget(run_dir);
    let work = run_dir.join(WORK);
    let wanted: BTreeSet<String> = match prepared.settings.keep {
        Keep::Always => folders(view.scenarios.iter()),
        Keep::OnFailure => {
            let bad = |scenario: &&ScenarioView| scenario.outcome.is_none_or(Outcome::is_bad);
            folders(view.scenarios.iter().filter(bad))
        }
        Keep::Never => BTreeSet::new(),
    };
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(&work).into_iter().flatten().flatten() {
        if wanted.contains(&*entry.file_name().to_string_lossy()) {
            kept.push(entry.path());
        } else {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    // Fail, as they should, unless they are empty.
    let _ = std::fs::remove_dir(&work);
    let _ = std::fs::remove_dir(run_dir);
    kept.sort();
    kept
}

/// The names of the private directories that `scenarios` may have made.
fn folders<'a>(scenarios: impl Iterator<Item = &'a ScenarioView>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for scenario in scenarios {
        for tried in &scenario.tries {
            names.insert(folder_name(&PhaseKey {
                scenario: scenario.declared.id.clone(),
                round: tried.round,
                try_number: tried.number,
                phase: "".into(),
            }));
        }
    }
    names
}

/// Says where the directories are that were kept, one a line while they are few.
pub fn tell(prepared: &Prepared, kept: &[PathBuf]) {
    const FEW: usize = 5;
    let settings = &prepared.settings;
    let shown = |path: &Path| {
        let near = path.strip_prefix(&settings.project.cwd).unwrap_or(path);
        clean(&near.to_string_lossy())
    };
    if kept.len() > FEW {
        let work = prepared.library.world().run_dir.join(WORK);
        eprintln!("kept: {} directories in {}", kept.len(), shown(&work));
        return;
    }
    for path in kept {
        eprintln!("kept: {}", shown(path));
    }
}
