//! The scripts of a run as they were when it began, for as long as something of it may be resumed: so that a resume can
//! show what was edited meanwhile.

use super::prepare::Prepared;
use crate::run::dispatcher::Planned;
use similar::TextDiff;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a difference that are shown.
const LINES: usize = 40;

fn folder(run_dir: &Path) -> PathBuf {
    run_dir.join("scripts")
}

/// Keeps the scripts of scenarios that can be left in the middle.
pub fn keep(prepared: &Prepared, planned: &[Planned]) {
    let several = planned
        .iter()
        .filter(|planned| planned.declared.phases.len() > 1);
    let files: BTreeSet<&str> = several.map(|planned| planned.declared.id.file()).collect();
    let folder = folder(&prepared.library.world().run_dir);
    for file in files {
        let Some(text) = prepared.library.language().sources().get(file) else {
            continue;
        };
        let path = folder.join(file);
        // Without it a resume still refuses what was edited; it only cannot show it.
        let _ = path.parent().map(fs::create_dir_all);
        let _ = fs::write(path, text.as_bytes());
    }
}

/// What was edited in a script since the run began, line by line; `None` if it is not known any more.
pub fn edits(run_dir: &Path, file: &str, now: &str) -> Option<String> {
    let before = fs::read_to_string(folder(run_dir).join(file)).ok()?;
    let diff = TextDiff::from_lines(before.as_str(), now);
    let text = diff
        .unified_diff()
        .context_radius(2)
        .header("when the run began", "now")
        .to_string();
    let lines: Vec<&str> = text.lines().collect();
    let more = lines.len().saturating_sub(LINES);
    let mut shown = lines[..lines.len() - more].join("\n");
    if more > 0 {
        shown.push_str(&format!("\n… {more} more lines"));
    }
    Some(shown)
}

/// Nothing of the run can be resumed any more.
pub fn forget(run_dir: &Path) {
    let _ = fs::remove_dir_all(folder(run_dir));
}
