//! From settings to what scripts see of them.

use crate::config::{Keep, Settings};
use scenario_stdlib::host::extensions::Extensions;
use scenario_stdlib::host::mask::Masker;
use scenario_stdlib::host::scope::Scopes;
use scenario_stdlib::host::world::{Keeping, World};
use scenario_stdlib::machine;
use std::path::PathBuf;

/// The world of a run.
pub fn world(
    settings: &Settings,
    run_id: &str,
    run_dir: PathBuf,
    base_url: Option<String>,
) -> World {
    let masker = Masker::default();
    for (name, value) in settings.secret_values() {
        masker.add_secret(name, value);
    }
    World {
        run_id: run_id.to_owned(),
        seed: settings.run.seed,
        project: settings.project.root.clone(),
        run_dir,
        ledgers: machine::folder(),
        env: super::prepare::environment(settings),
        vars: settings.vars.clone(),
        profile: settings.project.profile.clone(),
        base_url,
        http_headers: settings.http.headers.clone(),
        wait_timeout: settings.time.wait,
        http_timeout: settings.http.timeout,
        browsing: settings.browser.clone(),
        time_scale: settings.time.scale,
        live_output: settings.output.verbose > 0,
        traceparent: settings.telemetry.traceparent,
        keep_dirs: match settings.keep {
            Keep::Always => Keeping::Always,
            Keep::OnFailure => Keeping::OnFailure,
            Keep::Never => Keeping::Never,
        },
        masker,
        shared: Extensions::default(),
        scopes: Scopes::default(),
    }
}
