//! The lounge of a run on a terminal: `pause()` and `--on-failure=repl` open a prompt where a script stands still.

use super::output;
use super::prepare::Prepared;
use super::terminal;
use crate::repl::{Account, Desk, Errand, Leave, Look, Manner, Session, Setting, Switch, converse};
use crate::report::{Palette, Screen, clean};
use crate::run::dispatcher::Planned;
use crate::run::lounge::{Decision, Lounge, Visit, Why};
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::inspect::{PAUSE, Variable};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;

/// A prompt on the terminal of the run.
pub struct Prompt {
    takes_failures: bool,
    screen: Screen,
    runtime: Handle,
    switch: Switch,
    palette: Palette,
    project: PathBuf,
    cwd: PathBuf,
    history: Option<PathBuf>,
    limit: Duration,
    /// One visitor at a time.
    turn: Mutex<()>,
}

/// What a visitor leaves undone is undone with the attempt.
const VISIT: Duration = Duration::from_secs(365 * 24 * 3600);

impl Prompt {
    /// Opens if somebody is there and anything may want it. Where nobody is, `--on-failure=repl` is told to do nothing.
    pub fn open(
        prepared: &Prepared,
        planned: &[Planned],
        screen: &Screen,
        runtime: &Handle,
    ) -> Option<Arc<Self>> {
        let settings = &prepared.settings;
        let takes_failures = settings.run.stops_on_failure;
        let is_there = std::io::stdin().is_terminal()
            && std::io::stdout().is_terminal()
            && std::io::stderr().is_terminal()
            && !settings.run.ci;
        if takes_failures && !is_there {
            let why = match settings.run.ci {
                true => "CI is set",
                false => "there is no terminal",
            };
            eprintln!(
                "warning: --on-failure=repl stops nowhere, because {why}: failures are only reported"
            );
        }
        let is_wanted = takes_failures || (!planned.is_empty() && prepared.library.calls(PAUSE));
        (is_there && is_wanted).then(|| {
            Arc::new(Self {
                takes_failures,
                screen: screen.clone(),
                runtime: runtime.clone(),
                switch: Switch::default(),
                palette: Palette::new(output::colors(settings)),
                project: settings.project.root.clone(),
                cwd: settings.project.cwd.clone(),
                history: terminal::history(settings),
                limit: settings.time.scaled(settings.time.phase),
                turn: Mutex::default(),
            })
        })
    }

    /// Whether Ctrl-C is meant for a visitor; then his call is cancelled.
    pub fn interrupt(&self) -> bool {
        self.screen.is_lent() && {
            self.switch.press("Ctrl-C");
            true
        }
    }

    fn desk(&self, visit: &Visit<'_>) -> Desk {
        let world = visit.attempt.world().clone();
        let (_, columns) = self.screen.size();
        let look = Look {
            palette: self.palette,
            columns: columns.max(20),
            lines: 200,
            world,
        };
        let host = Account::new(&self.runtime, look.clone());
        let clock = Arc::new(Clock::start("the visit", VISIT));
        let language = visit.library.language().clone();
        let attempt = visit.attempt.beside(host.clone(), language, clock);
        let folder = Path::new(visit.file).parent().unwrap_or(Path::new(""));
        let folder = folder.to_string_lossy();
        let mut session = Session::new(
            visit.library.clone(),
            attempt,
            host,
            &folder,
            self.switch.clone(),
        );
        session.limit = self.limit;
        // Its functions are there; what its top level computes, the attempt has.
        if let Err(problems) = session.adopt(visit.file) {
            for problem in problems {
                eprintln!("{}", clean::failure(&problem, 80));
            }
        }
        let globals: Vec<&str> = visit.library.language().global_names().collect();
        for (name, value) in &visit.variables {
            // Closures take `http` and its like in as if they were variables.
            if !session.holds_state(value) && !globals.contains(&name.as_str()) {
                session.set(name, value.clone());
            }
        }
        let (library, file) = (visit.library.clone(), visit.file.to_owned());
        let setting = Setting {
            interactive: true,
            is_guest: true,
            project: self.project.clone(),
            cwd: self.cwd.clone(),
            errands: Box::new(move |errand| match errand {
                Errand::Run(_) => Err("a run is under way; `retry` begins this phase anew".into()),
                Errand::Renew => library.reload(&file).map(drop).map_err(|problems| {
                    let told = problems.iter().map(|one| clean::failure(one, 80));
                    told.collect::<Vec<_>>().join("\n\n")
                }),
            }),
        };
        Desk::new(session, look, setting)
    }

    fn tell(&self, visit: &Visit<'_>) {
        let identity = visit.attempt.identity();
        let palette = self.palette;
        let place = format!("{} › {}", identity.scenario, identity.phase);
        match &visit.why {
            Why::Failed(news) => {
                let steps = news.iter().take(1).flat_map(|failure| &failure.steps);
                let place: String = steps.fold(place, |place, step| format!("{place} › {step}"));
                eprintln!(
                    "\n{} {}",
                    palette.bad("failed:"),
                    palette.strong(clean::name(&place))
                );
                let (_, columns) = self.screen.size();
                for failure in news.iter().take(3) {
                    let text = clean::failure(failure, columns.saturating_sub(8).max(20));
                    eprintln!("{}", visit.attempt.world().masker.mask(&text));
                }
            }
            Why::Paused(at) => {
                eprintln!(
                    "\n{} {}",
                    palette.warn("paused:"),
                    palette.strong(clean::name(&place))
                );
                if let Some(at) = at {
                    let (_, columns) = self.screen.size();
                    let frame = clean::place(at, columns.saturating_sub(8).max(20));
                    eprintln!("{}", palette.dim(visit.attempt.world().masker.mask(&frame)));
                }
            }
        }
        let words = "continue, retry (reads the file anew), skip; :help, :vars";
        eprintln!("{}", palette.dim(words));
    }
}

impl Lounge for Prompt {
    fn takes_failures(&self) -> bool {
        self.takes_failures
    }

    fn receive(&self, visit: Visit<'_>) -> (Decision, Vec<Variable>) {
        let _turn = self.turn.lock().unwrap_or_else(|e| e.into_inner());
        if visit.attempt.clock().is_stopped() && matches!(visit.why, Why::Paused(_)) {
            return (Decision::Continue, visit.variables);
        }
        let _lent = self.screen.lend();
        let word = match visit.why {
            Why::Failed(_) => "failed> ",
            Why::Paused(_) => "paused> ",
        };
        self.tell(&visit);
        let mut desk = self.desk(&visit);
        let manner = Manner::Terminal {
            prompt: word.into(),
            history: self.history.clone(),
        };
        let decision = match converse(&mut desk, manner) {
            Ok(Leave::Retry) => Decision::Retry,
            Ok(Leave::Skip) => Decision::Skip,
            Ok(Leave::Continue | Leave::Quit) => Decision::Continue,
            Err(error) => {
                eprintln!("warning: the terminal is gone: {error}");
                Decision::Continue
            }
        };
        let names: Vec<&str> = visit
            .variables
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let now = desk.session.variables().into_iter();
        let variables = now
            .filter(|(name, value)| {
                names.contains(&name.as_str()) && !desk.session.holds_state(value)
            })
            .collect();
        (decision, variables)
    }
}
