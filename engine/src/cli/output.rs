//! How reports are to look, from the settings and the terminal.

use crate::config::{Color, Settings};
use crate::report::{ColorChoice, GithubPlaces, Options, Screen, Surroundings};
use std::io::IsTerminal;
use std::path::Path;

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
    }
}
