//! Tells people and machines about a run. A reporter sees every event, live or replayed from the store, with the view
//! folded so far; it never steers the run. It knows the model, and nothing of how scenarios are run or stored.
//!
//! [`REPORTERS`] is the table of all there are: a new one is a file and a row. [`Reporters`] feeds those that were
//! chosen and keeps a broken one from harming the others.

mod allure;
pub mod clean;
mod ctrf;
mod digest;
mod echo;
mod error;
pub mod fit;
pub mod foreground;
mod frame;
mod github;
pub mod html;
mod json;
mod junit;
mod multiplexer;
pub mod next;
pub mod notify;
pub mod otlp;
mod output;
mod palette;
mod perfetto;
mod screen;
mod setback;
mod spans;
mod tap;
mod terminal;
mod tiers;
mod timeline;
mod times;
mod verdict;

#[cfg(test)]
mod sinks;
#[cfg(test)]
mod story;

pub use error::{Broken, ReportError};
pub use multiplexer::Reporters;
pub use output::Output;
pub use palette::{ColorChoice, Palette, Surroundings};
pub use screen::{Lent, Screen};
pub use terminal::status;

use crate::model::view::{ScenarioView, TryView};
use crate::model::{Event, Outcome, RunId, ScenarioId, View};
use scenario_stdlib::host::{suggest, trace};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Someone who watches a run and tells about it.
pub trait Reporter: Send {
    /// `event` happened; it is folded into `view` already.
    fn on(&mut self, event: &Event, view: &View) -> io::Result<()>;

    /// A former process told this of the run that this one goes on with. It was shown then; only who keeps what `view`
    /// forgets has a use for it.
    fn past(&mut self, _event: &Event, _view: &View) -> io::Result<()> {
        Ok(())
    }

    /// Whether it wants to be told that.
    fn recalls(&self) -> bool {
        false
    }

    /// Time went by without an event; called some ten times a second while the run is live, never in a replay.
    fn tick(&mut self, _view: &View) -> io::Result<()> {
        Ok(())
    }

    /// Nothing more will come. The run may have been killed: then `view.ended` is missing.
    fn finish(&mut self, view: &View) -> io::Result<()>;
}

/// How reports are to look; made once, by whoever knows the command line and the environment.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Colour on stdout. Files are never coloured.
    pub color: bool,
    /// Columns of the terminal that stdout is; `None` when it is none, and then nothing is cut.
    pub width: Option<usize>,
    /// 1: steps, logs and observations too, as they happen; 2: what the steps have to show besides.
    pub verbose: u8,
    /// Only what went wrong, and the sum.
    pub quiet: bool,
    /// Where what is going on is drawn, and messages are shown around it.
    pub screen: Screen,
    /// The project's directory; files in scripts' places are relative to it.
    pub project: PathBuf,
    /// The run's directory; attachments are relative to it.
    pub run_dir: PathBuf,
    /// What GitHub Actions tells its jobs.
    pub github: GithubPlaces,
    /// How scenarios fared in runs before this one, for who asks.
    pub past: Option<Past>,
    /// Traces are sent somewhere: failures name theirs.
    pub is_traced: bool,
}

/// How a scenario fared in a former run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    pub run: RunId,
    pub outcome: Outcome,
    pub flaky: bool,
    pub took: Duration,
}

/// Looks up how scenarios fared before a run, newest first.
#[derive(Clone)]
pub struct Past(pub Arc<dyn Fn(&View) -> Formers + Send + Sync>);

/// How scenarios fared, newest first.
pub type Formers = HashMap<ScenarioId, Vec<Former>>;

impl std::fmt::Debug for Past {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Past")
    }
}

/// The trace that a try is: what the system did meanwhile goes by the same name.
fn trace_of(run: &str, scenario: &ScenarioView, tried: &TryView) -> String {
    trace::trace(run, &scenario.declared.id.0, tried.round, tried.number).to_string()
}

/// Where GitHub expects things.
#[derive(Clone, Debug, Default)]
pub struct GithubPlaces {
    /// `GITHUB_WORKSPACE`: annotations name files relative to it.
    pub workspace: Option<PathBuf>,
    /// `GITHUB_STEP_SUMMARY`: Markdown is appended here.
    pub step_summary: Option<PathBuf>,
}

impl Options {
    /// How the scenarios of `view` fared before, as far as it is known.
    fn past_of(&self, view: &View) -> Formers {
        self.past
            .as_ref()
            .map(|past| (past.0)(view))
            .unwrap_or_default()
    }

    /// An attachment as a person can open it: relative to the project where it lies in it.
    fn attachment(&self, path: &str) -> String {
        let path = self.run_dir.join(path);
        let path = path.strip_prefix(&self.project).unwrap_or(&path);
        clean::line(&path.to_string_lossy(), 1024)
    }
}

/// One kind of reporter.
pub struct Row {
    pub name: &'static str,
    /// One line for `--help`.
    pub help: &'static str,
    /// Its lines can stand between those of another reporter, so both may go to stdout.
    shares_stdout: bool,
    make: fn(&Options, &Output) -> io::Result<Box<dyn Reporter>>,
}

/// All kinds of reporters.
pub static REPORTERS: &[Row] = &[
    Row {
        name: "terminal",
        help: "for people: progress, failures in full, a summary",
        shares_stdout: false,
        make: terminal::make,
    },
    Row {
        name: "html",
        help: "one page with everything: failures first, steps, timelines, logs, pictures",
        shares_stdout: false,
        make: html::make,
    },
    Row {
        name: "junit",
        help: "JUnit XML: a suite a file, a case a scenario, every try kept",
        shares_stdout: false,
        make: junit::make,
    },
    Row {
        name: "json",
        help: "the event stream as JSON lines, written as it happens",
        shares_stdout: false,
        make: json::make,
    },
    Row {
        name: "times",
        help: "what each scenario took, in seconds, for --times of a later sharded run",
        shares_stdout: false,
        make: times::make,
    },
    Row {
        name: "tap",
        help: "TAP version 14 with YAML diagnostics",
        shares_stdout: false,
        make: tap::make,
    },
    Row {
        name: "github",
        help: "annotations for GitHub Actions, and a step summary",
        shares_stdout: true,
        make: github::make,
    },
    Row {
        name: "markdown",
        help: "how it came out and what broke, in Markdown: the same as the step summary",
        shares_stdout: false,
        make: github::make_markdown,
    },
    Row {
        name: "digest",
        help: "what broke, in short, as JSON: to paste into a chat",
        shares_stdout: false,
        make: digest::make,
    },
    Row {
        name: "ctrf",
        help: "CTRF, the common test report format, one JSON document",
        shares_stdout: false,
        make: ctrf::make,
    },
    Row {
        name: "allure",
        help: "a folder of Allure results: allure=DIR",
        shares_stdout: false,
        make: allure::make,
    },
    Row {
        name: "perfetto",
        help: "a trace for Perfetto or chrome://tracing",
        shares_stdout: false,
        make: perfetto::make,
    },
    Row {
        name: "otlp",
        help: "the run as OpenTelemetry spans, OTLP in JSON",
        shares_stdout: false,
        make: otlp::make,
    },
    Row {
        name: "notify",
        help: "what is posted at the end of a run, see notify.url",
        shares_stdout: false,
        make: notify::make,
    },
];

/// A reporter that was asked for: `terminal`, `junit=reports/junit.xml`.
#[derive(Clone)]
pub struct Spec {
    row: &'static Row,
    output: Output,
}

impl Spec {
    /// Reads `NAME` or `NAME=FILE`; `-` is stdout too.
    pub fn parse(text: &str) -> Result<Self, ReportError> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let names = || REPORTERS.iter().map(|row| row.name);
        let Some(row) = REPORTERS.iter().find(|row| row.name == name) else {
            return Err(ReportError::Unknown {
                name: clean::name(name),
                hint: suggest::hint(name, names().collect::<Vec<_>>()).unwrap_or_default(),
            });
        };
        let output = match file {
            None | Some("-") => Output::Stdout,
            Some("") => {
                return Err(ReportError::NoFile {
                    spec: text.to_owned(),
                    name: name.to_owned(),
                });
            }
            Some(file) => Output::File(file.into()),
        };
        Ok(Self { row, output })
    }

    /// Which reporter it is.
    pub fn name(&self) -> &'static str {
        self.row.name
    }

    /// Where it writes to.
    pub fn output(&self) -> &Output {
        &self.output
    }
}

impl std::fmt::Debug for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={:?}", self.row.name, self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reporter_is_asked_for_by_name_with_or_without_a_file() {
        let spec = Spec::parse("junit=reports/a=b.xml").unwrap();
        assert_eq!(spec.name(), "junit");
        assert_eq!(*spec.output(), Output::File("reports/a=b.xml".into()));
        assert_eq!(*Spec::parse("tap").unwrap().output(), Output::Stdout);
        assert_eq!(*Spec::parse("tap=-").unwrap().output(), Output::Stdout);
    }

    #[test]
    fn an_unknown_reporter_is_met_with_a_suggestion() {
        assert_eq!(
            Spec::parse("juint=x").unwrap_err().to_string(),
            "there is no reporter called `juint`\n  hint: did you mean `junit`?"
        );
        assert_eq!(
            Spec::parse("excel").unwrap_err().to_string(),
            "there is no reporter called `excel`\n  hint: known are: allure, ctrf, digest, github, html, json, junit, markdown, notify, otlp, perfetto, tap, terminal, times"
        );
        assert_eq!(
            Spec::parse("junit=").unwrap_err().to_string(),
            "`junit=` names a reporter but no file\n  hint: write junit=FILE, or junit alone for stdout"
        );
    }

    #[test]
    fn attachments_are_shown_relative_to_the_project() {
        let options = Options {
            project: "/home/ada/shop".into(),
            run_dir: "/home/ada/shop/.scenario/runs/r1".into(),
            ..Options::default()
        };
        assert_eq!(options.attachment("shot.png"), ".scenario/runs/r1/shot.png");
    }
}
