//! How reports are to look, from the settings and the terminal.

use crate::config::{Color, Settings};
use crate::model::ScenarioId;
use crate::report::{ColorChoice, Former, GithubPlaces, Options, Past, Screen, Surroundings};
use crate::store::{Before, Home, Store};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

/// How scenarios fared in earlier runs of the same store. A store that cannot be read has no past.
fn past(settings: &Settings) -> Past {
    let home = Home::new(&settings.project.store);
    Past(Arc::new(move |view| {
        let (Some(run), Ok(store)) = (&view.run, Store::open_existing(&home)) else {
            return HashMap::new();
        };
        let ids = view.scenarios.iter().map(|scenario| &scenario.declared.id);
        let found = store.before(&run.run, ids).unwrap_or_default();
        let former = |(id, past): (ScenarioId, Vec<Before>)| {
            let past = past.into_iter().map(|before| Former {
                run: before.run,
                outcome: before.outcome,
                flaky: before.flaky,
                took: before.took,
            });
            (id, past.collect())
        };
        found.into_iter().map(former).collect()
    }))
}

fn choice(settings: &Settings) -> ColorChoice {
    match settings.output.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
}

/// Whether to write in colour on standard output.
pub fn colors(settings: &Settings) -> bool {
    let around = Surroundings::read(|name| std::env::var(name).ok());
    around.wants_color(choice(settings), std::io::stdout().is_terminal())
}

/// The options of reporters.
pub fn options(settings: &Settings, run_dir: &Path) -> Options {
    let var = |name: &str| std::env::var(name).ok();
    let around = Surroundings::read(var);
    let choice = choice(settings);
    let out_is_terminal = std::io::stdout().is_terminal();
    let err_is_terminal = std::io::stderr().is_terminal();
    let screen = if around.wants_live(out_is_terminal, err_is_terminal) && !settings.output.quiet {
        Screen::live(around.wants_color(choice, err_is_terminal))
    } else {
        Screen::still(std::io::stderr())
    };
    let width = out_is_terminal.then(|| screen.size().1);
    Options {
        color: around.wants_color(choice, out_is_terminal),
        width,
        verbose: settings.output.verbose,
        quiet: settings.output.quiet,
        screen,
        project: settings.project.root.clone(),
        run_dir: run_dir.to_path_buf(),
        github: GithubPlaces {
            workspace: var("GITHUB_WORKSPACE").map(Into::into),
            step_summary: var("GITHUB_STEP_SUMMARY").map(Into::into),
        },
        past: Some(past(settings)),
        is_traced: settings.telemetry.otlp.is_some(),
    }
}
