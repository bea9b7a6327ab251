//! What a scenario refers to beside its events: files that were kept, and lines of scripts.

use super::account::Shown;
use crate::model::view::{ScenarioView, TryView};
use std::borrow::Cow;

/// A file of the run's directory.
pub struct Asset<'a> {
    pub path: Cow<'a, str>,
    pub media_type: &'a str,
}

/// The files of a try: attachments, and the pictures that browser steps name.
pub fn paths<'a>(tried: &'a TryView, shown: &'a Shown) -> Vec<Asset<'a>> {
    let mut found = Vec::new();
    for phase in &tried.phases {
        for attempt in &phase.attempts {
            found.extend(attempt.attachments.iter().map(|one| Asset {
                path: Cow::from(&one.path),
                media_type: &one.media_type,
            }));
            for step in &attempt.steps {
                let data = shown.of(
                    tried.round,
                    tried.number,
                    &phase.name,
                    attempt.number,
                    step.id,
                );
                let data = data.unwrap_or(&step.data).read();
                for name in ["before", "after"] {
                    if let Some(path) = data.get(name).and_then(|path| path.as_str()) {
                        let media_type = "image/png";
                        let path = path.to_owned().into();
                        found.push(Asset { path, media_type });
                    }
                }
            }
        }
    }
    found
}

/// Every `file:line` a step or a failure of the scenario names; of failures, with the lines around them.
pub fn sites(scenario: &ScenarioView) -> Vec<(&str, u32)> {
    const AROUND: u32 = 2;
    let mut sites = Vec::new();
    for phase in scenario.tries.iter().flat_map(|tried| &tried.phases) {
        let of_attempts = phase.attempts.iter().flat_map(|attempt| &attempt.failures);
        for failure in of_attempts.chain(&phase.failures) {
            if let Some(at) = &failure.location {
                let around = at.line.saturating_sub(AROUND)..=at.line.saturating_add(AROUND);
                sites.extend(around.map(|line| (at.file.as_str(), line)));
            }
        }
        for step in phase.attempts.iter().flat_map(|attempt| &attempt.steps) {
            if let Some((file, line)) = step.site.rsplit_once(':')
                && let Ok(line) = line.parse()
            {
                sites.push((file, line));
            }
        }
    }
    sites
}
