//! `scenario repl`: the primitives live, for as long as somebody types.

use super::exit::Exit;
use super::repl_stack::Raised;
use super::stacks_up::Entry;
use super::system::System;
use super::tell::{Done, Trouble};
use super::{drive, prepare, repl_run, repl_stack, terminal, up, world};
use crate::config::{Color, Flags, OutputFlags, SettingFlags, Settings};
use crate::repl::{Account, Desk, Errand, Leave, Look, Manner, Session, Setting, Switch, converse};
use crate::report::Palette;
use crate::source::Library;
use crate::source::prompt::below;
use crate::store::{Home, new_run_id};
use jiff::Timestamp;
use scenario_stdlib::guard::Guard;
use scenario_stdlib::host::attempt::{Attempt, Identity};
use scenario_stdlib::host::clock::Clock;
use scenario_stdlib::host::duration;
use scenario_stdlib::host::failure::Failure;
use scenario_stdlib::host::world::Keeping;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Evaluates statements as they are typed, or come through a pipe.
#[derive(clap::Args)]
pub struct Args {
    /// A script or module whose functions and imports are there; a stack it declares is brought up
    pub file: Option<String>,
    /// Bring a stack up that stays as long as the session
    #[arg(long, value_name = "FILE[::NAME]")]
    pub stack: Vec<String>,
    /// Begin with the state that a scenario of this run left
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "latest")]
    pub run: Option<String>,
    /// Which scenario of the run
    #[arg(long, value_name = "NAME", requires = "run")]
    pub scenario: Option<String>,
    /// How long one statement may take
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub timeout: Option<Duration>,
    #[command(flatten)]
    pub settings: SettingFlags,
    /// Whether to write in colour
    #[arg(long, value_name = "WHEN")]
    pub color: Option<Color>,
}

/// How long services may take to end.
const ENDING_LIMIT: Duration = Duration::from_secs(60);

/// An attempt of a session never ends by itself.
const SESSION: Duration = Duration::from_secs(365 * 24 * 3600);

fn time(text: &str) -> Result<Duration, String> {
    duration::parse(text).map_err(|error| error.to_string())
}

pub fn main(args: Args) -> Done {
    let mut flags = Flags {
        settings: args.settings.clone(),
        output: OutputFlags {
            color: args.color,
            ..OutputFlags::default()
        },
        ..Flags::default()
    };
    let past = match &args.run {
        Some(run) => Some(repl_run::Past::read(
            run,
            args.scenario.as_deref(),
            &mut flags,
        )?),
        None => None,
    };
    let settings = prepare::settings(&flags)?;
    let runtime = drive::runtime()?;
    let system = System::start(&settings, &runtime)?;
    let base_url = system.base_url.clone();
    let exit = on_big_stack(|| open(&args, &settings, &runtime, base_url, past.as_ref()));
    system.stop(&runtime);
    exit
}

/// Scripts may nest deeper than the main thread of some systems has room for.
fn on_big_stack(work: impl FnOnce() -> Done + Send) -> Done {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("script".into())
            .stack_size(scenario_stdlib::language::STACK_SIZE)
            .spawn_scoped(scope, work)?;
        thread
            .join()
            .unwrap_or_else(|_| Err(Failure::fault("the session panicked").into()))
    })
}

fn open(
    args: &Args,
    settings: &Settings,
    runtime: &Runtime,
    base_url: Option<String>,
    past: Option<&repl_run::Past>,
) -> Done {
    let home = Home::new(&settings.project.store);
    let run = new_run_id(Timestamp::now());
    let run_dir = home
        .run_dir(&run)
        .map_err(|error| Failure::fault(error.to_string()))?;
    let id = past.map_or(&run, |past| &past.run);
    let mut world = world::world(settings, &id.0, run_dir.clone(), base_url.clone());
    // A person tries things: what fails is no reason to keep directories.
    world.keep_dirs = Keeping::Never;
    let world = Arc::new(world);
    let library = Arc::new(Library::new(
        world.clone(),
        settings.project.modules.clone(),
    ));
    let interactive = std::io::stdin().is_terminal();
    let look = look(settings, &world, interactive);
    let host = Account::new(runtime.handle(), look.clone());
    let file = match args.file.as_deref() {
        Some(file) => Some(one_file(settings, file)?),
        None => past.and_then(repl_run::Past::file),
    };
    let folder = below(&settings.project.root, &settings.project.cwd);
    let clock = Arc::new(Clock::start("the session", SESSION));
    let identity = Identity {
        scenario: format!("{}::repl", file.as_deref().unwrap_or("repl")),
        phase: "repl".into(),
        round: 1,
        try_number: 1,
        attempt: 1,
        seed: world.seed,
        script_dir: match &file {
            Some(file) => parent(&settings.project.root.join(file)),
            None => settings.project.cwd.clone(),
        },
        work_dir: run_dir.join(crate::run::worker::WORK).join("repl").into(),
    };
    let state = past.map(repl_run::Past::state).unwrap_or_default();
    let language = library.language().clone();
    let attempt = Attempt::new(
        identity,
        host.clone(),
        world.clone(),
        language,
        state,
        clock.clone(),
    );
    let switch = Switch::default();
    terminal::cancel_on_interrupt(runtime.handle(), &switch, interactive);
    let mut session = Session::new(library.clone(), attempt.clone(), host, &folder, switch);
    session.limit = args
        .timeout
        .unwrap_or_else(|| settings.time.scaled(settings.time.phase));
    let setting = Setting {
        interactive,
        is_guest: false,
        project: settings.project.root.clone(),
        cwd: settings.project.cwd.clone(),
        errands: Box::new({
            let flags = run_flags(&args.settings, base_url);
            move |errand| match errand {
                Errand::Run(target) => run_scenarios(target, &flags),
                Errand::Renew => Err("no script stands still here".into()),
            }
        }),
    };
    let mut desk = Desk::new(session, look, setting);
    let mut entries = Vec::new();
    let done = begin(args, file.as_deref(), &home, &mut desk, &mut entries, past)
        .and_then(|()| talk(&mut desk, settings, interactive));
    for entry in &entries {
        entry.withdraw();
    }
    end(&attempt, &clock);
    let _ = std::fs::remove_dir_all(run_dir.join(crate::run::worker::WORK));
    // Only if nothing was attached.
    let _ = std::fs::remove_dir(&run_dir);
    done
}

/// Opens the file, brings stacks up, tells what there is.
fn begin(
    args: &Args,
    file: Option<&str>,
    home: &Home,
    desk: &mut Desk,
    entries: &mut Vec<Entry>,
    past: Option<&repl_run::Past>,
) -> Result<(), Trouble> {
    if let Some(file) = file {
        let news = desk.session.open(file)?;
        desk.warn(&news);
    }
    if let Some(past) = past {
        past.tell(desk.look());
    }
    let mut raised: Vec<Raised> = Vec::new();
    for text in &args.stack {
        raised.push(repl_stack::named(text, desk)?);
    }
    if let Some(file) = file.filter(|_| args.stack.is_empty() && past.is_none()) {
        raised.extend(repl_stack::only_one(file, desk)?);
    }
    for raised in raised {
        entries.push(raised.announce(home)?);
    }
    Ok(())
}

fn talk(desk: &mut Desk, settings: &Settings, interactive: bool) -> Done {
    let manner = match interactive {
        true => {
            let greeting = format!("scenario {}  :help, Ctrl-D ends", env!("CARGO_PKG_VERSION"));
            eprintln!("{}", desk.look().palette.dim(greeting));
            Manner::Terminal {
                prompt: "> ".into(),
                history: terminal::history(settings),
            }
        }
        false => Manner::Pipe,
    };
    let leave = converse(desk, manner)?;
    debug_assert_eq!(leave, Leave::Quit, "only a guest leaves otherwise");
    Ok(match (interactive, desk.has_failed()) {
        (false, _) if desk.session.switch().was_pressed() => Exit::Interrupted,
        (false, true) => Exit::Failure,
        _ => Exit::Passed,
    })
}

/// Ends what the session started, the last first.
fn end(attempt: &Attempt, clock: &Arc<Clock>) {
    let undoing = attempt.on_clock(clock.begin_cleanup(ENDING_LIMIT));
    while let Some(cleanup) = attempt.next_cleanup() {
        if let Err(failure) = (cleanup.run)(&undoing) {
            eprintln!(
                "warning: clean-up \"{}\": {}",
                cleanup.title, failure.message
            );
        }
    }
    up::end(attempt, clock, false);
    if let Some(guard) = Guard::existing(attempt.world()) {
        guard.finish(ENDING_LIMIT);
    }
}

/// How values are shown here.
fn look(
    settings: &Settings,
    world: &Arc<scenario_stdlib::host::world::World>,
    interactive: bool,
) -> Look {
    let options = super::output::colors(settings);
    let columns = console::Term::stdout()
        .size_checked()
        .map(|(_, columns)| columns);
    Look {
        palette: Palette::new(options),
        columns: columns.map_or(100, usize::from).max(20),
        lines: if interactive { 200 } else { usize::MAX },
        world: world.clone(),
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The one script meant, relative to the project.
pub fn one_file(settings: &Settings, path: &str) -> Result<String, Trouble> {
    let full = settings.project.cwd.join(path);
    if !full.is_file() {
        return Err(Failure::usage(format!("there is no file {path}"))
            .hint("name a script: scenario repl scenarios/shop.rhai")
            .into());
    }
    Ok(below(&settings.project.root, &full))
}

/// The flags of this session, for a run that it starts.
fn run_flags(flags: &SettingFlags, base_url: Option<String>) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    if let Some(profile) = &flags.profile {
        add("profile", profile.clone());
    }
    for (name, value) in &flags.env {
        add("env", format!("{name}={value}"));
    }
    for (name, value) in &flags.var {
        add("var", format!("{name}={value}"));
    }
    if let Some(url) = base_url {
        add("base-url", url);
    }
    if let Some(store) = &flags.store {
        add("store", store.clone());
    }
    words
}

fn run_scenarios(target: &str, flags: &[String]) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = Command::new(program)
        .arg("run")
        .args(flags)
        .args(target.split_whitespace())
        .status()
        .map_err(|error| format!("cannot start a run: {error}"))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => Err(format!("the run ended with exit code {code}")),
        None => Err("the run was killed".into()),
    }
}
